import type { ServerResponse } from "node:http"
import { Readable } from "node:stream"
import { gzipSync } from "node:zlib"
import type { Manner } from "./spec.ts"

/** How a reply gets lost, and the reply that a correct server would send. */
export interface Loss {
  by: Manner
  /** Between two bytes of `trickle`. */
  every: number
  /** Where `redirect` leads to. */
  to: string
  reply: Record<string, unknown>
}

const gibibyte = 1024 ** 3
const block = Buffer.alloc(1024 ** 2, " ")

/** Takes a response over and loses it. The connection of a response that never ends stays open until it is closed. */
export function lose(response: ServerResponse, loss: Loss): void {
  const { by, reply } = loss
  const text = Buffer.from(JSON.stringify(reply))
  const connection = response.socket
  switch (by) {
    case "rst":
      connection?.resetAndDestroy()
      break
    case "fin":
      connection?.destroySoon()
      break
    case "silence":
      break
    case "cut":
    case "cut-rst":
    case "stall":
    case "trickle":
      response.writeHead(200, { ...json, "Content-Length": text.length })
      breakOff(response, text, by, loss.every)
      break
    case "empty":
      send(response, 200, json, Buffer.alloc(0))
      break
    case "object":
      send(response, 200, json, Buffer.from("{}"))
      break
    case "html":
      send(response, 200, html, page("Sign in to this network"))
      break
    case "garbage":
      send(response, 200, json, garbage)
      break
    case "bomb":
      pour(response, { ...json, "Content-Encoding": "gzip" }, bomb())
      break
    case "huge":
      pour(response, json, spaces(gibibyte / block.length))
      break
    case "redirect":
      send(response, 302, { ...html, Location: loss.to }, page("302 Found"))
      break
    case "mixed":
      send(response, 200, json, text)
      break
    default:
      fail(response, by, reply)
  }
}

/** Neither JSON nor UTF-8. */
const garbage = Buffer.from('{"Response":{"TotalCount":1,"ImageSet":[{"Im\u0000\u00ff', "latin1")
const json: Readonly<Record<string, string>> = { "Content-Type": "application/json" }
const html: Readonly<Record<string, string>> = { "Content-Type": "text/html; charset=utf-8" }

function page(title: string): Buffer {
  return Buffer.from(
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
  )
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): void {
  response.writeHead(status, { ...headers, "Content-Length": body.length })
  response.end(body)
}

/** An HTTP error with an HTML body, an API error, or nothing. */
function fail(response: ServerResponse, by: string, reply: Record<string, unknown>): void {
  const [status = "500", form] = by.split("-")
  const code = Number(status)
  if (form === "json") send(response, code, json, Buffer.from(JSON.stringify(internalError(reply))))
  else send(response, code, html, form === "empty" ? Buffer.alloc(0) : page(`${status} from the gateway`))
}

/** A reply of InternalError with the request id of another one. */
export function internalError(
  reply: Record<string, unknown>,
  code: string = "InternalError",
  message: string = "An internal error has occurred. Retry your request.",
): Record<string, unknown> {
  const { RequestId: id } = (reply.Response ?? {}) as { RequestId?: unknown }
  return { Response: { Error: { Code: code, Message: message }, RequestId: id } }
}

/** Manners in which the headers come, and the body does not come as they promise. */
export type Broken = "cut" | "cut-rst" | "stall" | "trickle"

export function isBroken(by: Manner): by is Broken {
  return by === "cut" || by === "cut-rst" || by === "stall" || by === "trickle"
}

/** Sends half of a body whose headers stand, the full length among them, or all of it a byte at a time. */
export function breakOff(response: ServerResponse, body: Uint8Array, by: Broken, every: number): void {
  const connection = response.socket
  if (by === "trickle") {
    trickle(response, body, every)
    return
  }
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => {
    if (by === "cut") connection?.destroySoon()
    if (by === "cut-rst") connection?.resetAndDestroy()
  })
}

function trickle(response: ServerResponse, text: Uint8Array, every: number): void {
  response.flushHeaders()
  let sent = 0
  const timer = setInterval(() => {
    response.write(text.subarray(sent, sent + 1))
    sent += 1
    if (sent < text.length) return
    clearInterval(timer)
    response.end()
  }, every)
  response.once("close", () => clearInterval(timer))
}

function pour(
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  blocks: Iterable<Buffer>,
): void {
  response.writeHead(200, headers)
  const source = Readable.from(blocks)
  response.once("close", () => source.destroy())
  source.pipe(response)
}

function* spaces(blocks: number): Generator<Buffer> {
  for (let index = 0; index < blocks; index += 1) yield block
}

/** About 1 MiB that unpacks to 1 GiB: one member of 1 MiB again and again, as gzip allows. */
function* bomb(): Generator<Buffer> {
  const member = gzipSync(block)
  for (let index = 0; index < gibibyte / block.length; index += 1) yield member
}
