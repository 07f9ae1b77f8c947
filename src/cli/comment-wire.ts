/** How GitHub and GitLab are reached: as the API is, with the same proxy rules, deadlines and no redirects. */
import { createTransport, TransportError } from "../cloud/transport.ts"
import { type HttpReply, type HttpRequest, NoReply } from "../comment/index.ts"
import type { Io } from "./io.ts"

const CONNECT_MS = 10_000
const TOTAL_MS = 30_000
/** Bytes of an answer: a page of a hundred long comments. */
const MOST_BYTES = 64 << 20

/** The caller closes it. */
export function openHost(io: Io): {
  readonly send: (request: HttpRequest) => Promise<HttpReply>
  close(): void
} {
  const transport = createTransport(io.env, {
    connectMs: CONNECT_MS,
    idleMs: CONNECT_MS,
    maxBytes: MOST_BYTES,
  })
  return {
    async send({ method, url, headers, body }) {
      try {
        const reply = await transport.post({
          method,
          url: new URL(url),
          headers,
          body: Buffer.from(body ?? ""),
          totalMs: TOTAL_MS,
          signal: io.signal,
        })
        const plain = Object.entries(reply.headers).map(([name, value]) => [name, String(value)])
        return {
          status: reply.status,
          headers: Object.fromEntries(plain) as Record<string, string>,
          body: reply.body.toString("utf8"),
        }
      } catch (error) {
        io.signal.throwIfAborted()
        if (error instanceof TransportError) throw new NoReply(error.message, error.sent)
        throw error
      }
    },
    close: () => transport.close(),
  }
}
