/** Sends a notification to one receiver, a few times if need be, within a bounded time. */
import type { Clock } from "../model/clock.ts"
import type { Notification } from "../model/notification.ts"
import { jsonLine } from "../report/json.ts"
import { dingtalkBody, dingtalkUrl } from "./dingtalk.ts"
import { feishuBody } from "./feishu.ts"
import { type Problem, type Refusal, type Reply, refusalOf } from "./replies.ts"
import { jsonSignature } from "./sign.ts"
import { slackBody } from "./slack.ts"
import type { Target } from "./target.ts"
import { wecomBody } from "./wecom.ts"
import { messageOf } from "./words.ts"

export interface Request {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** From the call to the last byte of the reply, in ms. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** One POST without redirects. Rejects where there is no reply; its error is not shown, since it may hold the address. */
export type Post = (request: Request) => Promise<Reply>

export interface World {
  readonly post: Post
  readonly clock: Clock
  readonly signal: AbortSignal
  /** 0 <= x < 1. */
  readonly random: () => number
}

export type Delivery =
  | { readonly accepted: true; readonly attempts: number }
  | {
      readonly accepted: false
      readonly attempts: number
      readonly problem: Problem
      readonly code: string
      readonly advice: string
    }

const ATTEMPTS = 4
const TIMEOUT_MS = 10_000
/** All attempts and the waits between them. */
const TOTAL_MS = 60_000
const FIRST_WAIT_MS = 1_000

const ADVICE: Readonly<Record<Problem, string>> = {
  busy: "the receiver takes no more for now",
  unreachable: "the receiver did not answer: is the address right, and can this machine reach it?",
  refused:
    "the receiver does not take it: look at its secret, its key words and its list of allowed addresses",
  gone: "the receiver knows no such webhook: make a new one",
  unexpected: "the receiver answered as no webhook of this kind does: is it one?",
}

/** Resolves in every case; rejects only with the signal's reason. */
export async function deliver(target: Target, notification: Notification, world: World): Promise<Delivery> {
  const { clock, signal } = world
  const began = clock.monotonic()
  for (let attempt = 1; ; attempt++) {
    const left = TOTAL_MS - (clock.monotonic() - began)
    const refusal = await attemptOnce(target, notification, world, Math.min(TIMEOUT_MS, left))
    if (refusal === undefined) return { accepted: true, attempts: attempt }
    const wait = refusal.waitMs ?? FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.75 + world.random() / 2)
    const until = clock.monotonic() - began + wait
    if (!refusal.retryable || attempt >= ATTEMPTS || until >= TOTAL_MS) {
      const { problem, code } = refusal
      return { accepted: false, attempts: attempt, problem, code, advice: ADVICE[problem] }
    }
    await clock.sleep(wait, signal)
  }
}

async function attemptOnce(
  target: Target,
  notification: Notification,
  { post, clock, signal }: World,
  timeoutMs: number,
): Promise<Refusal | undefined> {
  signal.throwIfAborted()
  // Made anew for each attempt: signatures carry the time.
  const request = requestOf(target, notification, clock.now())
  try {
    const reply = await post({ ...request, timeoutMs, signal })
    return refusalOf(target.kind, reply, clock.now())
  } catch {
    signal.throwIfAborted()
    return { problem: "unreachable", code: "no reply", retryable: true }
  }
}

/** Address, headers and body as the kind of receiver wants them. `at`: milliseconds since the epoch. */
export function requestOf(
  target: Target,
  notification: Notification,
  at: number,
): Pick<Request, "url" | "headers" | "body"> {
  const headers = { "content-type": "application/json; charset=utf-8", "user-agent": "cvmimg" }
  const { url, secret } = target
  if (target.kind === "json") {
    const body = jsonLine(notification)
    const signed = secret === undefined ? {} : { "x-cvmimg-signature": jsonSignature(secret, body, at) }
    return { url, headers: { ...headers, "x-cvmimg-delivery": notification.id, ...signed }, body }
  }
  const message = messageOf(notification)
  if (target.kind === "dingtalk") {
    return { url: dingtalkUrl(url, secret, at), headers, body: JSON.stringify(dingtalkBody(message)) }
  }
  if (target.kind === "feishu") {
    return { url, headers, body: JSON.stringify(feishuBody(message, secret, at)) }
  }
  const body = target.kind === "slack" ? slackBody(message) : wecomBody(message)
  return { url, headers, body: JSON.stringify(body) }
}
