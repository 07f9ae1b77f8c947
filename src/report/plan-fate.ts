/** What becomes of the images that an action finds: renamed, deprecated, deleted, removed, waited for, kept. */
import type { ImageRef, ReplaceAction, RestoreAction, RetireAction, Retirement } from "../model/plan.ts"
import type { Field } from "./field.ts"
import { reasonText } from "./reasons.ts"

function fact(name: string, text: string): Field {
  return { kind: "fact", name, text, own: true }
}

function refText({ imageId, name }: ImageRef): string {
  return `${imageId} (${name})`
}

/** Leftovers of ours that go first; no brake counts them. */
export function removalFacts(remove: readonly ImageRef[]): Field[] {
  return remove.map((ref) => fact("removes", `${refText(ref)}, left by an earlier attempt`))
}

/** The whole of a replacement, step by step, or what is left of one that was stopped. */
export function replaceFacts(action: ReplaceAction): Field[] {
  const { staged, old, oldName, request, name } = action
  const facts = removalFacts(action.remove)
  if (staged === undefined) {
    facts.push(fact("new image", `imported as ${request.name}, renamed to ${name} once it is NORMAL`))
  } else {
    const how = staged.state === "NORMAL" ? "stands ready, no import" : `is ${staged.state}, waited for`
    facts.push(fact("new image", `${refText(staged)} ${how}; renamed to ${name}`))
  }
  const fate = old === undefined ? undefined : action.retire.find((r) => r.imageId === old.imageId)
  if (old === undefined) facts.push(fact("old image", "out of the way already"))
  else facts.push(fact("old image", oldText(old, oldName, fate)))
  return [...facts, ...action.retire.filter((r) => r !== fate).map(retireFact)]
}

function oldText(old: ImageRef, oldName: string | undefined, fate: Retirement | undefined): string {
  const renamed = oldName === undefined ? `${refText(old)}` : `${old.imageId} is renamed to ${oldName}`
  return `${renamed}, then ${fate === undefined ? "kept" : fateText(fate)}`
}

function retireFact(retirement: Retirement): Field {
  return fact(
    "retires",
    `${refText(retirement)}: ${fateText(retirement)}, since ${reasonText(retirement.reason)}`,
  )
}

function fateText({ how, deleteSnapshots }: Retirement): string {
  if (how === "deprecate") return "deprecated"
  return deleteSnapshots ? "deleted with its snapshots" : "deleted; its snapshots stay and cost money"
}

/** The earlier image that comes back, and those that make way for it. */
export function restoreFacts(action: RestoreAction): Field[] {
  const { imageId, name, old, oldName, update } = action
  const renamed = update.attributes?.name !== undefined
  const facts = [
    ...removalFacts(action.remove),
    fact(
      "restored",
      renamed ? `${imageId} is renamed to ${name}, no import` : `${imageId} (${name}), no import`,
    ),
  ]
  if (old !== undefined) facts.push(fact("old image", oldText(old, oldName, undefined)))
  return [...facts, ...action.deprecate.map((ref) => fact("deprecates", refText(ref)))]
}

/** An image that leaves use, and its snapshots. */
export function retireFacts(action: RetireAction): Field[] {
  const image = fact("image", refText(action))
  if (action.action === "deprecate") return [image]
  const ids = action.snapshotIds.length > 0 ? action.snapshotIds.join(", ") : "none known"
  const how = action.deleteSnapshots ? "deleted with the image" : "stay and cost money"
  return [image, fact("snapshots", `${how}: ${ids}`)]
}
