/** I4: when nothing goes wrong any more, the world comes to be what the manifests say, and what is refused is rightly so. */
import type { ImageRecord } from "../../../src/emulator/world.ts"
import type { Desired, DesiredPlacement } from "../../../src/model/desired.ts"
import type { Action, Plan } from "../../../src/model/plan.ts"
import type { Server } from "../support/server.ts"
import { hashOf, isFailed, markOf, nameHash, newestOf, textOf, whose } from "./facts.ts"

type Tell = (law: string, text: string) => void

/** What a plan still has to do, but for what waits for something that is refused, and rightly so. */
export function leftToDo(desired: Desired, plan: Plan): readonly Action[] {
  const refused = new Set(plan.actions.filter((a) => a.action === "refuse").map((a) => a.image))
  const together = new Set(desired.placements.flatMap((p) => (p.release === "together" ? [p.image] : [])))
  const held = [...refused].some((image) => together.has(image))
  return plan.actions.filter((a) => {
    if (a.action === "keep" || a.action === "refuse") return false
    // A release that is held together waits as long as one placement is refused, and retirements wait for it.
    if (together.has(a.image) && refused.has(a.image)) return false
    // Of whatever family the held image is, nothing is retired.
    return !(held && (a.action === "deprecate" || a.action === "delete"))
  })
}

/** The plan has nothing left but what it refuses. */
export function judgeEnd(server: Server, desired: Desired, plan: Plan, tell: Tell): void {
  for (const p of desired.placements) {
    const action = plan.actions.find(
      (a) =>
        a.image === p.image &&
        a.account === p.account &&
        a.region === p.region &&
        a.action !== "deprecate" &&
        a.action !== "delete",
    )
    const where = `${p.image} in ${p.region}`
    if (action === undefined) {
      tell("I4", `${where} is in no row of the plan`)
      continue
    }
    const images = [...server.images(p.account, p.region).values()]
    if (action.action === "refuse") {
      const wrong = unfounded(action, p, images, desired.stack.id)
      if (wrong !== undefined) tell("I4", `${where} is refused (${action.refusal}), but ${wrong}`)
    } else if (action.action === "keep" && p.lifecycle.state !== "released") {
      const wrong = whatIsWrong(p, images, desired.stack.id)
      if (wrong !== undefined) tell("I4", `${where} is settled, but ${wrong}`)
    }
  }
}

/** A refusal names something that really stands in the way. */
function unfounded(
  { refusal, imageIds, reasons }: Action & { action: "refuse" },
  p: DesiredPlacement,
  images: readonly ImageRecord[],
  stack: string,
): string | undefined {
  const about = images.filter((i) => imageIds.includes(i.id))
  const names = [p.image, ...p.formerNames].map(nameHash)
  const ours = images.filter(
    (i) => whose(i, stack) === "ours" && names.includes(markOf(i.description)?.image ?? ""),
  )
  switch (refusal) {
    case "ambiguous":
      return about.length > 1 || reasons.includes("adopt_requested") ? undefined : "there are not two images"
    case "owned_by_other":
    case "provenance_conflict":
      return about.some(
        (i) =>
          whose(i, stack) === "another's" ||
          markOf(i.description)?.image !== nameHash(p.image) ||
          (i.tags["cvmimg.image"] ?? p.image) !== p.image,
      )
        ? undefined
        : "nobody else has it"
    case "conflict":
      return about.length > 0 ? undefined : "nothing stands in the way"
    case "on_change_refuse":
      return p.lifecycle.onChange === "refuse" && ours.length > 0 ? undefined : "the manifest does not refuse"
    case "lost_shares":
      return about.some((i) => i.shares.length > 0) ? undefined : "nothing is shared"
    case "shares_unread":
      return "who it is shared with can be read"
    case "import_failed":
      return "the run was told to try again"
    case "not_observed":
      return "the region can be read"
    default:
      return "there is no such refusal"
  }
}

function whatIsWrong(p: DesiredPlacement, images: readonly ImageRecord[], stack: string): string | undefined {
  const own = images.filter((i) => whose(i, stack) === "ours")
  const hash = nameHash(p.image)
  const mine = own.filter((i) => hashOf(i) === hash)
  if (p.match === "name") {
    const named = images.filter((i) => i.name === p.image)
    const [image] = named
    if (image === undefined) return "nothing has the name"
    const ours = named.filter((i) => whose(i, stack) === "ours")
    if (ours.length === 0) return p.lifecycle.adopt ? "it was not adopted" : undefined
    if (ours.length > 1) return "several images of ours have the name"
    return differs(p, ours[0] ?? image)
  }
  const members = mine.filter((i) => i.state === "NORMAL")
  const newest = p.deprecated === true ? undefined : newestOf(p.family ?? "", members)
  if (newest !== undefined) return differs(p, newest)
  return members.some((i) => differs(p, i) === undefined) ? undefined : "no member of the family fits"
}

function differs(p: DesiredPlacement, i: ImageRecord): string | undefined {
  if (isFailed(i) || i.state !== "NORMAL") return `${i.id} is ${i.state}`
  const mark = markOf(i.description)
  if (mark === undefined) return `${i.id} has no mark`
  // What was adopted or marked anew is taken on trust.
  if (mark.source !== "000000000000") {
    const { job } = i
    const made = [version(job?.url), job?.osType, job?.osVersion, job?.bootMode, i.license]
    const wanted = [
      version(p.source.url),
      p.os.type,
      p.os.version,
      p.bootMode ?? "Legacy BIOS",
      p.licenseType ?? "TencentCloud",
    ]
    if (made.join() !== wanted.join()) return `${i.id} was made of ${made.join()} and not of ${wanted.join()}`
  }
  if (p.description !== undefined && textOf(i.description) !== p.description)
    return `${i.id} says ${i.description}`
  if (p.family !== undefined && i.family !== p.family) return `${i.id} is in the family ${i.family}`
  if (p.deprecated !== undefined && i.deprecated !== p.deprecated)
    return `${i.id}: deprecated is ${i.deprecated}`
  for (const [key, value] of Object.entries(p.tags)) {
    if ((i.tags[key] ?? null) !== value) return `${i.id}: the tag ${key} is ${i.tags[key]}`
  }
  const shares = i.shares.map((s) => s.accountId).sort()
  if (p.sharedWith !== undefined && shares.join() !== [...p.sharedWith].sort().join())
    return `${i.id} is shared with ${shares.join()}`
  return undefined
}

const version = (url: string | undefined): string => /-v(\d+)\./.exec(url ?? "")?.[1] ?? ""
