/** One request for a piece of an object: bounded in time and in bytes, never redirected. */
import type { Clock } from "../model/clock.ts"
import { type Refused, refusal } from "./refusals.ts"
import type { ProbeFailure } from "./source-probe.ts"

/** The part of the global fetch that probes need. Its errors name the system's code in their `cause`. */
export type Fetch = (url: string, init: Asked) => Promise<Answer>

export interface Asked {
  readonly method: "GET" | "HEAD"
  readonly headers: Record<string, string>
  readonly redirect: "manual"
  readonly signal: AbortSignal
  /** Bytes of the body that are read at the most: whoever sends the request may leave out the rest. */
  readonly enough: number
}

export interface Answer {
  readonly status: number
  readonly headers: { get(name: string): string | null; has(name: string): boolean }
  readonly body: Body | null
}

interface Body {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
    cancel(): Promise<void>
    releaseLock(): void
  }
  cancel(): Promise<void>
}

export interface Wire {
  readonly fetch: Fetch
  readonly clock: Clock
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

export interface Ask {
  readonly method: "GET" | "HEAD"
  /** Where the request goes, the signature included. */
  readonly address: string
  readonly reader: string
  readonly offset: number
  readonly length: number
}

export interface Piece {
  /** Of the whole object. */
  readonly size: number
  readonly bytes: Uint8Array
  readonly etag?: string
  readonly crc64?: string
  readonly encoding?: string
}

/** How often a request is made: again after an answer that passes by itself, or none. */
const ATTEMPTS = 2
const PAUSE_MS = 500
/** Errors of COS are short. */
const ERROR_BYTES = 4_096

export async function readPiece(ask: Ask, wire: Wire): Promise<Piece | ProbeFailure> {
  for (let attempt = 1; ; attempt++) {
    const answer = await once(ask, wire)
    if (!("status" in answer) || answer.status === "error" || attempt === ATTEMPTS) return answer
    await wire.clock.sleep(PAUSE_MS, wire.signal)
  }
}

async function once(ask: Ask, wire: Wire): Promise<Piece | ProbeFailure> {
  const { signal, expired, release } = limited(wire)
  try {
    const response = await wire.fetch(ask.address, {
      method: ask.method,
      headers: {
        "accept-encoding": "identity",
        ...(ask.method === "GET" ? { range: `bytes=${ask.offset}-${ask.offset + ask.length - 1}` } : {}),
      },
      redirect: "manual",
      signal,
      enough: Math.max(ask.length, ERROR_BYTES),
    })
    return await judged(ask, response)
  } catch (error) {
    wire.signal?.throwIfAborted()
    const why = expired() ? `no answer within ${wire.timeoutMs / 1_000} s` : reasonOf(error)
    return { status: "skipped", code: "unreachable", message: `The object could not be read: ${why}.` }
  } finally {
    release()
  }
}

/**
 * The signal of one request, let go when it is over. With `AbortSignal.timeout` and `any` a look at 10,000 objects peaked
 * 16 and 36 MB higher, in two runs.
 */
function limited({ signal, timeoutMs }: Wire): {
  readonly signal: AbortSignal
  readonly expired: () => boolean
  readonly release: () => void
} {
  const controller = new AbortController()
  let expired = false
  const stop = (): void => controller.abort(signal?.reason)
  const timer = setTimeout(() => {
    expired = true
    controller.abort()
  }, timeoutMs)
  if (signal?.aborted === true) stop()
  signal?.addEventListener("abort", stop, { once: true })
  return {
    signal: controller.signal,
    expired: () => expired,
    release: () => {
      clearTimeout(timer)
      signal?.removeEventListener("abort", stop)
    },
  }
}

async function judged(ask: Ask, response: Answer): Promise<Piece | ProbeFailure> {
  const { status, headers } = response
  const fromCos = headers.has("x-cos-request-id")
  const range = /^bytes (?:(\d{1,16})-\d{1,16}|\*)\/(\d{1,16})$/.exec(headers.get("content-range") ?? "")
  const length = /^\d{1,16}$/.exec(headers.get("content-length") ?? "")?.[0]
  const size = range?.[2] ?? (status === 200 ? length : undefined)
  // An object without bytes has no range that could be given.
  const empty = status === 416 && size === "0"
  const whole = status === 200 && (ask.offset === 0 || ask.method === "HEAD")
  const part = status === 206 && Number(range?.[1]) === ask.offset
  if (!fromCos || size === undefined || !(whole || part || empty)) {
    const code = status >= 400 ? codeIn(await bodyOf(response, ERROR_BYTES)) : undefined
    await response.body?.cancel()
    const answer: Refused = { status, fromCos, ...(code === undefined ? {} : { code }) }
    return refusal(ask.reader, answer)
  }
  const encoding = headers.get("content-encoding") ?? "identity"
  const plain = encoding === "identity" && !empty
  const bytes = plain ? await bodyOf(response, ask.length) : new Uint8Array(0)
  await response.body?.cancel()
  const etag = /^(?:W\/)?"?([\w+/=-]{1,128})"?$/.exec(headers.get("etag") ?? "")?.[1]
  const crc64 = /^\d{1,20}$/.exec(headers.get("x-cos-hash-crc64ecma") ?? "")?.[0]
  return {
    size: Number(size),
    bytes,
    ...(etag === undefined ? {} : { etag }),
    ...(crc64 === undefined ? {} : { crc64 }),
    ...(encoding === "identity" ? {} : { encoding: encoding.slice(0, 40) }),
  }
}

/** At most `most` bytes; whatever else the server sends is not taken. */
async function bodyOf(response: Answer, most: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(most)
  let have = 0
  const reader = response.body?.getReader()
  if (reader === undefined) return bytes.subarray(0, 0)
  try {
    while (have < most) {
      const { done, value } = await reader.read()
      if (done) break
      const taken = (value as Uint8Array).subarray(0, most - have)
      bytes.set(taken, have)
      have += taken.length
    }
    await reader.cancel()
  } finally {
    reader.releaseLock()
  }
  return bytes.subarray(0, have)
}

function codeIn(xml: Uint8Array): string | undefined {
  return /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(new TextDecoder().decode(xml))?.[1]
}

/** The system's word for it; a message could hold the address with its signature. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(code) ? code : "the connection failed"
}
