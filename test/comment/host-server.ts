/** What the two servers below share: real HTTP on this machine, answers put in between, and a record of requests. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { onTestFinished } from "vitest"

export interface Asked {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** What happens instead of the usual answer, or after it was carried out. */
export interface Fault {
  readonly method: string
  readonly path: RegExp
  /** How often; once where it is absent. */
  times?: number
  /** `lost`: carried out, and the connection ends without an answer. */
  readonly answer: Answer | "lost" | "hang up"
}

export interface HostServer {
  readonly origin: string
  readonly asked: Asked[]
  readonly faults: Fault[]
}

export async function hostServer(handle: (asked: Asked) => Answer): Promise<HostServer> {
  const asked: Asked[] = []
  const faults: Fault[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://host")
      const { method = "", headers } = request
      const one = { method, url, headers, body: Buffer.concat(chunks).toString("utf8") }
      asked.push(one)
      const fault = faults.find((f) => f.method === method && f.path.test(url.pathname) && f.times !== 0)
      if (fault !== undefined) fault.times = (fault.times ?? 1) - 1
      if (fault?.answer === "hang up") request.socket.destroy()
      else if (fault?.answer === "lost") {
        handle(one)
        request.socket.destroy()
      } else write(response, fault?.answer ?? handle(one))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, faults }
}

function write(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  if (body === undefined) response.writeHead(status, headers).end()
  else {
    const text = typeof body === "string" ? body : JSON.stringify(body)
    const type = typeof body === "string" ? "text/html" : "application/json; charset=utf-8"
    response.writeHead(status, { "content-type": type, ...headers }).end(text)
  }
}

/** Links to the other pages, as both hosts write them. */
export function links(at: URL, origin: string, page: number, pages: number): string {
  const to = (n: number, rel: string): string => {
    const url = new URL(at.pathname + at.search, origin)
    url.searchParams.set("page", String(n))
    return `<${url.href}>; rel="${rel}"`
  }
  return [
    ...(page > 1 ? [to(page - 1, "prev")] : []),
    ...(page < pages ? [to(page + 1, "next")] : []),
    to(1, "first"),
    to(pages, "last"),
  ].join(", ")
}
