/**
 * One request and its reply, with what the SDK's own transport lacks: deadlines per phase, no redirects, a cap on the
 * body, documented proxy rules, and the knowledge whether request bytes may have left.
 *
 * A request counts as sent from the moment its connection stands (`connect`, or `secureConnect` over TLS), because
 * node writes what was queued right then. Before that moment nothing can have reached the service. On a kept-alive
 * connection it counts as sent at once: a server that closes an idle connection at the same time leaves no proof.
 */
import * as http from "node:http"
import * as https from "node:https"
import type { Socket } from "node:net"
import { promisify } from "node:util"
import { gunzip } from "node:zlib"
import { sharedLookup } from "./lookup.ts"
import { type Env, proxyFor } from "./proxy.ts"
import { TunnelAgent } from "./tunnel.ts"

export interface TransportLimits {
  /** Name lookup, connection, proxy and TLS handshake together, in ms. */
  readonly connectMs: number
  /** Without a byte of the body, in ms. */
  readonly idleMs: number
  /** Bytes of a body, before and after decompression. */
  readonly maxBytes: number
}

export const DEFAULT_LIMITS: TransportLimits = { connectMs: 10_000, idleMs: 10_000, maxBytes: 16 << 20 }

export type TransportFault =
  | "Aborted"
  | "ConnectionLost"
  | "ConnectionRefused"
  | "Dns"
  | "InvalidReply"
  | "Proxy"
  | "Timeout"
  | "Tls"
  | "TooLarge"

/** No readable reply. `sent`: bytes of the request may have left. */
export class TransportError extends Error {
  readonly fault: TransportFault
  readonly sent: boolean
  /** `cause`: what the system said, with its code. */
  constructor(fault: TransportFault, sent: boolean, message: string, cause?: Error) {
    super(message, cause === undefined ? {} : { cause })
    this.fault = fault
    this.sent = sent
  }
}

export interface Exchange {
  /** POST where it is absent: the image API knows nothing else. */
  readonly method?: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** From the call to the last byte of the reply, in ms. */
  readonly totalMs: number
  readonly signal?: AbortSignal | undefined
  /** So many bytes of the body are enough: what follows is not read, and no encoding is undone. */
  readonly enough?: number
  /** The request is leaving now. */
  readonly onSent?: () => void
}

export interface Reply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

export interface Transport {
  /** Rejects with a TransportError. Any status is a reply. */
  post(exchange: Exchange): Promise<Reply>
  close(): void
}

const unzip = promisify(gunzip)

/** Idle connections are given up before usual servers do (5 s and more), so that few are found stale. */
const KEEP_IDLE_MS = 3_000

/** `ca`: authorities to trust instead of node's own. */
export function createTransport(
  env: Env,
  limits: TransportLimits = DEFAULT_LIMITS,
  ca?: https.AgentOptions["ca"],
): Transport {
  const agents = new Map<string, http.Agent>()
  const options: https.AgentOptions = {
    keepAlive: true,
    timeout: KEEP_IDLE_MS,
    maxSockets: 128,
    rejectUnauthorized: true,
    lookup: sharedLookup(),
    ...(ca === undefined ? {} : { ca }),
  }
  const agentFor = (url: URL): http.Agent => {
    const proxy = proxyFor(url, env)
    const key = proxy === undefined ? url.protocol : proxy.href
    let agent = agents.get(key)
    if (agent === undefined) {
      if (proxy !== undefined) agent = new TunnelAgent(proxy, options)
      else agent = url.protocol === "http:" ? new http.Agent(options) : new https.Agent(options)
      agents.set(key, agent)
    }
    return agent
  }
  return {
    async post(exchange) {
      let agent: http.Agent
      try {
        agent = agentFor(exchange.url)
      } catch (error) {
        throw new TransportError("Proxy", false, (error as Error).message)
      }
      const raw = await send(exchange, agent, limits)
      return exchange.enough === undefined ? { ...raw, body: await decoded(raw, limits) } : raw
    },
    close() {
      for (const agent of agents.values()) agent.destroy()
      agents.clear()
    },
  }
}

