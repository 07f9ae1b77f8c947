/** What of the stack is under way: from the cloud, and from the journals of earlier runs. Only reads. */
import { resolve } from "node:path"
import { stillOpen } from "../../apply/journal-open.ts"
import { estimateOf, type Past } from "../../apply/journal-state.ts"
import type { OpenIntent } from "../../model/intent.ts"
import type { CloudImage, Observed } from "../../model/observed.ts"
import { comparePlacements, placementKey, scopeKey } from "../../model/placement.ts"
import type { Action } from "../../model/plan.ts"
import type { StatusReport, UnderWay } from "../../model/status.ts"
import { renderStatus, renderStatusJson } from "../../report/status.ts"
import { choicesOf } from "../choices.ts"
import { EXIT } from "../exit.ts"
import type { Io } from "../io.ts"
import { holderOf, lookAtJournals } from "../journal-look.ts"
import { loadStackOf } from "../load.ts"
import { parseOutputs, writeOutputs } from "../outputs.ts"
import { type Planned, planDesired } from "../world.ts"

export interface StatusCommandOptions {
  readonly output: readonly string[]
  readonly endpoint?: string
}

/** Shows what is under way: exit code 5 if anything is, 1 if a region could not be read. */
export async function statusCommand(io: Io, dir: string, options: StatusCommandOptions): Promise<number> {
  const requests = parseOutputs(options.output, ["text", "json"])
  const loaded = await loadStackOf(io, dir)
  if (typeof loaded === "number") return loaded
  const directory = loaded.directory ?? resolve(io.cwd, dir)
  const { past } = lookAtJournals(io, directory)
  const { desired } = loaded
  const planned = await planDesired(io, desired, {
    choices: choicesOf({}),
    // Whose source a staged image is of is told by the object itself.
    checks: true,
    rehearse: false,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
  })
  planned.cloud.close()
  const formats = new Map(desired.placements.map((p) => [placementKey(p), p.source.format]))
  const run = holderOf(directory)
  const report: StatusReport = {
    formatVersion: 1,
    stack: desired.stack.name,
    at: io.clock.now(),
    ...(run === undefined ? {} : { run }),
    placements: underWay(planned, past, formats),
    unread: planned.observed.scopes.flatMap((s) =>
      "failure" in s ? [{ account: s.account, region: s.region, code: s.failure.code }] : [],
    ),
  }
  writeOutputs(io, requests, {
    text: (to) => renderStatus(report, to),
    json: () => renderStatusJson(report),
  })
  if (report.placements.length > 0) return EXIT.partly
  return report.unread.length > 0 ? EXIT.failed : EXIT.done
}

function underWay(
  { plan, observed }: Planned,
  past: Past,
  formats: ReadonlyMap<string, string>,
): readonly UnderWay[] {
  const intents = new Map(past.open.map((intent) => [placementKey(intent), intent]))
  const finished = new Set(past.unfinished.map(placementKey))
  const images = imagesOf(observed)
  const rows = plan.actions.flatMap((action): UnderWay[] => {
    const key = placementKey(action)
    const id = imageOf(action)
    const image = id === undefined ? undefined : images.get(`${scopeKey(action)} ${id}`)
    const intent = intents.get(key)
    if (!isBegun(action, finished.has(key) || intent !== undefined)) return []
    intents.delete(key)
    return [rowOf(action, image, intent, past, formats.get(key) ?? "")]
  })
  // No listing shows what these came to.
  const lost = stillOpen([...intents.values()], observed)
  const unseen = lost.map((intent) => unseenRow(intent, past))
  return [...rows, ...unseen].sort(comparePlacements)
}

function isBegun(action: Action, imported: boolean): boolean {
  if (action.action === "await") return true
  if (action.action === "replace") return action.staged !== undefined
  if (action.action === "restore") return action.reasons.some((reason) => reason.startsWith("half_done"))
  return action.action === "update" && imported
}

function rowOf(
  action: Action,
  image: CloudImage | undefined,
  intent: OpenIntent | undefined,
  { took }: Past,
  format: string,
): UnderWay {
  const { image: title, account, region } = action
  const importing = image !== undefined && image.state !== "NORMAL"
  const since = intent?.at ?? image?.createdAt
  const estimateMs = importing ? estimateOf(took, format, region) : undefined
  return {
    image: title,
    account,
    region,
    phase: importing ? "importing" : "left",
    ...(image === undefined ? {} : { state: image.state, imageId: image.id }),
    ...(image?.progress === undefined || !importing ? {} : { progress: image.progress }),
    ...(intent?.requestId === undefined ? {} : { requestId: intent.requestId }),
    ...(since === undefined || !importing ? {} : { since }),
    ...(estimateMs === undefined ? {} : { estimateMs }),
  }
}

function unseenRow(intent: OpenIntent, { took }: Past): UnderWay {
  const { image, account, region, at, state, requestId, imageId } = intent
  const estimateMs = estimateOf(took, intent.format ?? "", region)
  return {
    image,
    account,
    region,
    phase: state === "accepted" || state === "visible" ? "importing" : "unknown",
    ...(imageId === undefined ? {} : { imageId }),
    ...(requestId === undefined ? {} : { requestId }),
    since: at,
    ...(estimateMs === undefined ? {} : { estimateMs }),
  }
}

function imageOf(action: Action): string | undefined {
  if (action.action === "replace") return action.staged?.imageId
  return "imageId" in action ? action.imageId : undefined
}

function imagesOf({ scopes }: Observed): ReadonlyMap<string, CloudImage> {
  return new Map(
    scopes.flatMap((s) =>
      "images" in s ? s.images.map((i): [string, CloudImage] => [`${scopeKey(s)} ${i.id}`, i]) : [],
    ),
  )
}
