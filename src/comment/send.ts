/**
 * How both clients reach their host: one request and its reply, made again where that is safe and may help. Creating a
 * comment is not repeated here once it may have arrived: whoever creates looks first whether it is there.
 */
import type { Clock } from "../model/clock.ts"

export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpReply {
  readonly status: number
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** There was no readable reply. */
export class NoReply extends Error {
  /** The request may have arrived. */
  readonly sent: boolean
  constructor(message: string, sent: boolean) {
    super(message)
    this.sent = sent
  }
}

/** Rejects with NoReply. Follows no redirect: the token is for one host alone. */
export type Send = (request: HttpRequest) => Promise<HttpReply>

export interface World {
  readonly send: Send
  readonly clock: Clock
  readonly signal: AbortSignal
  /** 0 <= x < 1. */
  readonly random: () => number
}

const ATTEMPTS = 5
const FIRST_WAIT_MS = 1_000
/** All attempts and the waits between them. */
const TOTAL_MS = 180_000

/** `send` with patience. */
export function patient({ send, clock, signal, random }: World): Send {
  return async (request) => {
    const began = clock.monotonic()
    const repeatable = request.method !== "POST" || new URL(request.url).pathname.endsWith("/graphql")
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted()
      const end = await send(request).catch((error: unknown) => {
        if (error instanceof NoReply) return error
        throw error
      })
      const wait = waitAfter(end, repeatable, clock.now())
      if (wait !== undefined) {
        const ms = wait ?? FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.75 + random() / 2)
        if (attempt < ATTEMPTS && clock.monotonic() - began + ms < TOTAL_MS) {
          await clock.sleep(ms, signal)
          continue
        }
      }
      if (end instanceof NoReply) throw end
      return end
    }
  }
}

/** Undefined: it is not made again. Null: after a while. Else milliseconds. */
function waitAfter(end: HttpReply | NoReply, repeatable: boolean, now: number): number | null | undefined {
  if (end instanceof NoReply) return repeatable || !end.sent ? null : undefined
  if (isRateLimit(end)) return rateWait(end, now)
  return end.status >= 500 && repeatable ? null : undefined
}

/** GitHub answers 403 or 429 to both of its limits, GitLab 429. */
export function isRateLimit({ status, headers, body }: HttpReply): boolean {
  if (status === 429) return true
  return (
    status === 403 &&
    (headers["retry-after"] !== undefined ||
      headers["x-ratelimit-remaining"] === "0" ||
      /secondary rate limit/i.test(body))
  )
}

function rateWait({ headers }: HttpReply, now: number): number | null {
  const seconds = Number(headers["retry-after"])
  if (headers["retry-after"] !== undefined && Number.isFinite(seconds) && seconds >= 0) return seconds * 1_000
  const reset = Number(headers["x-ratelimit-reset"] ?? headers["ratelimit-reset"])
  return Number.isFinite(reset) && reset > 0 ? Math.max(0, reset * 1_000 - now) + 1_000 : null
}