function send(exchange: Exchange, agent: http.Agent, limits: TransportLimits): Promise<Reply> {
  const { url, signal, enough } = exchange
  return new Promise((resolve, reject) => {
    let sent = false
    let settled = false
    const { method = "POST", body } = exchange
    const bare = body.length === 0 && (method === "GET" || method === "HEAD")
    const request = (url.protocol === "http:" ? http : https).request(url, {
      method,
      agent,
      headers: { ...exchange.headers, ...(bare ? {} : { "content-length": String(body.length) }) },
    })
    const timers = new Set<NodeJS.Timeout>()
    const timer = (ms: number, what: string): NodeJS.Timeout => {
      const t = setTimeout(() => fail(new TransportError("Timeout", sent, what)), ms)
      timers.add(t)
      return t
    }
    const settle = (): void => {
      settled = true
      for (const t of timers) clearTimeout(t)
      signal?.removeEventListener("abort", onAbort)
    }
    const fail = (error: Error): void => {
      if (settled) return
      settle()
      request.destroy()
      reject(error instanceof TransportError ? error : faultOf(error, sent))
    }
    const onAbort = (): void => fail(new TransportError("Aborted", sent, "The call was aborted."))

    timer(exchange.totalMs, `No complete reply from ${url.host} within ${exchange.totalMs} ms.`)
    const connecting = timer(limits.connectMs, `No connection to ${url.host} within ${limits.connectMs} ms.`)
    const leaving = (): void => {
      if (settled || sent) return
      sent = true
      clearTimeout(connecting)
      exchange.onSent?.()
    }
    request.once("socket", (socket: Socket) => {
      if (request.reusedSocket) leaving()
      else socket.once(url.protocol === "https:" ? "secureConnect" : "connect", leaving)
    })
    request.on("error", fail)
    request.once("response", (response) => {
      const chunks: Buffer[] = []
      let size = 0
      const idle = timer(limits.idleMs, `The reply of ${url.host} stalled for ${limits.idleMs} ms.`)
      const done = (taken: Buffer): void => {
        if (settled) return
        settle()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: taken })
      }
      const more = enough === undefined ? () => false : moreThan(enough, response)
      response.on("data", (chunk: Buffer) => {
        size += chunk.length
        chunks.push(chunk)
        if (more(size)) {
          done(Buffer.concat(chunks, enough))
          request.destroy()
        } else if (size > limits.maxBytes) fail(tooLarge(limits))
        idle.refresh()
      })
      response.on("error", fail)
      response.once("aborted", () =>
        fail(new TransportError("ConnectionLost", true, "The reply was cut short.")),
      )
      response.once("end", () => done(Buffer.concat(chunks)))
    })
    if (signal?.aborted === true) return onAbort()
    signal?.addEventListener("abort", onAbort, { once: true })
    // An empty body is a write of its own.
    request.end(bare ? undefined : body)
  })
}

/** Whether a body goes on after what is enough of it. A connection whose last byte was read can serve again. */
function moreThan(enough: number, response: http.IncomingMessage): (size: number) => boolean {
  const ends = response.headers["content-length"] === String(enough)
  return (size) => size > enough || (size === enough && !ends)
}

function tooLarge(limits: TransportLimits): TransportError {
  return new TransportError("TooLarge", true, `The reply is larger than ${limits.maxBytes} bytes.`)
}

async function decoded(reply: Reply, limits: TransportLimits): Promise<Buffer> {
  const encoding = reply.headers["content-encoding"] ?? "identity"
  if (encoding === "identity") return reply.body
  if (encoding !== "gzip")
    throw new TransportError("InvalidReply", true, `The reply is encoded as ${encoding}.`)
  try {
    return await unzip(reply.body, { maxOutputLength: limits.maxBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(limits)
    throw new TransportError("InvalidReply", true, "The reply is not valid gzip.")
  }
}

/** Codes of node that mean a bad certificate or handshake. */
const TLS_CODE =
  /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|CRL_)/

function faultOf(error: NodeJS.ErrnoException, sent: boolean): TransportError {
  const code = error.code ?? ""
  const text = error.message === "" ? code : error.message
  const made = (fault: TransportFault, wasSent: boolean, message: string): TransportError =>
    new TransportError(fault, wasSent, message, error)
  if (code === "PROXY") return made("Proxy", false, text)
  if (!sent && (error.syscall === "getaddrinfo" || code === "ENOTFOUND" || code === "EAI_AGAIN")) {
    return made("Dns", false, text)
  }
  if (!sent && (TLS_CODE.test(code) || code === "EPROTO")) return made("Tls", false, text)
  if (!sent && code === "ETIMEDOUT") return made("Timeout", false, text || "The connection timed out.")
  if (!sent) {
    // Refused, unreachable, or closed before it stood: in every case nothing was written.
    return made("ConnectionRefused", false, text || "The connection could not be made.")
  }
  return made("ConnectionLost", true, text || "The connection was lost.")
}
