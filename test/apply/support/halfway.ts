import type { ReplaceAction } from "../../../src/model/plan.ts"
import { aReplace, HERE, SPEC, STACK_ID, stamped } from "./build.ts"
import { FakeCloud } from "./fake-cloud.ts"
import { VirtualClock } from "./virtual-clock.ts"

export const OLD_SPEC = "ffffffffffffffff"
export const STAGED: string = `a.next-${SPEC.slice(0, 8)}`
export const OLD = "img-0ld00000"
export const PREV: string = `a.prev-${OLD}`

export interface World {
  readonly cloud: FakeCloud
  readonly clock: VirtualClock
}

export function world(behaviour: ConstructorParameters<typeof FakeCloud>[1] = {}): World {
  const clock = new VirtualClock()
  return { clock, cloud: new FakeCloud(clock, behaviour) }
}

/** The image `a` of an older spec, in its family and shared. */
export function putOld({ cloud }: World, name = "a"): string {
  const description = stamped("a", OLD_SPEC)
  cloud.put(HERE, { id: OLD, name, description, family: "f", createdAt: 0, snapshotIds: ["snap-0"] })
  return OLD
}

/** The image `a` of the wanted spec, as it stands under some name. */
export function putNew({ cloud }: World, name: string, endsInMs = 0): string {
  return cloud.put(HERE, { name, description: stamped("a", SPEC, STACK_ID) }, endsInMs)
}

/** What stands in the cloud, in a few words, sorted. */
export function stands({ cloud }: World): readonly string[] {
  return cloud
    .all(HERE)
    .map((i) => {
      const spec = i.description.includes(SPEC) ? "new" : i.description.includes(OLD_SPEC) ? "old" : "other"
      const shares = cloud.sharesOf(i.id)
      const more = [i.family, i.deprecated ? "deprecated" : "", shares.join("+")].filter((t) => t !== "")
      return [spec, i.name, i.state, ...more].join(" ")
    })
    .sort()
}

/** The writes so far, in order. */
export function writes({ cloud }: World): readonly string[] {
  const verbs = ["import", "modify", "delete", "tags", "shares"]
  return cloud.calls.filter(({ verb }) => verbs.includes(verb)).map(({ verb, about }) => `${verb} ${about}`)
}

const AFTERWARDS = {
  attributes: { family: "f" },
  tags: { set: { app: "web" }, remove: [] },
  shares: { add: ["100000000001"], remove: [] },
}
const RETIRE = {
  imageId: OLD,
  name: "a",
  how: "deprecate",
  deleteSnapshots: true,
  reason: "over_retention:keepPrevious",
} as const

/** The whole of a replacement, whatever stands already. */
export const replaceA = (parts: Parameters<typeof aReplace>[1] = {}): ReplaceAction =>
  aReplace("a", { old: OLD, afterwards: AFTERWARDS, retire: [RETIRE], ...parts })

/** What stands after it. */
export const DONE: readonly string[] = ["new a NORMAL f 100000000001", `old ${PREV} NORMAL f deprecated`]

/** An image of ours that the plan retires, beside a newer member of its family. */
export function putRetired(w: World, parts: Parameters<World["cloud"]["put"]>[1] = { name: "x" }): string {
  w.cloud.put(HERE, { id: "img-newer000", name: "newer", description: stamped("y"), family: "f" })
  const mine = { name: "x", description: stamped("x"), family: "f", createdAt: 0, snapshotIds: ["snap-x"] }
  return w.cloud.put(HERE, { ...mine, ...parts })
}
