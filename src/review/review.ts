/**
 * (BASE, HEAD) -> REVIEW. Two states of one stack against each other, from their manifests alone: which images come, go and
 * change, what that does to images that exist, which rules for runs move, and how much of a risk each of it is.
 *
 * Where a manifest is wrong on either side, its images are not compared, since half a manifest would look like a change;
 * where the Stack itself is wrong, none is.
 */
import type { Desired, DesiredPlacement } from "../model/desired.ts"
import { compareText } from "../model/placement.ts"
import {
  type ImageFate,
  type Review,
  type ReviewedCommit,
  type ReviewedImage,
  type ReviewSide,
  RISKS,
  type RiskLevel,
  riskOf,
  type StackChange,
  worstRisk,
} from "../model/review.ts"
import { reviewDiagnostics } from "./diagnostics.ts"
import { familyMoves, reviewFamilies } from "./families.ts"
import { reviewFiles } from "./files.ts"
import { ImageComparison, type Images } from "./images.ts"
import { Ripples } from "./ripples.ts"
import { stackSettings } from "./stack.ts"

/** What is compared, for the reader. */
export interface ReviewOf {
  readonly directory: string
  readonly base: Review["base"]
  readonly head: ReviewedCommit
}

const NOWHERE = { file: ".", line: 1, column: 1 }

/** `base`, `head`: undefined where the commit has no such stack. */
export function review(base: ReviewSide | undefined, head: ReviewSide | undefined, of: ReviewOf): Review {
  const [old, now] = [base ?? EMPTY, head ?? EMPTY]
  const notCompared = unknownImages(base, head)
  const unknown = new Set(notCompared)
  const [olds, nows] = [imagesOf(old.desired, unknown), imagesOf(now.desired, unknown)]
  const [was, is] = [old.desired?.stack, now.desired?.stack]
  const settings = was === undefined || is === undefined ? [] : stackSettings(was, is)
  const ripples = new Ripples(settings, now.stackPlace?.origins ?? {}, is?.at ?? NOWHERE)
  const pruned = is !== undefined && is.prune.orphans !== "keep"
  const { images, shifts, placements } = new ImageComparison(
    olds,
    nows,
    [old, now],
    ripples,
    pruned,
  ).compare()
  const families = reviewFamilies(old.desired?.families ?? [], now.desired?.families ?? [])
  const stackFate = head === undefined ? "removed" : base === undefined ? "added" : "kept"
  const stackChanges = ripples.list()
  const moves = familyMoves(shifts, old.desired, now.desired)
  return {
    formatVersion: 1,
    stack: (is ?? was)?.name ?? "",
    stackFate,
    ...of,
    valid: now.valid,
    risk: overall(stackFate, stackChanges, images, families),
    stackChanges,
    images,
    families,
    moves,
    notCompared,
    summary: { images: fates(images), placements },
    files: reviewFiles(old.texts, now.texts),
    diagnostics: reviewDiagnostics(old, now),
  }
}

const EMPTY: ReviewSide = {
  valid: true,
  diagnostics: [],
  images: [],
  errorFiles: new Set(),
  texts: new Map(),
}

function overall(
  fate: Review["stackFate"],
  changes: readonly StackChange[],
  images: readonly ReviewedImage[],
  families: Review["families"],
): RiskLevel {
  const ofStack =
    fate === "removed" ? riskOf(["stack_removed"]) : fate === "added" ? RISKS.stack_added.level : "none"
  return worstRisk([ofStack, ...[...changes, ...images, ...families].map(({ risk }) => risk)])
}

function fates(images: readonly ReviewedImage[]): Record<ImageFate, number> {
  const counts = { added: 0, removed: 0, renamed: 0, changed: 0, moved: 0 }
  for (const { fate } of images) counts[fate]++
  return counts
}

/** Images whose manifest cannot be trusted on one of the sides, sorted. */
function unknownImages(base: ReviewSide | undefined, head: ReviewSide | undefined): string[] {
  const sides = [base, head].filter((side) => side !== undefined)
  const lost = sides.some(
    ({ valid, desired, stackPlace, errorFiles }) =>
      !valid && (desired === undefined || stackPlace === undefined || errorFiles.has(stackPlace.file)),
  )
  const names = sides.flatMap(({ images, errorFiles, desired }) => {
    const named = images.filter(({ file }) => lost || errorFiles.has(file)).map(({ name }) => name)
    // A file that cannot be read at the head names its images at the base.
    const files = new Set(sides.flatMap((side) => [...side.errorFiles]))
    const placed = (desired?.placements ?? []).filter((p) => lost || files.has(p.at.file)).map((p) => p.image)
    return [...named, ...placed]
  })
  return Array.from(new Set(names.filter((name) => name !== ""))).sort(compareText)
}

function imagesOf(desired: Desired | undefined, unknown: ReadonlySet<string>): Images {
  const images = new Map<string, DesiredPlacement[]>()
  for (const p of desired?.placements ?? []) {
    if (unknown.has(p.image)) continue
    const list = images.get(p.image)
    if (list === undefined) images.set(p.image, [p])
    else list.push(p)
  }
  return images
}
