import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { type Api, answer } from "./api.ts"
import type { ApiRequest } from "./call.ts"
import { type Inspection, inspect } from "./inspect.ts"
import { serveObject } from "./store.ts"

const largestBody = 10 * 1024 ** 2
const largestQuery = 32 * 1024

/** What the server needs besides the API. */
export interface Service {
  api: Api
  inspection: Inspection
  /** Makes accepted writes durable; awaited before a write is answered. */
  save(): Promise<void>
}

/**
 * The one port: `/` is the API, `/cos/<bucket>/<key>` the object store (also by a COS host in the Host header), and
 * `/_emulator/...` looks inside. Anything else is 404.
 */
export function createService(service: Service): Server {
  // The service takes queries of 32 KiB; Node's own limit for all headers together is 16 KiB.
  const server = createServer({ maxHeaderSize: 64 * 1024, keepAliveTimeout: 60_000 }, (request, response) => {
    handle(service, request, response).catch(() => response.destroy())
  })
  return server
}

async function handle(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { wall } = service.api.box
  const arrivedMs = wall.monotonic?.() ?? wall.now()
  // A client may have hung up before a late reply is written.
  response.on("error", () => {})
  response.sendDate = false
  response.setHeader("Date", new Date(wall.now()).toUTCString())
  const target = request.url ?? "/"
  const at = target.indexOf("?")
  const path = at < 0 ? target : target.slice(0, at)
  const rawQuery = at < 0 ? "" : target.slice(at + 1)
  const bucketHost = /^([a-z0-9-]+)\.cos\.[a-z0-9-]+\.myqcloud\.com(?::\d+)?$/.exec(
    request.headers.host ?? "",
  )
  if (bucketHost !== null) {
    await serveObject(
      service.api.box,
      service.api.faults,
      request,
      response,
      `/${bucketHost[1]}${path}`,
      rawQuery,
    )
  } else if (path.startsWith("/cos/")) {
    await serveObject(service.api.box, service.api.faults, request, response, path.slice(4), rawQuery)
  } else if (path.startsWith("/_emulator/")) {
    const body = await readBody(request)
    inspect(
      service.inspection,
      request,
      response,
      path.slice(10),
      new URLSearchParams(rawQuery),
      body ?? Buffer.alloc(0),
    )
  } else if (path === "/") {
    await serveApi(service, request, response, rawQuery, arrivedMs)
  } else {
    send(response, 404, { message: "Not found" })
  }
}

async function serveApi(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
  rawQuery: string,
  arrivedMs: number,
): Promise<void> {
  const body = await readBody(request)
  const tooLarge = body === undefined || rawQuery.length > largestQuery
  const asked: ApiRequest = {
    method: request.method ?? "",
    rawQuery,
    headers: request.headers,
    body: body ?? Buffer.alloc(0),
    arrivedMs,
    tooLarge,
  }
  const { faults } = service.api
  if (await faults.arrives?.(asked, response)) return
  const reply = answer(service.api, asked)
  if (reply.written) await service.save()
  const trace = request.headers["x-tc-traceid"]
  if (typeof trace === "string") response.setHeader("x-tc-traceid", trace)
  if (body === undefined) response.setHeader("Connection", "close")
  if (await faults.delivers?.(reply, response, asked)) return
  send(response, 200, reply.body)
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const text = Buffer.from(JSON.stringify(value))
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": text.length })
  response.end(text)
}

/** The body, or undefined when it is larger than the service takes; the rest is then thrown away. */
function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    request.on("data", (part: Buffer) => {
      size += part.length
      if (size <= largestBody) parts.push(part)
      else resolve(undefined)
    })
    request.on("end", () => resolve(size <= largestBody ? Buffer.concat(parts) : undefined))
    request.on("error", reject)
    request.on("close", () => {
      if (!request.complete) reject(new Error("the client hung up"))
    })
  })
}
