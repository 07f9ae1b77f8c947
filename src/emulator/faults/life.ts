import { type Fate, type ImageRecord, partitionOf, type World } from "../world.ts"
import type { ImportEffect } from "./spec.ts"

/** Decides what becomes of an import that was just accepted. Times are of the world and go with it into its file. */
export function decree(world: World, image: ImageRecord, effect: ImportEffect): void {
  const { job } = image
  if (job === undefined) return
  image.fate ??= {}
  const { fate } = image
  const event = (after: number | undefined, what: Omit<NonNullable<Fate["events"]>[number], "at">): void => {
    fate.events = [...(fate.events ?? []), { at: image.visibleAt + (after ?? 0), ...what }]
    fate.events.sort((a, b) => a.at - b.at)
  }
  switch (effect.kind) {
    case "fail":
      fate.outcome = effect.reason
      if (effect.after !== undefined) job.finishAt = image.visibleAt + effect.after
      break
    case "never-ends":
      fate.outcome = "never"
      break
    case "takes":
      if (image.lateTags !== undefined) image.lateTags.at += image.visibleAt + effect.for - job.finishAt
      job.finishAt = image.visibleAt + effect.for
      break
    case "late":
      image.visibleAt = job.acceptedAt + effect.for
      break
    case "never-visible":
      image.visibleAt = Number.MAX_SAFE_INTEGER
      break
    case "flicker": {
      const gone = effect.gone ?? effect.seen
      const at = (index: number): number => image.visibleAt + effect.seen + index * (effect.seen + gone)
      const times = Math.min(effect.times ?? 1, 1000)
      fate.hidden = Array.from({ length: times }, (_, index) => [at(index), at(index) + gone])
      break
    }
    case "tags-late":
      if (image.lateTags !== undefined) image.lateTags.at += effect.for
      break
    case "tags-never":
      delete image.lateTags
      break
    case "state":
      event(effect.after, { state: effect.state })
      if (effect.for !== undefined) event((effect.after ?? 0) + effect.for, { state: image.state })
      break
    case "delete":
      event(effect.after, { removed: true })
      break
    case "rename":
      event(effect.after, { name: effect.to })
      break
  }
  partitionOf(world, image.owner, image.region).pending.add(image)
}
