/** Judges what a run says: I3 at the moment at which a row is told, I7, I8, I10 and the exit code at the end. */
import type { ImageRecord } from "../../../src/emulator/world.ts"
import { type ApplyReport, applyExitCode, type Result } from "../../../src/model/outcome.ts"
import type { Action } from "../../../src/model/plan.ts"
import type { InPlaceUpdate } from "../../../src/model/request.ts"
import type { Server } from "../support/server.ts"
import { markOf, type RunFacts, whose } from "./facts.ts"
import { LOOK_MS } from "./writes.ts"

type Tell = (law: string, text: string) => void

/** A row is told: what it calls done must be so in the world. */
export function judgeResult(server: Server, run: RunFacts, result: Result, tell: Tell): void {
  if (result.outcome !== "done") return
  const action = actionOf(run, result)
  const image =
    result.imageId === undefined
      ? undefined
      : server.images(result.account, result.region).get(result.imageId)
  const meddled = Math.max(
    server.meddled.get(result.imageId ?? "") ?? -1,
    server.meddled.get(`${result.account}/${result.region}`) ?? -1,
  )
  if (action === undefined || meddled >= server.now() - lookAge(run, action)) return
  // Its release may have been held for longer than the last look at its name.
  const held = "release" in action && action.release === "together"
  if (held && since(server, result, run.startedAt)) return
  const wrong = whatIsWrong(run, action, image, server)
  if (wrong !== undefined)
    tell("I3", `${result.action} of ${result.image} in ${result.region} is done, but ${wrong}`)
}

function since(server: Server, { imageId }: Result, time: number): boolean {
  return (server.meddled.get(imageId ?? "") ?? Number.NEGATIVE_INFINITY) >= time
}

/** How old may be what a row says: an import whose end was just read has nothing between that and its row. */
function lookAge(run: RunFacts, action: Action): number {
  // What a replacement leaves behind is retired when all imports have ended, and only then is its row told.
  if (action.action === "replace" && action.retire.length > 0) return Number.POSITIVE_INFINITY
  const prompt = run.smooth && "request" in action && action.release === "perRegion"
  return prompt ? 5_000 : LOOK_MS
}

function actionOf(run: RunFacts, r: Result): Action | undefined {
  return run.plan?.actions.find(
    (a) =>
      a.image === r.image &&
      a.account === r.account &&
      a.region === r.region &&
      a.action === r.action &&
      ((a.action !== "deprecate" && a.action !== "delete") || a.imageId === r.imageId),
  )
}

function whatIsWrong(
  run: RunFacts,
  action: Action,
  image: ImageRecord | undefined,
  server: Server,
): string | undefined {
  if (action.action === "delete") return image === undefined ? undefined : `${image.id} is still there`
  if (action.action === "deprecate")
    return image === undefined || image.deprecated ? undefined : "it is not deprecated"
  if (image === undefined) return "there is no such image"
  const released = run.desired.placements.some(
    (p) => p.image === action.image && p.lifecycle.state === "released",
  )
  if (!released && image.state !== "NORMAL") return `its state is ${image.state}`
  if (!released && whose(image, run.desired.stack.id) !== "ours") return "it is not ours"
  switch (action.action) {
    case "import":
    case "retry":
    case "replace": {
      const name = action.action === "replace" ? action.name : action.request.name
      if (image.name !== name) return `its name is ${image.name}`
      const [mark, wanted] = [markOf(image.description), markOf(action.request.description)]
      // A staged image whose description somebody changed is known by its tags.
      const staged = action.action === "replace" && action.staged?.imageId === image.id
      const known =
        mark === undefined && (staged || (action.release === "together" && server.meddled.has(image.id)))
      if (!known && (mark?.image !== wanted?.image || mark?.spec !== wanted?.spec))
        return `its mark is ${image.description}`
      if (action.action === "replace") {
        for (const r of action.retire) {
          const old = server.images(action.account, action.region).get(r.imageId)
          if (old !== undefined && (r.how === "delete" || !old.deprecated))
            return `${r.imageId} is not retired`
        }
      }
      return differs(image, action.afterwards)
    }
    case "await":
      return image.name === action.name || action.afterwards.attributes?.name === image.name
        ? differs(image, action.afterwards)
        : `its name is ${image.name}`
    case "update":
    case "adopt":
      return differs(image, action.update)
    case "restore":
      // A member of a family keeps whatever name it has.
      if (action.old === undefined && action.update.attributes?.name === undefined)
        return differs(image, action.update)
      if (image.name !== action.name) return `its name is ${image.name}`
      return differs(image, action.update)
    default:
      return undefined
  }
}

