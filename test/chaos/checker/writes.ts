/** Judges each write at the moment at which the server accepts it: I1, I2, I6, and that what failed is not repeated. */
import type { ImageRecord } from "../../../src/emulator/world.ts"
import type { DesiredPlacement } from "../../../src/model/desired.ts"
import type { Action } from "../../../src/model/plan.ts"
import type { Server, Written } from "../support/server.ts"
import { hashOf, isFailed, markOf, nameHash, newestOf, type RunFacts, whose } from "./facts.ts"
import { planFor } from "./planned.ts"

type Tell = (law: string, text: string) => void

/** A look before a write may be so old, and so may what it was judged by. */
export const LOOK_MS = 180_000

const STAGED = /\.next-[0-9a-f]{8}$/

export function judgeWrite(server: Server, run: RunFacts, written: Written, tell: Tell): void {
  const { action: call, account, region, parameters } = written
  if (call === "CreateTag") return
  const about = `${call} ${JSON.stringify(parameters)} in ${region}`
  if (run.phase === "planning") tell("I6", `written while planning: ${about}`)
  const shown = planFor(run.plan?.actions ?? [], written)
  // What somebody has just changed may not look like what the plan is about any more.
  const touched = written.before.some((i) =>
    since(server, i.id, Math.min(run.startedAt, server.now() - LOOK_MS)),
  )
  if (shown === undefined && !touched) tell("I6", `not in the plan: ${about}`)
  if (call === "ImportImage") {
    judgeImport(server, run, written, tell)
    return
  }
  const ctx: Context = { server, run, shown, tell, about, account, region }
  for (const image of written.before) {
    judgeOwner(ctx, image)
    if (call === "DeleteImages") judgeDelete(ctx, image)
    if (call === "ModifyImageAttribute") judgeChange(ctx, image, parameters)
  }
}

/** Nobody can know of what listings leave out without a word, unless an import is known to be open. */
function wasHidden(server: Server, { fate }: ImageRecord, run: RunFacts): boolean {
  const begun = server.world.now() - (server.now() - run.startedAt)
  return fate?.hidden?.some(([from, to]) => to >= begun && from <= server.world.now()) === true
}

interface Context {
  readonly server: Server
  readonly run: RunFacts
  readonly shown: Action | undefined
  readonly tell: Tell
  readonly about: string
  readonly account: string
  readonly region: string
}

function judgeImport(server: Server, run: RunFacts, written: Written, tell: Tell): void {
  const { account, region, parameters, imageIds } = written
  run.imports.push(written)
  const name = String(parameters.ImageName)
  const mark = markOf(String(parameters.ImageDescription ?? ""))
  if (mark === undefined) {
    tell("I6", `an import without a mark: ${name}`)
    return
  }
  for (const image of server.images(account, region).values()) {
    const other = markOf(image.description)
    if (imageIds.includes(image.id) || other === undefined) continue
    const same = other.stack === mark.stack && other.image === mark.image && other.spec === mark.spec
    if (!same || other.source !== mark.source || whose(image, mark.stack) !== "ours") continue
    const age = server.meddled.get(image.id) ?? Number.NEGATIVE_INFINITY
    if (!isFailed(image)) {
      // What people touched may have got another name, under which nobody looks for it.
      // Without memory there is only the service's fence, which keeps two of one name apart and not two of one spec.
      if (!run.remembered && image.name !== name) continue
      if (run.certain && !server.meddled.has(image.id) && !wasHidden(server, image, run))
        tell("I1", `${imageIds[0]} (${name}) beside ${image.id} (${image.name}, ${image.state})`)
    } else if (
      !run.retryFailed &&
      run.alone &&
      image.visibleAt <= server.world.now() &&
      age < run.startedAt
    ) {
      tell("row 23", `${name} was imported again although ${image.id} (${image.name}) had failed`)
    }
  }
  if (
    run.clearedFailures.has(`${account}/${region} ${mark.image} ${mark.spec} ${mark.source}`) &&
    !run.retryFailed
  ) {
    tell("row 23", `${name} was imported again in place of one that had failed`)
  }
  if (run.keepGoing) return
  const [refused] = run.refused
  if (refused !== undefined)
    tell("gate", `${name} was imported although the rehearsal of ${refused} was refused`)
}

