import { randomUUID } from "node:crypto"
import type { Faults } from "../faults.ts"
import { type Armed, hits } from "./match.ts"
import type { Pauses } from "./pauses.ts"
import type { Manner } from "./spec.ts"
import type { Subject } from "./subject.ts"
import { internalError, isBroken, lose } from "./wire.ts"

/** What reads of the object store need. `now` is monotonic. */
export interface ReadingGround {
  armed(): readonly Armed[]
  now(): number
  pauses: Pauses
}

/** Lets the faults on `objects` meet the reads of the object store: delays first, then the first of the others. */
export function createReads({ armed, now, pauses }: ReadingGround): NonNullable<Faults["reads"]> {
  return async ({ method, bucket, key }, response) => {
    const subject = objectSubject(bucket, key)
    const hit = armed().filter((one) => one.fault.on === "objects" && hits(one, subject, now()))
    for (const one of hit) {
      const { effect } = one.fault
      if (effect.kind !== "delay") continue
      one.fired += 1
      if (!(await pauses.wait(effect.for))) return "taken"
    }
    for (const one of hit) {
      const { effect } = one.fault
      if (effect.kind === "delay") continue
      one.fired += 1
      if (effect.kind === "error") {
        const { code, message = `The request was refused: ${code}.` } = effect
        return { kind: "error", code, message }
      }
      if (effect.kind !== "lost-before" && effect.kind !== "lost-after") return { kind: "other-bytes" }
      const { by = "rst", every = 1000, to = "/redirected" } = effect
      if (isBroken(by) && method === "GET") return { kind: "broken", by, every }
      const reply = internalError({ Response: { RequestId: randomUUID() } })
      if (!response.destroyed) lose(response, { by: bodiless(by), every, to, reply })
      return "taken"
    }
    return undefined
  }
}

/** A reply to HEAD has no body that could break off. */
function bodiless(by: Manner): Manner {
  if (by === "cut") return "fin"
  if (by === "cut-rst") return "rst"
  return by === "stall" || by === "trickle" ? "silence" : by
}

/** An object is chosen by its key, the last part of it, or the key with its bucket. */
function objectSubject(bucket: string, key: string): Subject {
  return {
    action: "objects",
    account: "",
    region: "",
    secretId: "",
    dryRun: false,
    imageName: `${bucket}/${key}`,
    offset: 0,
    images: () => [`${bucket}/${key}`, key, key.slice(key.lastIndexOf("/") + 1)],
  }
}
