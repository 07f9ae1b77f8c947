import { randomUUID } from "node:crypto"
import type { ServerResponse } from "node:http"
import type { Box } from "../box.ts"
import type { ApiReply, ApiRequest, IncomingCall } from "../call.ts"
import type { Faults } from "../faults.ts"
import { partitionOf } from "../world.ts"
import { decree } from "./life.ts"
import { falsify } from "./listing.ts"
import { type Armed, hits, inForce, placeOf } from "./match.ts"
import { createMemory } from "./memory.ts"
import type { Pauses } from "./pauses.ts"
import { createReads } from "./reading.ts"
import { interfere, shiftPages } from "./someone.ts"
import type { CallEffect, Effect, ImportEffect } from "./spec.ts"
import { importSubject, type Subject, subjectOf } from "./subject.ts"
import { internalError, lose } from "./wire.ts"

/** What the hooks need. `now` is monotonic. */
export interface Ground {
  box: Box
  armed(): readonly Armed[]
  now(): number
  pauses: Pauses
}

/** A request as the faults met it: which of them hit it is decided once, when it arrives. */
interface Meeting {
  subject: Subject
  hit: readonly Armed[]
}

/** Lets the faults of a set meet the requests. */
export function createHooks({ box, armed, now, pauses }: Ground): Faults {
  const memory = createMemory()
  const reads = createReads({ armed, now, pauses })
  const met = new WeakMap<ApiRequest, Meeting>()

  async function arrives(request: ApiRequest, response: ServerResponse): Promise<boolean> {
    for (const one of armed()) if (one.fault.effect.kind === "skew" && inForce(one, now())) count(one)
    const subject = subjectOf(box, request)
    const hit = armed().filter((one) => reaches(one, subject) && hits(one, subject, now()))
    met.set(request, { subject, hit })
    for (const one of hit) if (changesWorld(one, subject)) one.fired += 1
    for (const one of hit) {
      const { effect } = one.fault
      if (effect.kind !== "delay-before") continue
      one.fired += 1
      if (!(await pauses.wait(effect.for))) return true
    }
    const nothing = internalError({ Response: { RequestId: randomUUID() } })
    return hit.some((one) => loses(one, "lost-before", nothing, { subject, request, response }))
  }

  function changesWorld(one: Armed, subject: Subject): boolean {
    const { effect } = one.fault
    if (!effect.kind.startsWith("shift-")) return interfere(box, subject, effect, one.undo)
    return subject.offset > 0 && shiftPages(box, subject, effect)
  }

  function loses(
    one: Armed,
    kind: "lost-before" | "lost-after",
    reply: Record<string, unknown>,
    { subject, request, response }: { subject: Subject; request: ApiRequest; response: ServerResponse },
  ): boolean {
    const { effect } = one.fault
    if (effect.kind !== kind) return false
    const by = effect.by ?? "rst"
    const shown = by === "mixed" ? memory.other(subject) : reply
    if (shown === undefined) return false
    one.fired += 1
    const to = effect.to ?? `http://${String(request.headers.host)}/redirected`
    if (!response.destroyed) lose(response, { by, every: effect.every ?? 1000, to, reply: shown })
    return true
  }

  function refuses(call: IncomingCall, request: ApiRequest): { code: string; message: string } | undefined {
    for (const one of met.get(request)?.hit ?? []) {
      const refusal = refusalOf(one, call, now())
      if (refusal === undefined) continue
      one.fired += 1
      return refusal
    }
    return undefined
  }

  function accepts(call: IncomingCall, imageIds: readonly string[]): void {
    const [id] = imageIds
    if (call.action !== "ImportImage" || id === undefined) return
    const image = partitionOf(box.world, call.account, call.region).images.get(id)
    if (image === undefined) return
    const subject = importSubject(image)
    const hit = armed().filter((one) => placeOf(one) === "import" && hits(one, subject, now()))
    for (const one of hit.sort((a, b) => rank(a) - rank(b))) {
      decree(box.world, image, one.fault.effect as ImportEffect)
      one.fired += 1
    }
  }

  async function delivers(reply: ApiReply, response: ServerResponse, request: ApiRequest): Promise<boolean> {
    const meeting = met.get(request)
    if (meeting === undefined) return false
    const { subject, hit } = meeting
    if (armed().some(({ fault }) => "by" in fault.effect && fault.effect.by === "mixed"))
      memory.keep(subject, reply.body)
    for (const one of hit) if (reply.code === null && rewrites(reply, one.fault.effect)) one.fired += 1
    for (const one of hit) {
      const { effect } = one.fault
      const { socket } = response
      if (effect.kind === "close") response.once("finish", () => socket?.destroySoon())
      if (effect.kind === "close" || effect.kind === "delay") one.fired += 1
      if (effect.kind === "delay" && !(await pauses.wait(effect.for))) return true
    }
    return hit.some((one) => loses(one, "lost-after", reply.body, { subject, request, response }))
  }

  return {
    arrives: (request, response) => armed().length > 0 && arrives(request, response),
    refuses,
    accepts,
    delivers: (reply, response, request) => met.has(request) && delivers(reply, response, request),
    reads: (read, response) => (armed().length > 0 ? reads(read, response) : undefined),
  }
}

function count(one: Armed): void {
  one.seen += 1
  one.fired += 1
}

/** Whether a call is what a fault is about at all: faults of listings count nothing but DescribeImages. */
function reaches(one: Armed, subject: Subject): boolean {
  const place = placeOf(one)
  return place === "call" || (place === "listing" && subject.action === "DescribeImages")
}

/** When an import is seen and when it ends come first, as the others count from there. */
function rank({ fault }: Armed): number {
  return ["late", "never-visible", "takes"].includes(fault.effect.kind) ? 0 : 1
}

function refusalOf(
  one: Armed,
  call: IncomingCall,
  now: number,
): { code: string; message: string } | undefined {
  const effect = one.fault.effect as CallEffect
  if (effect.kind === "error") {
    return { code: effect.code, message: effect.message ?? `The request was refused: ${effect.code}.` }
  }
  if (effect.kind !== "throttle") return undefined
  const left = effect.left ?? 0
  const { fits, times } = one.windows.admit(
    [call.account, call.region, call.action].join("\0"),
    left,
    now,
    false,
  )
  if (fits) return undefined
  return {
    code: "RequestLimitExceeded",
    message: `Your current request times equals to \`${times}\` in a second, which exceeds the frequency limit \`${left}\` for a second. Please reduce the frequency of calls.`,
  }
}

/** Changes the body of a good reply. Answers whether it did. */
function rewrites(reply: ApiReply, effect: Effect): boolean {
  if (effect.kind === "error-after") {
    reply.body = internalError(reply.body, effect.code, effect.message)
    return true
  }
  const response = reply.body.Response as Record<string, unknown>
  return reply.call?.action === "DescribeImages" && !("Error" in response) && falsify(response, effect)
}
