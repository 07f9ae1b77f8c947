/**
 * What an apply looks like while it runs, on a terminal: a row for each placement that is under way, then the latest
 * that are settled as far as there is room, then the counts. Pure: the caller repaints, and brings the time.
 */
import type { ApplyEvent, Outcome } from "../model/outcome.ts"
import { OUTCOMES } from "../model/outcome.ts"
import { comparePlacements, type Placement, placementKey } from "../model/placement.ts"
import { cutEnd, cutMiddle } from "./fit.ts"
import {
  gap,
  type Line,
  lineWidth,
  type Paper,
  padEnd,
  padStart,
  paintEach,
  paper,
  type Span,
  span,
  type TextOptions,
  textWidth,
} from "./line.ts"
import { scopeText } from "./plan-groups.ts"
import { doingText, percentText } from "./progress.ts"
import { OUTCOME_TONES, outcomeText } from "./symbols.ts"
import { clockText, durationText } from "./value.ts"

interface Row {
  readonly placement: Placement
  /** What it is at, in a few words. */
  readonly doing: string
  readonly startedAt: number
  readonly imageId?: string
  readonly progress?: number
  readonly estimateMs?: number
  readonly settled?: { readonly at: number; readonly outcome: Outcome; readonly durationMs: number }
}

export interface ProgressState {
  readonly startedAt?: number
  readonly actions: number
  /** What the run as a whole is at. */
  readonly phase: string
  readonly rows: ReadonlyMap<string, Row>
  readonly retries: number
  readonly interrupted: boolean
}

export interface LiveOptions extends TextOptions {
  /** Most lines to draw; less than 3 counts as 3. */
  readonly height: number
}

/** Before the first event. */
export const PROGRESS_START: ProgressState = {
  actions: 0,
  phase: "starting",
  rows: new Map(),
  retries: 0,
  interrupted: false,
}

/** The state after one more event. The one before stays as it was. */
export function progressState(state: ProgressState, event: ApplyEvent): ProgressState {
  return followProgress({ ...state, rows: new Map(state.rows) }, event)
}

/** A state of one's own, to be changed in place. */
export type OwnProgress = {
  -readonly [K in keyof ProgressState]: K extends "rows" ? Map<string, Row> : ProgressState[K]
}

/** A state before the first event that `followProgress` may change. */
export function ownProgress(): OwnProgress {
  return { ...PROGRESS_START, rows: new Map() }
}

/** Takes one more event into the state that is given, whose rows are not copied: the events of a large run are many. */
export function followProgress(state: OwnProgress, event: ApplyEvent): OwnProgress {
  switch (event.type) {
    case "run.started":
      state.startedAt = event.at
      state.actions = event.actions
      state.phase = "started"
      return state
    case "tags.started":
      state.phase = "creating tags"
      return state
    case "rehearsal.started":
      state.phase = `rehearsing ${event.imports}`
      return state
    case "tags.settled":
    case "rehearsal.settled":
      state.phase = "applying"
      return state
    case "placement.started":
      return setRow(
        state,
        event.placement,
        event.at,
        {
          doing: `${event.action} started`,
          ...(event.estimateMs === undefined ? {} : { estimateMs: event.estimateMs }),
        },
        event.imageId,
      )
    case "import.accepted":
      return setRow(state, event.placement, event.at, {
        doing: "import accepted",
        ...(event.imageId === undefined ? {} : { imageId: event.imageId }),
      })
    case "import.unclear":
      return setRow(state, event.placement, event.at, { doing: "import unclear, looking for the image" })
    case "image.state":
      return setRow(state, event.placement, event.at, {
        doing: event.state,
        imageId: event.imageId,
        ...(event.progress === undefined ? {} : { progress: event.progress }),
      })
    case "update.started":
      return setRow(
        state,
        event.placement,
        event.at,
        { doing: doingText(event.step), imageId: event.imageId },
        state.rows.has(rowKey(event.placement, event.imageId)) ? event.imageId : undefined,
      )
    case "call.retried":
      state.retries++
      return state
    case "interrupted":
      state.interrupted = true
      return state
    case "placement.settled": {
      const { action, outcome, durationMs, imageId } = event.result
      const change = {
        doing: outcomeText(outcome),
        settled: { at: event.at, outcome, durationMs },
        ...(imageId === undefined ? {} : { imageId }),
      }
      const own = action === "deprecate" || action === "delete" ? imageId : undefined
      return setRow(state, event.result, event.at, change, own)
    }
    case "rehearsal.checked":
    case "update.settled":
      return state
    case "run.settled":
      state.phase = "settled"
      return state
  }
}

/** Images that go have rows of their own: several of them may belong to one placement. */
function rowKey(placement: Placement, imageId: string | undefined): string {
  return `${placementKey(placement)}\u0000${imageId ?? ""}`
}

function setRow(
  state: OwnProgress,
  at: Placement,
  now: number,
  change: Partial<Row>,
  ownImageId?: string,
): OwnProgress {
  const { image, account, region } = at
  const placement = { image, account, region }
  const key = rowKey(placement, ownImageId)
  const known = state.rows.get(key) ?? { placement, doing: "", startedAt: now }
  state.phase = "applying"
  state.rows.set(key, { ...known, ...change })
  return state
}

