/** A receiver of webhooks on this machine: keeps what it was sent, and answers as a test wants. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { onTestFinished } from "vitest"

export interface Received {
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface Receiver {
  readonly url: string
  readonly received: Received[]
  /** Answers to the next requests, the first for the next; then 200 with the usual answer. */
  readonly answers: ((response: ServerResponse) => void)[]
}

export const answer =
  (status: number, body: unknown = "", headers: Record<string, string> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body))
  }

/** Keeps the connection open and never answers. */
export const silence = (): void => {}

/** `usual`: what every chat says if it is pleased. */
export async function receiver(
  usual: unknown = { errcode: 0, code: 0, errmsg: "ok" },
  path = "/hook",
): Promise<Receiver> {
  const received: Received[] = []
  const answers: Receiver["answers"] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      received.push({
        url: new URL(request.url ?? "", "http://receiver"),
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8"),
        at: Date.now(),
      })
      const next = answers.shift() ?? answer(200, usual)
      next(response)
    })
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, received, answers }
}
