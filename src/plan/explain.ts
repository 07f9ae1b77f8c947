/** Why a placement got its action: what was looked at, in the order of the matching table. Pure. */
import type { DesiredPlacement } from "../model/desired.ts"
import type { Explanation, LookedAt } from "../model/explanation.ts"
import type { Observed } from "../model/observed.ts"
import { compareText, scopeKey } from "../model/placement.ts"
import type { Action } from "../model/plan.ts"
import type { Stack } from "../model/stack.ts"
import { imageHash, specHash, specParts } from "./fingerprint.ts"
import { lineagesOf } from "./lineage.ts"
import { memberName, swapRole } from "./names.ts"
import { type Candidate, stampOf } from "./own.ts"
import { indexRegion } from "./region.ts"
import { hasSpec, namesSource } from "./spec.ts"

/** Explains one placement. `action` is the plan's row for it. */
export function explain(
  p: DesiredPlacement,
  stack: Stack,
  observed: Observed | undefined,
  action: Action | undefined,
): Explanation {
  const spec = specHash(p)
  const scope = observed?.scopes.find((s) => scopeKey(s) === scopeKey(p))
  const base = {
    placement: p,
    stack,
    spec: { hash: spec, parts: specParts(p) },
    name: p.match === "name" ? p.image : memberName(p.image, spec),
    ...(action === undefined ? {} : { action }),
  }
  if (scope === undefined || "failure" in scope) return base
  const region = indexRegion(scope.images, stack.id, lineagesOf([p]))
  const hash = imageHash(p.image)
  const seen = observed?.sources?.[p.source.url]
  const question = {
    placement: p,
    hash,
    spec,
    region,
    retryFailed: false,
    ...(seen === undefined ? {} : { seen }),
  }
  const groups: [LookedAt["because"][number], readonly Candidate[]][] = [
    ["name", region.byName.get(base.name) ?? []],
    ["mark", region.byOwnedImage.get(hash) ?? []],
    ["family", p.family === undefined ? [] : (region.usableByFamily.get(p.family) ?? [])],
  ]
  const because = new Map<Candidate, LookedAt["because"][number][]>()
  for (const [why, candidates] of groups) {
    for (const c of candidates) because.set(c, [...(because.get(c) ?? []), why])
  }
  const lookedAt = [...because].map(([c, why]): LookedAt => {
    const role = swapRole(c.image.name, p)
    const ours = c.ownership.owner === "us" && c.ownership.image === hash
    const stamp = stampOf(c)
    return {
      imageId: c.image.id,
      name: c.image.name,
      state: c.image.state,
      family: c.image.family,
      deprecated: c.image.deprecated,
      owner: c.ownership.owner,
      because: why,
      role: c.image.name === base.name ? "named" : role,
      ...(ours
        ? {
            ...(stamp === undefined ? {} : { spec: stamp.spec }),
            sameSpec: hasSpec(c, spec),
            sameSource: namesSource(c, question),
          }
        : {}),
    }
  })
  return {
    ...base,
    listed: scope.images.length,
    lookedAt: lookedAt.sort((a, b) => compareText(a.imageId, b.imageId)),
  }
}
