/**
 * What a manifest says of an image that exists. What cannot be read back is left to a person, as an empty value with a
 * TODO; what cannot be written in a manifest is not managed, and a note says so.
 */
import { parseTemplate } from "../manifest/placeholders.ts"
import { reservedPrefix, tagKeyProblem, tagValueProblem } from "../manifest/tags.ts"
import { hasHidden } from "../model/characters.ts"
import type { Architecture, LicenseType } from "../model/desired.ts"
import type { CloudImage } from "../model/observed.ts"
import { compareText } from "../model/placement.ts"
import { MAX_DESCRIPTION, splitDescription } from "../model/provenance.ts"
import type { Site } from "../model/stack.ts"
import { visible } from "./scalar.ts"
import type { Row } from "./survey.ts"

/** What of the stack's defaults would change an image that says nothing itself. */
export interface Inherited {
  readonly match?: "name" | "family"
  readonly family?: string
  readonly description?: string
  readonly deprecated?: boolean
  readonly dataDisks?: readonly unknown[]
  readonly sharedWith?: readonly string[]
  readonly lifecycle?: { readonly state?: string }
}

export interface Says {
  readonly match?: "name" | "family"
  readonly family?: string
  /** null: to be filled in, with what to write. */
  readonly description?: string | { readonly todo: string }
  /** Absent: to be filled in. */
  readonly architecture?: Architecture
  readonly licenseType?: LicenseType
  readonly deprecated?: boolean
  readonly state?: "managed"
  readonly tags: Readonly<Record<string, string>>
  /** todo: it has more disks than one, whose files nobody but a person knows. none: it has not what the stack's defaults say. */
  readonly dataDisks?: "todo" | "none"
  readonly notes: readonly string[]
}

/** `named`: a manifest of the stack has the row's name already, for other places. */
export function saysOf({ image, match }: Row, site: Site, inherited: Inherited, named: boolean): Says {
  const notes: string[] = []
  if (named) {
    notes.push(
      "another manifest of this name asks for it in other regions: where both are to stay alike, add these regions there, with lifecycle.adopt, and remove this one",
    )
  }
  if (match === "family") notes.push(`no manifest can bear its name in the cloud, ${visible(image.name)}`)
  const tags = tagsOf(image, notes)
  const description = descriptionOf(image, inherited, notes)
  if (inherited.sharedWith !== undefined) {
    notes.push("the stack's default sharedWith holds for it: plan shows who gets the image and who loses it")
  }
  const family = familyOf(image, inherited, notes)
  const license = image.licenseType
  return {
    ...(match === "family" || inherited.match === "family" ? { match } : {}),
    ...(family === undefined ? {} : { family }),
    ...(description === undefined ? {} : { description }),
    ...architectureOf(image),
    ...(license === "BYOL" || license === "TencentCloud" ? { licenseType: license } : {}),
    ...(image.deprecated || inherited.deprecated !== undefined ? { deprecated: image.deprecated } : {}),
    ...(inherited.lifecycle?.state === undefined ? {} : { state: "managed" as const }),
    tags,
    ...(site === "cn" ? dataDisksOf(image, inherited) : {}),
    notes,
  }
}

function architectureOf({ architecture }: CloudImage): { readonly architecture?: Architecture } {
  if (architecture === "arm") return { architecture: "arm_64" }
  return architecture === "" ? {} : { architecture: architecture as Architecture }
}

const FAMILY = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._ -]*[\p{L}\p{M}\p{N}._-])?$/u

function familyOf({ family }: CloudImage, inherited: Inherited, notes: string[]): string | undefined {
  if (family === "") return (inherited.family ?? "") === "" ? undefined : ""
  if (FAMILY.test(family) && !hasHidden(family) && Array.from(family).length <= 60) return family
  const outcome =
    (inherited.family ?? "") === "" ? "it is not managed" : "the stack's default takes its place"
  notes.push(`no manifest can name its family, ${visible(family)}: ${outcome}`)
  return undefined
}

/** One snapshot for each disk of the image, the system's among them. */
function dataDisksOf({ snapshotIds }: CloudImage, inherited: Inherited): Pick<Says, "dataDisks"> {
  if (snapshotIds.length > 1) return { dataDisks: "todo" }
  return (inherited.dataDisks ?? []).length > 0 ? { dataDisks: "none" } : {}
}

function descriptionOf(image: CloudImage, inherited: Inherited, notes: string[]): Says["description"] {
  const { text } = splitDescription(image.description)
  if (text === "") return (inherited.description ?? "") === "" ? undefined : ""
  const why = descriptionProblem(text)
  if (Array.from(text).length > MAX_DESCRIPTION) {
    return {
      todo: `at most ${MAX_DESCRIPTION} characters, since the mark of cvmimg follows; it has now: ${visible(text)}`,
    }
  }
  if (why === undefined) return text
  const outcome =
    inherited.description === undefined ? "is not managed" : "the stack's default takes its place"
  notes.push(`its description ${why}, and ${outcome}: ${visible(text)}`)
  return undefined
}

function descriptionProblem(text: string): string | undefined {
  if (hasHidden(text) || /[\n\r\t]/.test(text)) return "has characters that cannot be seen"
  if (/[{}]/.test(text)) {
    const { parts, unknown } = parseTemplate(text)
    if (unknown.length > 0 || parts.some((part) => typeof part !== "string")) return "has braces"
  }
  if (text.trim() !== text) return "starts or ends with white space"
  return text.toLowerCase().includes("[cvmimg:") ? "looks like a mark of cvmimg" : undefined
}

function tagsOf({ tags }: CloudImage, notes: string[]): Readonly<Record<string, string>> {
  // `__proto__` is a legal key of a tag.
  const out: Record<string, string> = Object.create(null)
  for (const key of Object.keys(tags).sort(compareText)) {
    const value = tags[key] ?? ""
    const problem =
      reservedPrefix(key) !== undefined
        ? "its key is reserved"
        : hasHidden(key) || hasHidden(value)
          ? "it has characters that cannot be seen"
          : (tagKeyProblem(key) ?? (/[{}]/.test(value) ? "it has braces" : tagValueProblem(value)))
    if (problem === undefined) out[key] = value
    else notes.push(`the tag ${visible(key)} is not managed: ${problem}`)
  }
  return out
}
