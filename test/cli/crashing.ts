/** Processes that are killed at a boundary: a call is held by the emulator while its sender dies. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, onTestFinished } from "vitest"
import type { Behaviour, Emulator } from "../../src/emulator/index.ts"
import { cvmimg, folder, start, world } from "./binary.ts"

/** A place between two steps: a call has arrived and was not carried out, or was carried out and not answered. */
export interface Boundary {
  readonly hook: "arrives" | "delivers"
  readonly action: string
  /** Only dry runs, or none. */
  readonly dryRun?: boolean
  /** Counted from 1 since `holdAt`. */
  readonly nth?: number
}

export interface HeldWorld {
  readonly emulator: Emulator
  /** Holds the call that meets the boundary, and resolves when it does. */
  holdAt(boundary: Boundary): Promise<void>
  /** The calls that are held go down unanswered; nothing is held any more. */
  letGo(): void
  /** The calls that are held go on; nothing is held any more. */
  letPass(): void
  /** Real writes that arrived, in order. */
  readonly writes: string[]
}

const READS = /^(Describe|Get)/

/** A world that can hold calls. */
export async function heldWorld(
  behaviour: Partial<Behaviour> = {},
  images: NonNullable<Parameters<typeof world>[0]>["images"] = [],
): Promise<HeldWorld> {
  const writes: string[] = []
  const held: ((unanswered: boolean) => void)[] = []
  let wanted: { readonly at: Boundary; left: number; readonly met: () => void } | undefined
  const meets = (hook: Boundary["hook"], action: string, dryRun: boolean): Promise<boolean> | false => {
    if (wanted === undefined || wanted.at.hook !== hook || wanted.at.action !== action) return false
    if ((wanted.at.dryRun ?? false) !== dryRun) return false
    wanted.left -= 1
    if (wanted.left > 0) return false
    const { met } = wanted
    wanted = undefined
    return new Promise((resolve) => {
      held.push(resolve)
      met()
    })
  }
  const about = ({ headers, body }: { headers: NodeJS.Dict<string | string[]>; body: Uint8Array }) => ({
    action: String(headers["x-tc-action"] ?? ""),
    dryRun: /"DryRun":true/.test(Buffer.from(body).toString()),
  })
  const emulator = await world({
    behaviour,
    images,
    faults: {
      arrives: (request) => {
        const { action, dryRun } = about(request)
        if (!READS.test(action) && !dryRun) writes.push(action)
        return meets("arrives", action, dryRun)
      },
      delivers: (_reply, _response, request) => {
        const { action, dryRun } = about(request)
        return meets("delivers", action, dryRun)
      },
    },
  })
  const end = (unanswered: boolean): void => {
    wanted = undefined
    for (const go of held.splice(0)) go(unanswered)
  }
  const letGo = (): void => end(true)
  onTestFinished(letGo)
  return {
    emulator,
    writes,
    letGo,
    letPass: () => end(false),
    holdAt: (at) =>
      new Promise((met) => {
        wanted = { at, left: at.nth ?? 1, met }
      }),
  }
}

/**
 * The stack of these documents in a folder; the window in which an import may stay unseen. An import that was accepted
 * is to have a wider one, because it shows some time after a machine that stalls took it.
 */
export function stackWith(images: readonly string[], window = "3s"): string {
  const stack = `apiVersion: cvmimg/v1
kind: Stack
metadata: { name: golden }
spec:
  defaults: { regions: [ap-singapore], os: { type: Ubuntu, version: "22" } }
  apply: { visibilityWindow: ${window} }
`
  const files = images.map((text, i) => [`images/${i}.yaml`, text] as const)
  return folder({ "cvmimg.yaml": stack, ...Object.fromEntries(files) })
}

export const WIDE = "60s"

export const applyTo = ({ emulator }: HeldWorld): string[] => ["apply", "--yes", "--endpoint", emulator.url]

/** Starts an apply, and kills it when it stands at the boundary. */
export async function killAt(w: HeldWorld, cwd: string, boundary: Boundary): Promise<void> {
  const met = w.holdAt(boundary)
  const run = start(applyTo(w), { cwd })
  const over = await Promise.race([met, run.ended])
  if (over !== undefined) throw new Error(`it ended before the boundary:\n${over.stdout}${over.stderr}`)
  run.child.kill("SIGKILL")
  expect(await run.ended).toMatchObject({ signal: "SIGKILL" })
  w.letGo()
}

/** Applies again until it says that all is done, at most twice, and the plan is empty; every import was made once. */
export async function converges(w: HeldWorld, cwd: string): Promise<void> {
  const again = await cvmimg(applyTo(w), { cwd })
  expect(again, again.stdout + again.stderr).toMatchObject({ code: 0 })
  await isSettled(w, cwd)
}

/** The plan is empty, and no import was made twice. */
export async function isSettled(w: HeldWorld, cwd: string): Promise<void> {
  const plan = await cvmimg(["plan", "--detailed-exitcode", "--endpoint", w.emulator.url], { cwd })
  expect(plan, plan.stdout + plan.stderr).toMatchObject({ code: 0 })
  expect(plan.stdout).toContain("Nothing to do")
  expectOnce(w)
}

/** At most one import of a name in a region; staged names carry the spec. */
export function expectOnce(w: HeldWorld): void {
  const made = w.emulator.ledger.filter(({ action }) => action === "ImportImage")
  const names = made.map(({ region, parameters }) => `${region} ${String(parameters.ImageName)}`)
  expect(names).toEqual([...new Set(names)])
}

/** Everything that is in the journals of the stack. */
export function journalText(cwd: string): string {
  const dir = join(cwd, ".cvmimg/journal")
  return readdirSync(dir)
    .sort()
    .map((name) => readFileSync(join(dir, name), "utf8"))
    .join("")
}
