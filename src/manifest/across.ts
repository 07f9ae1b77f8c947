/** What only shows when all Images of the stack are seen together. Linear in the number of placements. */

import { pathIn, spotOf } from "./draft.ts"
import type { Finding, Findings } from "./findings.ts"
import { lookAlikeKey, memberOf } from "./names.ts"
import type { ResolvedImage } from "./resolve-image.ts"
import { below, positionOf, type Spot } from "./tree.ts"
import { shown } from "./words.ts"

export function checkAcross(images: readonly ResolvedImage[], findings: Findings): void {
  checkPlacements(images, findings)
  checkLookAlikes(images, findings)
  checkMembers(images, findings)
}

interface Holder {
  readonly image: ResolvedImage
  readonly spot: Spot
}

/** One name or one family, twice in an account and region. */
function checkPlacements(images: readonly ResolvedImage[], findings: Findings): void {
  const names = new Map<string, Holder>()
  const families = new Map<string, Holder>()
  for (const image of images) {
    const { draft, placements } = image
    for (const { account, region, image: name, match, family } of placements) {
      const scope = `${account}\u0000${region}`
      const first = names.get(`${scope}\u0000${name}`)
      if (first === undefined) names.set(`${scope}\u0000${name}`, { image, spot: draft.nameSpot })
      else if (first.image !== image)
        tellDuplicate(name, account, region, draft.nameSpot, first.spot, findings)
      if (match !== "family" || family === undefined || family === "") continue
      const key = `${scope}\u0000${family}`
      const other = families.get(key)
      if (other === undefined) families.set(key, { image, spot: draft.nameSpot })
      else if (other.image !== image) {
        const node = spotOf(draft, "family")
        findings.at(below(draft.checked.tree, "spec", "family") ?? draft.nameSpot, {
          code: "duplicate_family",
          message: `Two images find themselves by the family ${shown(family)} in account ${account}, ${region}; the other is at ${where(other.spot)}.`,
          advice: "give each image with match: family a family of its own",
          path: pathIn(draft, node, "family"),
        })
      }
    }
  }
  for (const { draft, placements } of images) checkFormerNames(draft, placements, names, findings)
}

function checkFormerNames(
  draft: ResolvedImage["draft"],
  placements: ResolvedImage["placements"],
  names: ReadonlyMap<string, Holder>,
  findings: Findings,
): void {
  const list = below(draft.checked.tree, "metadata", "formerNames")
  if (list?.kind !== "list") return
  for (const [i, former] of draft.formerNames.entries()) {
    for (const { account, region } of placements) {
      const holder = names.get(`${account}\u0000${region}\u0000${former}`)
      if (holder === undefined || holder.image.draft === draft) continue
      findings.at(list.items[i] ?? list, {
        code: "duplicate_name",
        message: `The former name ${shown(former)} is the name of another image in account ${account}, ${region}, at ${where(holder.spot)}.`,
        advice: "remove it, or rename the other image",
        path: `metadata.formerNames[${i}]`,
      })
      break
    }
  }
}

function tellDuplicate(
  name: string,
  account: string,
  region: string,
  spot: Spot,
  first: Spot,
  findings: Findings,
): void {
  findings.at(spot, {
    code: "duplicate_name",
    message: `The image ${shown(name)} is asked for twice in account ${account}, ${region}; the other is at ${where(first)}.`,
    advice: "rename one of them, or give them different accounts or regions",
    path: "metadata.name",
  })
}

/** Names that differ, but not to a reader or to a service that levels case. */
function checkLookAlikes(images: readonly ResolvedImage[], findings: Findings): void {
  const seen = new Map<string, ResolvedImage["draft"]>()
  for (const { draft } of images) {
    if (draft.name === "") continue
    const key = lookAlikeKey(draft.name)
    const first = seen.get(key)
    if (first === undefined) seen.set(key, draft)
    else if (first.name !== draft.name) {
      findings.at(draft.nameSpot, {
        code: "confusable_name",
        message: `The name ${shown(draft.name)} differs from the one at ${where(first.nameSpot)} only in case or Unicode form.`,
        advice: "choose names that differ in a letter",
        path: "metadata.name",
      })
    }
  }
}

/** A name that a member of another image's family could get. */
function checkMembers(images: readonly ResolvedImage[], findings: Findings): void {
  const bases = new Map<string, Spot>()
  for (const { draft } of images) if (draft.match === "family") bases.set(draft.name, draft.nameSpot)
  if (bases.size === 0) return
  for (const { draft } of images) {
    const base = memberOf(draft.name)
    const other = base === undefined ? undefined : bases.get(base)
    if (other === undefined) continue
    const finding: Finding = {
      code: "name_like_suffix",
      message: `The name ${shown(draft.name)} could be that of a member of ${shown(base)}, at ${where(other)}.`,
      advice: "choose a name that does not end with - and 8 hex digits",
      path: "metadata.name",
    }
    findings.at(draft.nameSpot, finding)
  }
}

function where(spot: Spot): string {
  const { file, line } = positionOf(spot)
  return `${file}:${line}`
}
