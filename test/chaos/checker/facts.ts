/**
 * What the checker knows of a run, and its own reading of marks. It shares no line with planner and applier: it reads
 * the server's records, the ledger, the plan as it was shown, and what was reported.
 */
import { createHash } from "node:crypto"
import type { ImageRecord } from "../../../src/emulator/world.ts"
import type { Desired } from "../../../src/model/desired.ts"
import type { Plan } from "../../../src/model/plan.ts"
import type { Written } from "../support/server.ts"

export interface Violation {
  readonly law: string
  readonly text: string
}

/** One run of plan and apply, as far as it came. */
export interface RunFacts {
  readonly name: string
  readonly desired: Desired
  readonly retryFailed: boolean
  readonly keepGoing: boolean
  /** Safety limits are lifted. */
  readonly allowed: boolean
  /** Nothing made it uncertain what earlier runs left under way, or the service keeps names unique. */
  readonly certain: boolean
  /** No other host applies too. */
  readonly alone: boolean
  /** What earlier runs left under way is known here. */
  readonly remembered: boolean
  readonly startedAt: number
  phase: "planning" | "applying" | "ended"
  plan?: Plan
  plannedAt: number
  calls: number
  readonly imports: Written[]
  /** Imports sent, by `account/region/name`, whatever came of them. */
  readonly sent: Set<string>
  /** Rehearsals whose last answer was no, by the same key. */
  readonly refused: Set<string>
  /** Marks of failed imports that were deleted. */
  readonly clearedFailures: Set<string>
  /** No call had any trouble. */
  readonly smooth: boolean
  /** Hashes of images of which something in use was deleted. */
  readonly deletedOf: Set<string>
}

export interface Mark {
  readonly stack: string
  readonly image: string
  readonly spec: string
  readonly source: string
}

/** The mark at the end of a description. */
export function markOf(description: string): Mark | undefined {
  const found =
    /\[cvmimg:\d+ ([0-9a-f]{8}) ([0-9a-f]{8}) ([0-9a-f]{16}) ([0-9a-f]{12}) [0-9a-f]{8}\]\s*$/.exec(
      description,
    )
  if (found === null) return undefined
  const [, stack = "", image = "", spec = "", source = ""] = found
  return { stack, image, spec, source }
}

/** The text without the mark. */
export function textOf(description: string): string {
  return description.replace(/\s*\[cvmimg:\d+ [0-9a-f ]+\]\s*$/, "")
}

export function whose(image: ImageRecord, stack: string): "ours" | "nobody's" | "another's" {
  const marks = [markOf(image.description)?.stack, image.tags["cvmimg.stack"]].filter((m) => m !== undefined)
  if (marks.length === 0) return "nobody's"
  return marks.every((m) => m === stack) ? "ours" : "another's"
}

export const nameHash = (name: string): string =>
  createHash("sha256").update(`image:${name}`).digest("hex").slice(0, 8)

/** Of the name that the manifest has for the image, by its mark or its tag. */
export const hashOf = ({ description, tags }: ImageRecord): string =>
  markOf(description)?.image ?? nameHash(tags["cvmimg.image"] ?? "")

export const isFailed = (image: ImageRecord): boolean => image.state.endsWith("FAILED")
export const isUsable = (image: ImageRecord): boolean => image.state === "NORMAL" && !image.deprecated

/** The newest usable member of a family, as the API tells times: by the second, then by id. */
export function newestOf(family: string, images: Iterable<ImageRecord>): ImageRecord | undefined {
  let newest: ImageRecord | undefined
  for (const image of images) {
    if (image.family !== family || !isUsable(image)) continue
    const [a, b] = [Math.floor(image.createdAt / 1000), Math.floor((newest?.createdAt ?? 0) / 1000)]
    if (newest === undefined || a > b || (a === b && image.id > newest.id)) newest = image
  }
  return newest
}
