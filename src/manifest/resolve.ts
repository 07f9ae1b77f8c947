import type { Desired, DesiredFamily, DesiredPlacement } from "../model/desired.ts"
import { comparePlacements, compareText } from "../model/placement.ts"
import { checkAcross } from "./across.ts"
import { durationMs } from "./duration.ts"
import type { Findings } from "./findings.ts"
import type { FamilyManifest } from "./manifest.gen.ts"
import { type ResolvedImage, resolveImage } from "./resolve-image.ts"
import { resolveStack } from "./resolve-stack.ts"
import { below, positionOf, type Spot } from "./tree.ts"
import type { Checked } from "./validate.ts"
import { shown } from "./words.ts"

/** Placements of one stack. */
export const MAX_PLACEMENTS = 200_000

/**
 * Everything that the documents ask for, with all checks across files. None where there is no Stack; where something is
 * wrong the result lacks parts, and the findings say so.
 */
export function resolve(documents: readonly Checked[], findings: Findings): Desired | undefined {
  const [first, ...others] = documents.filter((d) => d.kind === "Stack")
  for (const other of others) {
    findings.at(spotOfName(other), {
      code: "duplicate_stack",
      message: `There is another Stack at ${where(first)}; a directory holds one.`,
      advice: "remove one of them, or give it a directory of its own",
      path: "kind",
    })
  }
  const families = familiesOf(documents, findings)
  if (first === undefined) return undefined
  const context = resolveStack(first)
  const images: ResolvedImage[] = []
  const placements: DesiredPlacement[] = []
  for (const document of documents) {
    if (document.kind !== "Image") continue
    const image = resolveImage(document, context, findings)
    images.push(image)
    if (placements.length + image.placements.length > MAX_PLACEMENTS) {
      findings.at(image.draft.nameSpot, {
        code: "too_many",
        message: `The stack asks for more than ${MAX_PLACEMENTS} placements.`,
        advice: "divide it into several stacks",
      })
      break
    }
    for (const placement of image.placements) placements.push(placement)
  }
  checkAcross(images, findings)
  return { stack: context.stack, placements: placements.sort(comparePlacements), families }
}

function familiesOf(documents: readonly Checked[], findings: Findings): DesiredFamily[] {
  const seen = new Map<string, Checked>()
  const out: DesiredFamily[] = []
  for (const document of documents) {
    if (document.kind !== "Family") continue
    const { metadata, spec } = document.value as Partial<FamilyManifest>
    const name = metadata?.name
    if (name === undefined) continue
    const first = seen.get(name)
    if (first !== undefined) {
      findings.at(spotOfName(document), {
        code: "duplicate_family_manifest",
        message: `The family ${shown(name)} has a manifest already, at ${where(first)}.`,
        advice: "keep one of them",
        path: "metadata.name",
      })
      continue
    }
    seen.set(name, document)
    const last = spec?.retain?.last
    const withinMs = spec?.retain?.within === undefined ? undefined : durationMs(spec.retain.within)
    out.push({
      name,
      retain: { ...(last === undefined ? {} : { last }), ...(withinMs === undefined ? {} : { withinMs }) },
      beyond: spec?.beyond ?? "deprecate",
      at: positionOf(spotOfName(document)),
    })
  }
  return out.sort((a, b) => compareText(a.name, b.name))
}

function spotOfName(document: Checked): Spot {
  return below(document.tree, "metadata", "name") ?? document.tree
}

function where(document: Checked | undefined): string {
  if (document === undefined) return ""
  const { file, line } = positionOf(spotOfName(document))
  return `${file}:${line}`
}
