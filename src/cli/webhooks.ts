/** How webhooks are reached: as the API is, with the same proxy rules, deadlines and no redirects. */
import { createTransport } from "../cloud/transport.ts"
import type { Post } from "../notify/index.ts"

const CONNECT_MS = 10_000
/** Bytes of an answer that are looked at. */
const MOST_BYTES = 64 << 10

/** The caller closes it. */
export function openWebhooks(env: NodeJS.ProcessEnv): { readonly post: Post; close(): void } {
  const transport = createTransport(env, {
    connectMs: CONNECT_MS,
    idleMs: CONNECT_MS,
    maxBytes: MOST_BYTES,
  })
  return {
    async post({ url, headers, body, timeoutMs, signal }) {
      const reply = await transport.post({
        url,
        headers,
        body: Buffer.from(body),
        totalMs: timeoutMs,
        signal,
      })
      return { status: reply.status, headers: reply.headers, body: reply.body.toString("utf8") }
    },
    close: () => transport.close(),
  }
}
