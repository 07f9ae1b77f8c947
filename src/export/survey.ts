/**
 * Which images get a manifest, and which do not and why. An image is asked about in this order: its state, its mark,
 * whether a manifest asks for it already, whether anything else stands in the region under its name, and last whether a
 * manifest can say what it is.
 *
 * A manifest with `match: name` is its image's exact name. Where that cannot be written (characters, length, a suffix
 * that cvmimg gives itself) the image can still be taken over as the newest usable one of its family, with
 * `match: family` and a name of our own; else it has to be renamed first.
 */
import { lookAlikeKey, memberOf, nameProblem } from "../manifest/names.ts"
import type { Claim } from "../manifest/resolve.ts"
import { MAX_TAGS, OUR_TAGS } from "../manifest/tags.ts"
import { hasHidden } from "../model/characters.ts"
import type { LeftOut, LeftOutReason } from "../model/export.ts"
import type { CloudImage, Observed } from "../model/observed.ts"
import { compareText, type Scope, scopeKey } from "../model/placement.ts"
import { STACK_TAG, splitDescription } from "../model/provenance.ts"
import type { Stack } from "../model/stack.ts"
import { legalName } from "./names.ts"

/** An image that gets a manifest. */
export interface Row extends Scope {
  readonly image: CloudImage
  /** `metadata.name`. */
  readonly name: string
  readonly match: "name" | "family"
}

export interface SurveyInput {
  readonly stack: Stack
  readonly observed: Observed
  /** What the manifests at hand ask for. */
  readonly claims: readonly Claim[]
  /** Which images are meant at all. */
  readonly wanted: (image: CloudImage) => boolean
}

export interface Survey {
  readonly rows: readonly Row[]
  readonly leftOut: readonly LeftOut[]
}

function canBeNamed(family: string): boolean {
  return !hasHidden(family) && nameProblem(family, "family") !== "bad_name"
}

export function survey({ stack, observed, claims, wanted }: SurveyInput): Survey {
  const leftOut: LeftOut[] = []
  const named: Row[] = []
  const nameless: (Scope & { readonly image: CloudImage })[] = []
  const isClaimed = claimed(claims)
  for (const scope of observed.scopes) {
    if ("failure" in scope) continue
    const { account, region, images } = scope
    const names = counts(images.map((image) => image.name))
    const newest = newestOf(images)
    for (const image of [...images]
      .filter(wanted)
      .sort((a, b) => compareText(a.name, b.name) || compareText(a.id, b.id))) {
      const reason = refusal(image, stack, isClaimed({ account, region }, image), names.get(image.name) ?? 0)
      if (reason !== undefined) {
        leftOut.push(left({ account, region }, image, reason))
      } else if (!hasHidden(image.name) && nameProblem(image.name, "name") === undefined) {
        named.push({ account, region, image, name: image.name, match: "name" })
      } else if (newest.get(image.family) === image && canBeNamed(image.family)) {
        nameless.push({ account, region, image })
      } else {
        leftOut.push(left({ account, region }, image, "bad_name"))
      }
    }
  }
  const taken = new NamesTaken(claims)
  const rows: Row[] = []
  for (const row of named.sort(
    (a, b) => compareText(a.name, b.name) || compareText(scopeKey(a), scopeKey(b)),
  )) {
    if (taken.take(row.name)) rows.push(row)
    else leftOut.push(left(row, row.image, "confusable_name"))
  }
  const given = new Map<string, string>()
  for (const row of nameless.sort(
    (a, b) => compareText(a.image.name, b.image.name) || compareText(scopeKey(a), scopeKey(b)),
  )) {
    const key = `${row.image.family}\u0000${row.image.name}`
    const name = given.get(key) ?? taken.free(legalName(row.image.name, row.image.id))
    given.set(key, name)
    rows.push({ ...row, name, match: "family" })
  }
  return {
    rows,
    leftOut: leftOut.sort(
      (a, b) =>
        compareText(a.name, b.name) ||
        compareText(a.account, b.account) ||
        compareText(a.region, b.region) ||
        compareText(a.imageId, b.imageId),
    ),
  }
}

