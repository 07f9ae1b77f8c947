/** From records to what they say together: which imports may stand somewhere, and how long imports took. Pure. */
import type { LastSeen } from "../model/drift.ts"
import type { OpenIntent } from "../model/intent.ts"
import { type Placement, placementKey } from "../model/placement.ts"
import type { IntentRecord, JournalRecord, OutcomeRecord } from "./journal-record.ts"

/** The call of which at most one may be made. */
export const IMPORT = "ImportImage"

type State = OpenIntent["state"] | "not_accepted" | "failed" | "done" | "settled"

/** Later ones win, in whatever order records are read. */
const RANK: Readonly<Record<State, number>> = {
  intent: 0,
  unknown: 1,
  accepted: 2,
  visible: 3,
  not_accepted: 4,
  failed: 4,
  done: 4,
  settled: 5,
}

const STATES: Readonly<Record<OutcomeRecord["type"], State>> = {
  ACCEPTED: "accepted",
  NOT_ACCEPTED: "not_accepted",
  UNKNOWN: "unknown",
  VISIBLE: "visible",
  DONE: "done",
  FAILED: "failed",
  SETTLED: "settled",
}

/** How long an import took, and what it depends on. */
export interface Took {
  readonly format: string
  readonly region: string
  readonly ms: number
}

/** What the journals of earlier runs say. */
export interface Past {
  /** Imports of which nobody read what became of them, the oldest first. */
  readonly open: readonly OpenIntent[]
  /** Imports that were read at NORMAL, and whose further steps nobody saw done. */
  readonly unfinished: readonly (Placement & { readonly attempt: string })[]
  /** The latest image of each placement that was read at NORMAL, but for those that a run deleted itself. */
  readonly arrived: readonly LastSeen[]
  /** Ids of images that a run was about to delete, whatever became of it. */
  readonly deleted: ReadonlySet<string>
  /** Until then, records may be missing. */
  readonly doubt?: number
  readonly took: readonly Took[]
}

/** How long an import of the format will take in the region: the median of the latest, of any region if none was here. */
export function estimateOf(took: readonly Took[], format: string, region: string): number | undefined {
  const alike = took.filter((t) => t.format === format)
  const here = alike.filter((t) => t.region === region)
  const times = (here.length > 0 ? here : alike).slice(-LATEST).map(({ ms }) => ms)
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]
}

const LATEST = 21

interface Attempt {
  readonly intent: IntentRecord
  state: State
  requestId?: string
  imageId?: string
  tookMs?: number
}

/** Folds records, whatever their order. Calls that are the same when made twice are left out: a plan looks at those. */
export function pastOf(records: readonly JournalRecord[]): Past {
  const attempts = new Map<string, Attempt>()
  let doubt: number | undefined
  for (const r of records) {
    if (r.type === "INTENT" && r.call === IMPORT) attempts.set(r.attempt, { intent: r, state: "intent" })
    if (r.type === "DOUBT") doubt = Math.max(doubt ?? 0, r.at)
  }
  for (const r of records) {
    if (r.type === "RUN" || r.type === "INTENT" || r.type === "DOUBT") continue
    const attempt = attempts.get(r.attempt)
    if (attempt !== undefined) take(attempt, r)
  }
  const all = [...attempts.values()].sort((a, b) => a.intent.at - b.intent.at)
  const deleted = deletedIn(records)
  return {
    open: all.flatMap(openOf),
    unfinished: unfinishedOf(all),
    arrived: arrivedOf(all, deleted),
    deleted,
    ...(doubt === undefined ? {} : { doubt }),
    took: all.flatMap(({ intent, tookMs }): Took[] =>
      tookMs === undefined ? [] : [{ format: formatOf(intent) ?? "", region: intent.region, ms: tookMs }],
    ),
  }
}

function take(attempt: Attempt, r: OutcomeRecord): void {
  const state = STATES[r.type]
  if (RANK[state] > RANK[attempt.state]) attempt.state = state
  if (r.requestId !== undefined) attempt.requestId ??= r.requestId
  if (r.imageId !== undefined) attempt.imageId = r.imageId
  if (r.tookMs !== undefined) attempt.tookMs = r.tookMs
}

function openOf({ intent, state, requestId, imageId }: Attempt): OpenIntent[] {
  if (!isOpen(state)) return []
  const { image, account, region, attempt, at, parameters } = intent
  const format = formatOf(intent)
  return [
    {
      image,
      account,
      region,
      attempt,
      at,
      state,
      name: text(parameters.name),
      stamp: text(parameters.stamp),
      others: Array.isArray(parameters.others) ? parameters.others.map(String) : [],
      ...(format === undefined ? {} : { format }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(imageId === undefined ? {} : { imageId }),
    },
  ]
}

function isOpen(state: State): state is OpenIntent["state"] {
  return RANK[state] < RANK.done
}

/** A later attempt of a placement takes the place of an earlier one. */
function unfinishedOf(all: readonly Attempt[]): Past["unfinished"] {
  const last = new Map<string, Attempt>()
  for (const attempt of all) last.set(placementKey(attempt.intent), attempt)
  return [...last.values()].flatMap(({ intent, state }) => {
    const { image, account, region, attempt } = intent
    return state === "done" ? [{ image, account, region, attempt }] : []
  })
}

function arrivedOf(all: readonly Attempt[], deleted: ReadonlySet<string>): Past["arrived"] {
  const last = new Map<string, LastSeen>()
  for (const { intent, state, imageId } of all) {
    if ((state !== "done" && state !== "settled") || imageId === undefined) continue
    const { image, account, region, at } = intent
    last.set(placementKey(intent), { image, account, region, imageId, at })
  }
  return [...last.values()].filter(({ imageId }) => !deleted.has(imageId))
}

function deletedIn(records: readonly JournalRecord[]): Set<string> {
  return new Set(
    records.flatMap((r) =>
      r.type === "INTENT" && r.call === "DeleteImages" ? [text(r.parameters.imageId)] : [],
    ),
  )
}

function formatOf({ parameters }: IntentRecord): string | undefined {
  return parameters.format === undefined ? undefined : text(parameters.format)
}

function text(value: unknown): string {
  return typeof value === "string" ? value : ""
}