/** The rows to draw now, at most `height`, none wider than `width`. `now` is in milliseconds since the epoch. */
export function renderProgress(state: ProgressState, now: number, options: LiveOptions): string[] {
  const on = paper(options)
  const height = Math.max(3, Math.floor(options.height))
  const all = Array.from(state.rows.values())
  const active = all
    .filter((row) => row.settled === undefined)
    .sort((a, b) => a.startedAt - b.startedAt || comparePlacements(a.placement, b.placement))
  const settled = all
    .filter((row) => row.settled !== undefined)
    .sort(
      (a, b) => (a.settled?.at ?? 0) - (b.settled?.at ?? 0) || comparePlacements(a.placement, b.placement),
    )
  const room = height - 1
  const folded = active.length > room
  const shown = folded ? active.slice(0, room - 1) : active
  const latest = folded ? [] : settled.slice(Math.max(0, settled.length - (room - active.length)))
  const frame = span(spinner(now, options.unicode ?? true), "wait")
  const rows = [...latest, ...shown]
  const accounts = new Set(all.map((row) => row.placement.account)).size > 1
  const columns = columnsOf(rows, accounts, on)
  return paintEach(
    [
      ...rows.map((row) => rowLine(row, frame, now, columns, accounts, on)),
      ...(folded ? [[gap(4), span(`and ${active.length - shown.length} more under way`, "dim")]] : []),
      [span(cutEnd(countsText(state, all, now), on.width, on.ellipsis), "bold")],
    ],
    options.color,
  )
}

const FRAMES = { unicode: "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", ascii: "|/-\\" } as const
const FRAME_MS = 80

function spinner(now: number, unicode: boolean): string {
  const frames = Array.from(unicode ? FRAMES.unicode : FRAMES.ascii)
  return frames[Math.floor(Math.max(0, now) / FRAME_MS) % frames.length] ?? ""
}

interface Columns {
  readonly image: number
  readonly scope: number
  readonly time: boolean
}

/** Columns that a row takes without image, region and time, the least for what it is doing among them. */
const REST = 20
const TIME = 9
/** Narrower terminals show no time for each row. */
const TIME_FROM = 60

function columnsOf(rows: readonly Row[], accounts: boolean, on: Paper): Columns {
  const most = (texts: readonly string[]): number => Math.max(0, ...texts.map((t) => textWidth(span(t).text)))
  const time = on.width >= TIME_FROM
  const room = on.width - REST - (time ? TIME : 0)
  return {
    image: Math.min(most(rows.map((r) => r.placement.image)), Math.floor(room * 0.6)),
    scope: Math.min(most(rows.map((r) => scopeText(r.placement, accounts))), Math.floor(room * 0.4)),
    time,
  }
}

function rowLine(row: Row, frame: Span, now: number, columns: Columns, accounts: boolean, on: Paper): Line {
  const { settled } = row
  const mark =
    settled === undefined
      ? frame
      : span(settled.outcome === "done" ? "+" : "!", OUTCOME_TONES[settled.outcome])
  const elapsed = settled?.durationMs ?? now - row.startedAt
  const first: Line = [
    gap(2),
    mark,
    gap(1),
    ...padEnd(span(cutMiddle(span(row.placement.image).text, columns.image, on.ellipsis)), columns.image),
    gap(2),
    ...padEnd(
      span(cutMiddle(span(scopeText(row.placement, accounts)).text, columns.scope, on.ellipsis)),
      columns.scope,
    ),
    gap(2),
    ...(columns.time ? [...padStart(span(durationText(elapsed), "dim"), TIME - 2), gap(2)] : []),
  ]
  const percent = settled === undefined && row.progress !== undefined ? ` ${percentText(row.progress)}` : ""
  const id = row.imageId === undefined ? "" : `  ${row.imageId}`
  const left = settled === undefined && row.estimateMs !== undefined ? leftText(row.estimateMs - elapsed) : ""
  const doing = cutEnd(
    span(`${row.doing}${percent}${left}${id}`).text,
    on.width - lineWidth(first),
    on.ellipsis,
  )
  return [...first, span(doing, settled === undefined ? "plain" : OUTCOME_TONES[settled.outcome])]
}

/** What is left of an estimate; one that has run out says nothing more. */
function leftText(ms: number): string {
  return ms >= 1000 ? `  about ${durationText(ms)} left` : ""
}

function countsText(state: ProgressState, all: readonly Row[], now: number): string {
  const active = all.filter((row) => row.settled === undefined).length
  const waiting = Math.max(0, state.actions - all.length)
  const parts = [
    clockText(now - (state.startedAt ?? now)),
    ...(state.interrupted ? ["interrupted, again leaves at once"] : []),
    ...(all.length === 0 ? [state.phase] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...(active > 0 ? [`${active} under way`] : []),
    ...OUTCOMES.flatMap((outcome) => {
      const count = all.filter((row) => row.settled?.outcome === outcome).length
      return count > 0 ? [`${count} ${outcomeText(outcome)}`] : []
    }),
    ...(state.retries > 0 ? [`${state.retries} retried`] : []),
  ]
  return parts.join("  ")
}
