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
  readonly deprecated?: boolean
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
  /** It has more disks than one, whose files nobody but a person knows. */
  readonly dataDisks: boolean
  readonly notes: readonly string[]
}

export function saysOf({ image, match }: Row, site: Site, inherited: Inherited): Says {
  const notes: string[] = []
  if (match === "family") notes.push(`no manifest can bear its name in the cloud, ${visible(image.name)}`)
  const tags = tagsOf(image, notes)
  const description = descriptionOf(image, notes)
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
    dataDisks: site === "cn" && image.snapshotIds.length > 1,
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
  notes.push(`no manifest can name its family, ${visible(family)}: it is not managed`)
  return undefined
}

function descriptionOf(image: CloudImage, notes: string[]): Says["description"] {
  const { text } = splitDescription(image.description)
  if (text === "") return undefined
  const why = descriptionProblem(text)
  if (Array.from(text).length > MAX_DESCRIPTION) {
    return {
      todo: `at most ${MAX_DESCRIPTION} characters, since the mark of cvmimg follows; it has now: ${visible(text)}`,
    }
  }
  if (why === undefined) return text
  notes.push(`its description ${why}, and is not managed: ${visible(text)}`)
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