function refusal(
  image: CloudImage,
  stack: Stack,
  isClaimed: boolean,
  namesakes: number,
): LeftOutReason | undefined {
  const { stamp } = splitDescription(image.description)
  const owners = [stamp?.stack, image.tags[STACK_TAG]].filter((owner) => owner !== undefined)
  if (owners.length > 0) return owners.every((owner) => owner === stack.id) ? "owned" : "owned_by_other"
  if (isClaimed) return "covered"
  if (image.state !== "NORMAL") return "not_normal"
  if (namesakes > 1) return "name_twice"
  if (
    !["", "x86_64", "i386", ...(stack.site === "cn" ? ["arm", "arm_64"] : [])].includes(image.architecture)
  ) {
    return "architecture"
  }
  const tags = Object.keys(image.tags).length
  return stack.provenance.tags && tags + OUR_TAGS > MAX_TAGS ? "too_many_tags" : undefined
}

function left({ account, region }: Scope, image: CloudImage, reason: LeftOutReason): LeftOut {
  const advice = adviceFor(reason, image)
  return {
    account,
    region,
    imageId: image.id,
    name: image.name,
    reason,
    ...(advice === undefined ? {} : { advice }),
  }
}

function adviceFor(reason: LeftOutReason, image: CloudImage): string | undefined {
  switch (reason) {
    case "owned":
    case "covered":
      return undefined
    case "owned_by_other":
      return "let that stack release it (lifecycle.state: released), if this one is to have it"
    case "not_normal":
      return image.state === "IMPORTFAILED" || image.state === "CREATEFAILED"
        ? "delete it, if nobody needs it"
        : "export again when it is NORMAL"
    case "name_twice":
      return "rename one of the two"
    case "bad_name":
      return `rename it in the cloud, to ${legalName(image.name, image.id)} for example`
    case "confusable_name":
      return "rename one of the two in the cloud"
    case "architecture":
      return "leave it to other tools, or write `site: cn` in the stack if its accounts are of cloud.tencent.com"
    case "too_many_tags":
      return "remove some of its tags"
  }
}

/** Whether a manifest asks for the image: by its name, a former one, or as a member of the family that it stands for. */
function claimed(claims: readonly Claim[]): (scope: Scope, image: CloudImage) => boolean {
  const names = new Set<string>()
  const families = new Set<string>()
  for (const { name, match, family, formerNames, scopes } of claims) {
    for (const scope of scopes) {
      for (const one of [name, ...formerNames]) names.add(`${scopeKey(scope)}\u0000${one}`)
      if (match === "family" && family !== undefined && family !== "")
        families.add(`${scopeKey(scope)}\u0000${family}`)
    }
  }
  return (scope, image) =>
    names.has(`${scopeKey(scope)}\u0000${image.name}`) ||
    families.has(`${scopeKey(scope)}\u0000${image.family}`)
}

/** What each family resolves to: its newest usable member, whoever imported it. */
function newestOf(images: readonly CloudImage[]): ReadonlyMap<string, CloudImage> {
  const newest = new Map<string, CloudImage>()
  for (const image of images) {
    if (image.family === "" || image.state !== "NORMAL" || image.deprecated) continue
    const other = newest.get(image.family)
    if (other === undefined || isNewer(image, other)) newest.set(image.family, image)
  }
  return newest
}

function isNewer(a: CloudImage, b: CloudImage): boolean {
  const byTime = (a.createdAt ?? 0) - (b.createdAt ?? 0)
  return byTime !== 0 ? byTime > 0 : a.id > b.id
}

function counts(names: readonly string[]): ReadonlyMap<string, number> {
  const out = new Map<string, number>()
  for (const name of names) out.set(name, (out.get(name) ?? 0) + 1)
  return out
}

/** Names that manifests bear, so that no two look alike and none looks like the member of a family. */
class NamesTaken {
  readonly #byLook = new Map<string, string>()
  readonly #members = new Set<string>()
  readonly #bases = new Set<string>()

  constructor(claims: readonly Claim[]) {
    for (const { name, match } of claims) {
      this.take(name)
      if (match === "family") this.#bases.add(name)
    }
  }

  /** False where the name looks like another one. */
  take(name: string): boolean {
    const look = lookAlikeKey(name)
    const other = this.#byLook.get(look)
    if (other !== undefined && other !== name) return false
    const base = memberOf(name)
    if (base !== undefined && this.#bases.has(base)) return false
    if (base !== undefined) this.#members.add(base)
    this.#byLook.set(look, name)
    return true
  }

  /** The name, or the first of `name-2`, `name-3` that is free, for an image that stands for a family. */
  free(name: string): string {
    for (let n = 1; ; n += 1) {
      const tried = n === 1 ? name : `${Array.from(name).slice(0, 46).join("").replace(/ +$/, "")}-${n}`
      if (this.#byLook.has(lookAlikeKey(tried)) || this.#members.has(tried) || !this.take(tried)) continue
      this.#bases.add(tried)
      return tried
    }
  }
}
