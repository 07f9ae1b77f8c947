/** An https agent whose connections are tunnelled through a proxy by CONNECT. */
import * as http from "node:http"
import * as https from "node:https"
import type { Duplex } from "node:stream"
import * as tls from "node:tls"

/** The proxy did not open the tunnel; nothing of the request has left. */
export class ProxyError extends Error {
  readonly code = "PROXY"
}

type Created = (error: Error | null, socket?: Duplex) => void

export class TunnelAgent extends https.Agent {
  readonly #proxy: URL
  constructor(proxy: URL, options: https.AgentOptions) {
    super(options)
    this.#proxy = proxy
  }

  /** Called by node:http for each new connection; answers through the callback. */
  override createConnection(options: tls.ConnectionOptions, created: Created): undefined {
    const target = `${options.host ?? ""}:${options.port ?? 443}`
    const proxy = this.#proxy
    const headers: Record<string, string> = { host: target }
    if (proxy.username !== "") {
      const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
      headers["proxy-authorization"] = `Basic ${Buffer.from(pair).toString("base64")}`
    }
    const connect = (proxy.protocol === "https:" ? https : http).request({
      host: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: proxy.port === "" ? (proxy.protocol === "https:" ? 443 : 80) : Number(proxy.port),
      method: "CONNECT",
      path: target,
      headers,
      agent: false,
      timeout: 10_000,
    })
    connect.once("connect", (reply, socket, head) => {
      if (reply.statusCode !== 200 || head.length > 0) {
        socket.destroy()
        created(new ProxyError(`the proxy answered ${reply.statusCode ?? "nothing"} to CONNECT`))
        return
      }
      const { path: _path, ...tlsOptions } = options as tls.ConnectionOptions & { path?: unknown }
      created(null, tls.connect({ ...tlsOptions, socket, rejectUnauthorized: true }))
    })
    connect.once("response", (reply) => {
      reply.destroy()
      created(new ProxyError(`the proxy answered ${reply.statusCode ?? "nothing"} to CONNECT`))
    })
    connect.once("timeout", () => connect.destroy(new ProxyError("the proxy did not answer in 10 s")))
    connect.once("error", (error: NodeJS.ErrnoException) => {
      created(
        error instanceof ProxyError
          ? error
          : new ProxyError(`the proxy failed (${error.code ?? error.message})`),
      )
    })
    connect.end()
    return undefined
  }
}