function judgeOwner({ server, run, shown, tell, about }: Context, image: ImageRecord): void {
  const owner = whose(image, run.desired.stack.id)
  if (owner === "ours") return
  if (owner === "nobody's" && (shown?.action === "adopt" || shown?.reasons.includes("released") === true))
    return
  if (recently(server, image.id)) return
  tell("I2", `${image.id} (${image.name}) is ${owner}: ${about}`)
}

function judgeDelete(ctx: Context, image: ImageRecord): void {
  const { server, run, tell, about, shown } = ctx
  if (recently(server, image.id)) return
  if (Object.hasOwn(image.tags, "cvmimg.protect")) tell("I2", `a protected image was deleted: ${about}`)
  const hash = hashOf(image)
  const leftover = isFailed(image) || (STAGED.test(image.name) && image.family === "")
  const mark = markOf(image.description)
  if (isFailed(image) && mark !== undefined) {
    run.clearedFailures.add(`${ctx.account}/${ctx.region} ${mark.image} ${mark.spec} ${mark.source}`)
  }
  if (leftover) return
  if (shown !== undefined && shown.action !== "delete" && shown.action !== "replace") {
    tell("I2", `in use, and deleted as a leftover: ${about}`)
  }
  run.deletedOf.add(hash)
  const { maxDeletes } = run.desired.stack.safety
  if (!run.allowed && "count" in maxDeletes && run.deletedOf.size > maxDeletes.count) {
    tell("I2", `more was deleted than maxDeletes allows: ${about}`)
  }
  if (run.desired.placements.some((p) => isProtecting(ctx, p) && nameHash(p.image) === hash)) {
    tell("I2", `an image that its manifest protects was deleted: ${about}`)
  }
  judgeRetired(ctx, image)
}

function isProtecting({ account, region }: Context, p: DesiredPlacement): boolean {
  return p.lifecycle.protect && p.account === account && p.region === region
}

/** Taken out of use by a retention, a replacement or a pruning, not by the manifest's own word. */
function judgeRetired({ server, tell, about, account, region, run }: Context, image: ImageRecord): void {
  if (image.shares.length > 0 && !since(server, image.id, run.plannedAt))
    tell("I2", `shared out, and retired: ${about}`)
  if (image.family === "" || since(server, `${account}/${region}`, server.now() - LOOK_MS)) return
  const others = [...server.images(account, region).values()].filter((i) => i.id !== image.id)
  if (newestOf(image.family, [...others, image]) === image) {
    tell("I2", `the newest usable image of ${image.family} was retired: ${about}`)
  }
}

function judgeChange(ctx: Context, image: ImageRecord, p: Record<string, unknown>): void {
  const { server, run, shown, tell, about } = ctx
  const isRetired = p.ImageDeprecated === true && shown?.action !== "update" && shown?.action !== "adopt"
  if (
    isRetired &&
    shown !== undefined &&
    "imageId" in shown &&
    shown.imageId === image.id &&
    shown.action !== "deprecate"
  )
    return
  if (isRetired && !isBrought(shown, image)) {
    if (Object.hasOwn(image.tags, "cvmimg.protect") && !recently(server, image.id)) {
      tell("I2", `a protected image was deprecated: ${about}`)
    }
    if (shown?.action !== "restore") judgeRetired(ctx, image)
  }
  if (shown?.action !== "replace" || image.id !== shown.old?.imageId || p.ImageName !== shown.oldName) return
  const wanted = run.desired.placements.find((w) => w.image === shown.image && w.region === shown.region)
  const lost = image.shares.filter((s) => !(wanted?.sharedWith ?? []).includes(s.accountId))
  if (
    lost.length > 0 &&
    wanted?.lifecycle.allowLostShares === false &&
    !since(server, image.id, run.startedAt)
  ) {
    tell("I2", `shares are lost by a replacement: ${about}`)
  }
}

/** What the action imported and deprecates because the manifest says so. */
function isBrought(shown: Action | undefined, image: ImageRecord): boolean {
  if (shown === undefined || !("request" in shown)) return false
  const staged = shown.action === "replace" && shown.staged?.imageId === image.id
  return (
    (staged || markOf(image.description)?.spec === shown.spec) &&
    shown.afterwards.attributes?.deprecated === true
  )
}

function recently(server: Server, key: string): boolean {
  return since(server, key, server.now() - LOOK_MS)
}

function since(server: Server, key: string, time: number): boolean {
  return (server.meddled.get(key) ?? Number.NEGATIVE_INFINITY) >= time
}
