import { type Agent, request } from "node:http"
import type { Emulator } from "../../src/emulator/index.ts"
import { afterSteady } from "../support/steady.ts"
import { type RawOptions, signed } from "./helpers.ts"

/** What a call came to on the wire. `error` is the code of a broken connection, or `timeout`. */
export interface Seen {
  status?: number
  headers: Record<string, string | string[] | undefined>
  text: string
  bytes: number
  error?: string
  socket?: number
}

export interface WireOptions extends RawOptions {
  /** Milliseconds of steady time until it gives up; by default 250. */
  patience?: number
  agent?: Agent
  /** Gives up after so many bytes. */
  most?: number
}

/** One call with node:http and nothing else: no redirects, no decoding, no retries. Never throws. */
export function wire(
  emulator: Emulator,
  action: string,
  parameters: unknown = {},
  options: WireOptions = {},
): Promise<Seen> {
  const { method, path, headers, body } = signed(emulator, action, parameters, options)
  const seen: Seen = { headers: {}, text: "", bytes: 0 }
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    const end = (error?: string): void => {
      takeBack()
      if (error !== undefined) seen.error ??= error
      seen.text = Buffer.concat(parts).toString("latin1")
      sent.destroy()
      resolve(seen)
    }
    const sent = request({
      host: "127.0.0.1",
      port: emulator.port,
      method,
      path,
      headers: { ...headers, "content-length": Buffer.byteLength(body) },
      ...(options.agent === undefined ? { agent: false } : { agent: options.agent }),
    })
    const takeBack = afterSteady(options.patience ?? 250, () => end("timeout"))
    sent.on("socket", (socket) => {
      socket.once("connect", () => (seen.socket = socket.localPort ?? 0))
      seen.socket = socket.localPort ?? 0
    })
    sent.on("error", (error: NodeJS.ErrnoException) => end(error.code))
    sent.on("response", (reply) => {
      seen.status = reply.statusCode ?? 0
      seen.headers = reply.headers
      reply.on("data", (part: Buffer) => {
        seen.bytes += part.length
        if (seen.bytes <= 1_000_000) parts.push(part)
        if (seen.bytes > (options.most ?? Infinity)) end("enough")
      })
      reply.on("error", (error: NodeJS.ErrnoException) => end(error.code))
      reply.on("end", () => end())
    })
    sent.end(body)
  })
}