function differs(image: ImageRecord, { attributes = {}, tags, shares }: InPlaceUpdate): string | undefined {
  for (const [key, value] of Object.entries(attributes)) {
    const is = image[key as keyof typeof attributes]
    if (is !== value) return `its ${key} is ${JSON.stringify(is)} and not ${JSON.stringify(value)}`
  }
  for (const [key, value] of Object.entries(tags?.set ?? {})) {
    if (image.tags[key] !== value) return `its tag ${key} is ${image.tags[key]} and not ${value}`
  }
  for (const key of tags?.remove ?? []) if (Object.hasOwn(image.tags, key)) return `it has the tag ${key}`
  const has = new Set(image.shares.map((s) => s.accountId))
  if (shares?.add.some((id) => !has.has(id)) === true) return "a share is missing"
  if (shares?.remove.some((id) => has.has(id)) === true) return "a share is left"
  return undefined
}

const WRITES = ["ModifyImageAttribute", "DeleteImages", "ModifyResourceTags", "ModifyImageSharePermission"]

/** I7: so many calls and no more, by what was to be done and how long it took. */
export function judgeCalls(run: RunFacts, now: number, tell: Tell): void {
  const actions = run.plan?.actions.length ?? 0
  const places = new Set(run.desired.placements.map((p) => `${p.account}/${p.region}`)).size
  const seconds = (now - run.startedAt) / 1_000
  const most = 500 + 300 * actions + 5 * places * (100 + seconds / 5)
  if (run.calls > most)
    tell("I7", `${run.name} made ${run.calls} calls in ${seconds} s for ${actions} actions`)
}

/** The run has ended by itself and says how. */
export function judgeReport(server: Server, run: RunFacts, report: ApplyReport, tell: Tell): void {
  const actions = (run.plan?.actions ?? []).filter((a) => a.action !== "keep")
  if (report.results.length !== actions.length) {
    tell("I10", `${actions.length} actions and ${report.results.length} rows`)
  }
  for (const r of report.results) {
    if (actionOf(run, r) === undefined) tell("I10", `a row without an action: ${r.action} of ${r.image}`)
    const where = `${r.action} of ${r.image} in ${r.region}`
    const { error } = r
    const surely = r.outcome === "failed" || r.outcome === "skipped"
    if (surely && error?.ambiguous === true && wasSent(run, r, error.action ?? "")) {
      tell("I8", `${where} is ${r.outcome}, but the outcome of ${error.action} is unknown (${error.code})`)
    }
    const sent = run.imports.find((w) => isOf(run, r, String(w.parameters.ImageName), w.account, w.region))
    const image = server.images(r.account, r.region).get(sent?.imageIds[0] ?? "")
    const alive = image !== undefined && !image.state.endsWith("FAILED")
    const seen = r.imageId !== undefined || r.requestId !== undefined
    if (surely && alive && !seen && !server.meddled.has(image.id)) {
      tell("I8", `${where} is ${r.outcome}, but its import ${image.id} is ${image.state}`)
    }
  }
  const code = exitCodeOf(report.results)
  if (code !== applyExitCode(report.results))
    tell("exit", `the exit code is ${applyExitCode(report.results)} and not ${code}`)
}

/** The write left in this run; a rehearsal is none. */
function wasSent(run: RunFacts, r: Result, call: string): boolean {
  if (call !== "ImportImage") return WRITES.includes(call)
  const action = actionOf(run, r)
  if (action === undefined || !("request" in action)) return false
  return run.sent.has(`${r.account}/${r.region}/${action.request.name}`)
}

function isOf(run: RunFacts, r: Result, name: string, account: string, region: string): boolean {
  const action = actionOf(run, r)
  if (action === undefined || !("request" in action)) return false
  return action.request.name === name && r.account === account && r.region === region
}

/** As the table of exit codes says it. */
function exitCodeOf(rows: readonly Result[]): number {
  const count = (outcome: string): number => rows.filter((r) => r.outcome === outcome).length
  if (count("done") === rows.length) return 0
  const partly = count("done") + count("running") + count("unknown")
  if (partly > 0 || rows.some((r) => r.outcome === "skipped" && r.requestId !== undefined)) return 5
  if (count("stale") > 0) return 4
  return rows.some((r) => r.action === "refuse") ? 3 : 1
}
