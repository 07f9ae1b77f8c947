/** `--listen HOST:PORT`: `/healthz`, `/livez` and `/metrics` of a long-running drift. Only reads; tells no names of images. */
import { createServer, type Server } from "node:http"
import { type AddressInfo, isIP } from "node:net"
import { jsonText } from "../report/json.ts"
import { UsageError } from "./exit.ts"
import type { HealthDocument } from "./health.ts"

export interface Address {
  readonly host: string
  readonly port: number
}

export interface Pages {
  health(): HealthDocument
  metrics(): string
}

export interface Listening {
  /** Where it is reached. */
  readonly url: string
  close(): Promise<void>
}

/** Parses `--listen`: `127.0.0.1:9808`, `[::1]:9808`, or `:9808` for every address. Throws UsageError. */
export function parseAddress(text: string): Address {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^[\]:]*)):(\d{1,5})$/i.exec(text)
  const host = match?.[1] ?? match?.[2] ?? ""
  const port = Number(match?.[3])
  if (match === null || port > 65_535 || (match[1] !== undefined && isIP(match[1]) !== 6)) {
    throw new UsageError(`--listen takes an address such as 127.0.0.1:9808 or [::1]:9808; not '${text}'`)
  }
  return { host: host === "" ? "::" : host, port }
}

/** Listens. Rejects with the system's error, such as EADDRINUSE. */
export async function listen(address: Address, pages: Pages): Promise<Listening> {
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    const { status, type, body } = answer(request.method ?? "", request.url ?? "", pages)
    response.writeHead(status, {
      "content-type": type,
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    })
    response.end(request.method === "HEAD" ? undefined : body)
  })
  server.maxConnections = 64
  await new Promise<void>((done, failed) => {
    server.once("error", failed)
    server.listen(address.port, address.host, () => {
      server.removeListener("error", failed)
      done()
    })
  })
  return { url: urlOf(server), close: () => close(server) }
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

function answer(method: string, target: string, pages: Pages): Answer {
  const text = "text/plain; charset=utf-8"
  if (method !== "GET" && method !== "HEAD") return { status: 405, type: text, body: "only GET\n" }
  const path = target.split("?")[0]
  if (path === "/metrics") {
    return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: pages.metrics() }
  }
  if (path === "/healthz" || path === "/livez") {
    const health = pages.health()
    // A process that cannot do its work for reasons outside of it is not mended by a restart: it lives.
    const well = health.status === "ok" || (path === "/livez" && health.status === "failing")
    return { status: well ? 200 : 503, type: "application/json", body: jsonText(health) }
  }
  return { status: 404, type: text, body: "/healthz, /livez and /metrics are here\n" }
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`
}

function close(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done())
    server.closeAllConnections()
  })
}
