/**
 * What a receiver's reply means. Chats answer 200 with a code of their own inside, so that a status alone says little.
 * The texts of receivers are not repeated: they may hold the address, and a code tells more.
 */
import type { Kind } from "./target.ts"

export interface Reply {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

export type Problem = "busy" | "unreachable" | "refused" | "gone" | "unexpected"

export interface Refusal {
  readonly problem: Problem
  /** What the receiver answered: a status, or a code of its own. */
  readonly code: string
  readonly retryable: boolean
  /** How long the receiver asks to wait, in ms. */
  readonly waitMs?: number
}

interface Codes {
  readonly busy: readonly number[]
  readonly gone: readonly number[]
}

/** Codes of the chats that are neither success nor plain refusal. -1 is "the system is busy" everywhere. */
const CODES: Readonly<Partial<Record<Kind, Codes>>> = {
  wecom: { busy: [-1, 45_009, 45_033], gone: [93_000] },
  dingtalk: { busy: [-1, 130_101, 410_100], gone: [300_001, 300_005] },
  feishu: { busy: [11_232, 11_233, 99_991_400], gone: [19_001] },
}

/** Undefined: the receiver has accepted the message. `now`: milliseconds since the epoch. */
export function refusalOf(kind: Kind, reply: Reply, now: number): Refusal | undefined {
  const { status } = reply
  if (status < 200 || status >= 300) return byStatus(reply, now)
  const codes = CODES[kind]
  if (codes === undefined) return undefined
  const code = codeIn(reply.body)
  if (code === 0) return undefined
  if (code === undefined) {
    return { problem: "unexpected", code: `${status} without a code`, retryable: false }
  }
  if (codes.busy.includes(code)) return { problem: "busy", code: `code ${code}`, retryable: true }
  const problem = codes.gone.includes(code) ? "gone" : "refused"
  return { problem, code: `code ${code}`, retryable: false }
}

function byStatus({ status, headers }: Reply, now: number): Refusal {
  const code = String(status)
  const waitMs = retryAfter(headers["retry-after"], now)
  const wait = waitMs === undefined ? {} : { waitMs }
  if (status === 429 || status === 503) return { problem: "busy", code, retryable: true, ...wait }
  if (status >= 500 || status === 408) return { problem: "unreachable", code, retryable: true, ...wait }
  if (status === 404 || status === 410) return { problem: "gone", code, retryable: false }
  // A redirect is not followed: the message, and the address, would go to somebody else.
  return { problem: status < 400 ? "unexpected" : "refused", code, retryable: false }
}

/** The code in a chat's answer; all of them use one of these names. */
function codeIn(body: string): number | undefined {
  try {
    const value = JSON.parse(body) as Record<string, unknown> | null
    for (const name of ["errcode", "code", "StatusCode"]) {
      const code = value?.[name]
      if (typeof code === "number") return code
    }
  } catch {
    // No JSON, no code.
  }
  return undefined
}

/** Milliseconds of a Retry-After, which is seconds or a date. */
function retryAfter(value: string | readonly string[] | undefined, now: number): number | undefined {
  const text = typeof value === "string" ? value.trim() : ""
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
