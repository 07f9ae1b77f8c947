/**
 * One Image manifest to its placements: the stack's defaults merged under it, accounts times regions, placeholders filled.
 * What is wrong is said at the place where the value is written, which may be in `cvmimg.yaml`.
 */
import type { DesiredPlacement, Lifecycle } from "../model/desired.ts"
import type { Position } from "../model/position.ts"
import type { Account } from "../model/stack.ts"
import { draftOf, type ImageDraft } from "./draft.ts"
import type { Findings } from "./findings.ts"
import { checkStatic } from "./image-rules.ts"
import { ImageTexts } from "./image-texts.ts"
import type { ImageManifest, ImageSpec } from "./manifest.gen.ts"
import { originsOf } from "./merge.ts"
import type { StackContext } from "./resolve-stack.ts"
import { checkScopes, type Scoped } from "./scopes.ts"
import { below, dictionary, positionOf, type Spot } from "./tree.ts"
import type { Checked } from "./validate.ts"

/** What the checks across images need; the tree of the manifest is not held on to. */
export interface ResolvedImage {
  readonly name: string
  readonly nameSpot: Spot
  readonly match: "name" | "family"
  /** Where the family is written; in the defaults of the stack it is the name's place. */
  readonly familySpot: Spot
  readonly family: string | undefined
  readonly formerNames: readonly { readonly name: string; readonly spot: Spot }[]
  /** Every account and region, also those whose placement could not be made. */
  readonly scopes: readonly Scoped[]
  readonly placements: readonly DesiredPlacement[]
}

/** The placements of an Image; fewer where something is wrong with it, which is said. */
export function resolveImage(checked: Checked, context: StackContext, findings: Findings): ResolvedImage {
  const draft = draftOf(checked, context)
  checkStatic(draft, findings)
  const scopes = checkScopes(draft, findings)
  const texts = new ImageTexts(draft, findings)
  const origins = originsOf(draft.merged)
  const at = positionOf(draft.nameSpot)
  const labels = labelsOf(draft)
  const placements: DesiredPlacement[] = []
  for (const scope of scopes) {
    const placement = placementOf(draft, scope, texts, labels, { at, origins: originsFor(origins, scope) })
    if (placement !== undefined) placements.push(placement)
  }
  texts.flush()
  return {
    name: draft.name,
    nameSpot: draft.nameSpot,
    match: draft.match,
    familySpot: below(checked.tree, "spec", "family") ?? draft.nameSpot,
    family: draft.family,
    formerNames: formerNamesOf(draft),
    scopes,
    placements,
  }
}

function formerNamesOf({ formerNames, checked, nameSpot }: ImageDraft): ResolvedImage["formerNames"] {
  if (formerNames.length === 0) return []
  const list = below(checked.tree, "metadata", "formerNames")
  return formerNames.map((name, i) => ({
    name,
    spot: (list?.kind === "list" ? list.items[i] : undefined) ?? nameSpot,
  }))
}

/** The account's own list of regions, where it decided. */
function originsFor(
  origins: Readonly<Record<string, Position>>,
  scope: Scoped,
): Readonly<Record<string, Position>> {
  if (scope.regionList === undefined) return origins
  return { ...origins, regions: positionOf(scope.regionList) }
}

function placementOf(
  draft: ImageDraft,
  { account, region }: { readonly account: Account; readonly region: string },
  texts: ImageTexts,
  labels: DesiredPlacement["labels"],
  places: Pick<DesiredPlacement, "at" | "origins">,
): DesiredPlacement | undefined {
  const { spec } = draft
  const source = texts.source(account, region)
  const dataDisks = texts.dataDisks(account, region)
  const description = texts.description(account, region)
  const tags = texts.tags(account, region)
  const { type, version } = spec.os ?? {}
  if (source === undefined || dataDisks === undefined || tags === undefined) return undefined
  if (type === undefined || version === undefined || draft.name === "") return undefined
  return {
    image: draft.name,
    account: account.name,
    region,
    match: draft.match,
    formerNames: draft.formerNames,
    labels,
    source,
    os: { type, version },
    architecture: spec.architecture ?? "x86_64",
    ...(spec.bootMode === undefined ? {} : { bootMode: spec.bootMode }),
    ...(spec.licenseType === undefined ? {} : { licenseType: spec.licenseType }),
    force: spec.force ?? false,
    dataDisks,
    ...(description === undefined ? {} : { description }),
    ...(draft.family === undefined ? {} : { family: draft.family }),
    ...(spec.deprecated === undefined ? {} : { deprecated: spec.deprecated }),
    tags,
    ...(spec.sharedWith === undefined ? {} : { sharedWith: [...spec.sharedWith].sort() }),
    release: spec.release ?? "perRegion",
    lifecycle: lifecycleOf(spec),
    ...places,
  }
}

function labelsOf({ checked }: ImageDraft): Readonly<Record<string, string>> {
  return dictionary((checked.value as Partial<ImageManifest>).metadata?.labels)
}

const LIFECYCLE: Lifecycle = {
  onChange: "replace",
  retire: "deprecate",
  keepPrevious: 1,
  deleteSnapshots: true,
  protect: false,
  adopt: false,
  allowLostShares: false,
  state: "managed",
}

function lifecycleOf({ lifecycle }: ImageSpec): Lifecycle {
  if (lifecycle === undefined) return LIFECYCLE
  return {
    onChange: lifecycle.onChange ?? LIFECYCLE.onChange,
    retire: lifecycle.retire ?? LIFECYCLE.retire,
    keepPrevious: lifecycle.keepPrevious ?? LIFECYCLE.keepPrevious,
    deleteSnapshots: lifecycle.deleteSnapshots ?? LIFECYCLE.deleteSnapshots,
    protect: lifecycle.protect ?? LIFECYCLE.protect,
    adopt: lifecycle.adopt ?? LIFECYCLE.adopt,
    allowLostShares: lifecycle.allowLostShares ?? LIFECYCLE.allowLostShares,
    state: lifecycle.state ?? LIFECYCLE.state,
  }
}
