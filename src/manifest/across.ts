/** What only shows when all Images of the stack are seen together. Linear in the number of placements. */

import type { Finding, Findings } from "./findings.ts"
import { lookAlikeKey, memberOf } from "./names.ts"
import type { ResolvedImage } from "./resolve-image.ts"
import { positionOf, type Spot } from "./tree.ts"
import { shown } from "./words.ts"

export function checkAcross(images: readonly ResolvedImage[], findings: Findings): void {
  checkPlacements(images, findings)
  checkLookAlikes(images, findings)
  checkMembers(images, findings)
}

/** One name or one family, twice in an account and region. */
function checkPlacements(images: readonly ResolvedImage[], findings: Findings): void {
  const names = new Map<string, ResolvedImage>()
  const families = new Map<string, ResolvedImage>()
  for (const image of images) {
    const { nameSpot, name, match, family } = image
    if (name === "") continue
    for (const {
      account: { name: account },
      region,
    } of image.scopes) {
      const scope = `${account}\u0000${region}`
      const first = names.get(`${scope}\u0000${name}`)
      if (first === undefined) names.set(`${scope}\u0000${name}`, image)
      else if (first !== image) tellDuplicate(name, account, region, nameSpot, first.nameSpot, findings)
      if (match !== "family" || family === undefined || family === "") continue
      const key = `${scope}\u0000${family}`
      const other = families.get(key)
      if (other === undefined) families.set(key, image)
      else if (other !== image) {
        findings.at(image.familySpot, {
          code: "duplicate_family",
          message: `Two images find themselves by the family ${shown(family)} in account ${account}, ${region}; the other is at ${where(other.nameSpot)}.`,
          advice: "give each image with match: family a family of its own",
          path: "spec.family",
        })
      }
    }
  }
  const claimed = new Map<string, ResolvedImage>()
  for (const image of images) checkFormerNames(image, names, claimed, findings)
}

/** A former name says whose an image is: no other image may have it, today or formerly. */
function checkFormerNames(
  image: ResolvedImage,
  names: ReadonlyMap<string, ResolvedImage>,
  claimed: Map<string, ResolvedImage>,
  findings: Findings,
): void {
  for (const [i, former] of image.formerNames.entries()) {
    for (const {
      account: { name: account },
      region,
    } of image.scopes) {
      const key = `${account}\u0000${region}\u0000${former.name}`
      const holder = names.get(key)
      const claimant = claimed.get(key) ?? image
      claimed.set(key, claimant)
      const other = holder === undefined || holder === image ? claimant : holder
      if (other === image) continue
      const what = other === holder ? "the name" : "a former name"
      findings.at(former.spot, {
        code: "duplicate_name",
        message: `The former name ${shown(former.name)} is ${what} of another image in account ${account}, ${region}, at ${where(other.nameSpot)}.`,
        advice: other === holder ? "remove it, or rename the other image" : "remove it from one of them",
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
  const seen = new Map<string, ResolvedImage>()
  for (const image of images) {
    if (image.name === "") continue
    const key = lookAlikeKey(image.name)
    const first = seen.get(key)
    if (first === undefined) seen.set(key, image)
    else if (first.name !== image.name) {
      findings.at(image.nameSpot, {
        code: "confusable_name",
        message: `The name ${shown(image.name)} differs from the one at ${where(first.nameSpot)} only in case or Unicode form.`,
        advice: "choose names that differ in a letter",
        path: "metadata.name",
      })
    }
  }
}

/** A name that a member of another image's family could get. */
function checkMembers(images: readonly ResolvedImage[], findings: Findings): void {
  const bases = new Map<string, Spot>()
  for (const image of images) if (image.match === "family") bases.set(image.name, image.nameSpot)
  if (bases.size === 0) return
  for (const image of images) {
    const base = memberOf(image.name)
    const other = base === undefined ? undefined : bases.get(base)
    if (other === undefined) continue
    const finding: Finding = {
      code: "name_like_suffix",
      message: `The name ${shown(image.name)} could be that of a member of ${shown(base)}, at ${where(other)}.`,
      advice: "choose a name that does not end with - and 8 hex digits",
      path: "metadata.name",
    }
    findings.at(image.nameSpot, finding)
  }
}

function where(spot: Spot): string {
  const { file, line } = positionOf(spot)
  return `${file}:${line}`
}
