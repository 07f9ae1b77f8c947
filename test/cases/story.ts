/**
 * A story: manifests as text, a world, and what happens to it. Everything between the two is the real thing: files on
 * a disk, loadStack, connect, the vendor's SDK, HTTP, the emulator. Plans, outcomes and writes come as short lines.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { expect, onTestFinished } from "vitest"
import { type Emulator, type EmulatorOptions, startEmulator } from "../../src/emulator/index.ts"
import {
  type Action,
  type ApplyEvent,
  type ApplyReport,
  apply,
  type Cloud,
  connect,
  type Desired,
  isEmpty,
  loadStack,
  observe,
  observeShares,
  ownedScopes,
  type Plan,
  plan,
  probeSources,
  type Result,
  renderPlan,
  sharesToAsk,
  sourcesSeen,
} from "../../src/index.ts"
import { FastClock } from "../support/fast-clock.ts"

/** Slow enough that a request of some milliseconds stays a matter of seconds. */
const SPEED = 300

export const SINGAPORE = "ap-singapore"
export const FRANKFURT = "eu-frankfurt"

/** A stack of one account and one region, and what an image needs at least. Later keys win over earlier ones. */
export const STACK = `
apiVersion: cvmimg/v1
kind: Stack
metadata: { name: golden }
spec:
  defaults: { regions: [ap-singapore], os: { type: Ubuntu, version: "22" } }
`

/** An image of the name, with more lines of its spec. */
export function image(name: string, spec = "", url = `${name}.qcow2`): string {
  const lines = spec === "" ? "" : `\n${spec.replace(/^/gm, "  ")}`
  return `
apiVersion: cvmimg/v1
kind: Image
metadata: { name: ${name} }
spec:
  source: { url: "https://golden-{region}-1250000000.cos.{region}.myqcloud.com/${url}" }${lines}
`
}

export interface StoryOptions extends Omit<EmulatorOptions, "clock" | "wallClock" | "objects"> {
  /** The stack's documents, or a directory that has them. */
  manifests: readonly string[] | { readonly directory: string }
  /** Objects by `<bucket>/<key>`, or a directory. Without: every address is a good object. */
  objects?: Record<string, Uint8Array> | string
  /** Keys for accounts of the stack that are not the emulator's first. */
  keys?: Record<string, { readonly secretId: string; readonly secretKey: string }>
}

type Connected = Awaited<ReturnType<typeof connect>>

/** What a run is told beside the manifests. */
export interface Told {
  readonly retryFailed?: boolean
  readonly prune?: "orphans" | "retention" | "all"
  readonly allow?: Readonly<Partial<Record<Plan["brakes"][number]["limit"], number>>>
  /** Source objects are looked at, as checks do. */
  readonly probe?: boolean
}

export interface Applied {
  readonly report: ApplyReport
  readonly events: readonly ApplyEvent[]
  /** `import web ap-singapore: done`. */
  readonly outcomes: readonly string[]
}

export interface Story {
  readonly emulator: Emulator
  readonly clock: FastClock
  /** Writes other manifests in place of those there. */
  manifests(...documents: readonly string[]): void
  /** Puts another object in place of one that `objects` gave. */
  object(path: string, bytes: Uint8Array): void
  desired(): Promise<Desired>
  cloud(): Promise<Connected>
  plan(told?: Told): Promise<Plan>
  apply(options?: {
    readonly told?: Told
    readonly keepGoing?: boolean
    readonly plan?: Plan
    /** The world as this run meets it. */
    readonly through?: (cloud: Cloud) => Cloud
  }): Promise<Applied>
  /** Accepted writes since the last call: `ImportImage web ap-singapore`. Tags made known to the account are left out. */
  writes(): readonly string[]
  /** What every story ends with: planned once more, there is nothing to do, and nothing was written. */
  settled(): Promise<void>
}

/** Begins a story; it is cleaned up when the test is over. */
export async function story(options: StoryOptions): Promise<Story> {
  const { manifests, objects, keys, ...world } = options
  const folder = mkdtempSync(join(tmpdir(), "cvmimg-case-"))
  const clock = new FastClock(SPEED)
  const emulator = await startEmulator({
    publicImages: false,
    seed: "story",
    ...world,
    ...(objects === undefined ? {} : { objects: objectsIn(folder, objects) }),
    clock,
    wallClock: clock,
    behaviour: { importMs: 30_000, importMsPerGiB: 0, enforceRates: false, ...world.behaviour },
  })
  const clouds: Connected[] = []
  onTestFinished(async () => {
    for (const cloud of clouds) cloud.close()
    await emulator.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const home = join(folder, "home")
  writeKeys(home, keys ?? {})
  const stack = "directory" in manifests ? manifests.directory : join(folder, "stack")
  const write = (documents: readonly string[]): void => {
    rmSync(stack, { recursive: true, force: true })
    mkdirSync(stack, { recursive: true })
    writeFileSync(join(stack, "cvmimg.yaml"), documents.join("\n---\n"))
  }
  if (!("directory" in manifests)) write(manifests)

  const desired = async (): Promise<Desired> => {
    const loaded = await loadStack([stack], { cwd: dirname(stack) })
    expect(loaded.diagnostics.filter((d) => d.severity === "error")).toEqual([])
    if (loaded.desired === undefined) throw new Error("no manifests")
    return loaded.desired
  }
  const cloud = async (): Promise<Connected> => {
    const { stack: own } = await desired()
    const made = await connect({ site: own.site, accounts: own.accounts, clock, env: emulator.env, home })
    clouds.push(made)
    return made
  }
  const planned = async (reader: Connected, { prune, probe, ...options }: Told = {}): Promise<Plan> => {
    const wanted = await desired()
    const { placements } = wanted
    const accounts = wanted.stack.accounts.map((a) => a.name)
    const { scopes } = await ownedScopes({ reader, accounts, stackId: wanted.stack.id })
    let observed = await observe({ reader, clock, placements, scopes })
    if (probe === true) {
      const cosEndpoint = String(emulator.env.CVMIMG_COS_ENDPOINT)
      const probes = await probeSources({ placements, fetch, sign: reader.sourceUrl, clock, cosEndpoint })
      observed = { ...observed, sources: sourcesSeen(probes) }
    }
    const all = prune === "all"
    const pruning = { orphans: all || prune === "orphans", retention: all || prune === "retention" }
    for (;;) {
      const made = plan(wanted, observed, { ...options, prune: pruning })
      const images = sharesToAsk(made, observed)
      if (images.length === 0) return made
      observed = await observeShares({ reader, observed, images })
    }
  }
  let told = 0
  const writes = (): string[] => {
    const fresh = emulator.ledger.filter((entry) => entry.sequence > told)
    told = emulator.ledger.at(-1)?.sequence ?? told
    return fresh.filter((entry) => entry.action !== "CreateTag").map(writeLine)
  }
  return {
    emulator,
    clock,
    manifests: (...documents) => write(documents),
    object: (path, bytes) => writeFileSync(join(folder, "objects", path), bytes),
    desired,
    cloud,
    plan: async (what) => planned(await cloud(), what),
    async apply(how = {}) {
      const own = await cloud()
      const run = apply(how.plan ?? (await planned(own, how.told)), {
        cloud: how.through === undefined ? own : how.through(own),
        clock,
        settings: (await desired()).stack.apply,
        options: { keepGoing: how.keepGoing === true },
      })
      const events: ApplyEvent[] = []
      for (;;) {
        const step = await run.next()
        if (step.done !== true) events.push(step.value)
        else return { report: step.value, events, outcomes: step.value.results.map(outcomeLine) }
      }
    },
    writes,
    async settled() {
      writes()
      const again = await planned(await cloud())
      expect(lines(again).filter((line) => !line.startsWith("keep "))).toEqual([])
      expect(isEmpty(again)).toBe(true)
      expect(writes()).toEqual([])
    },
  }
}

/** A plan as lines: `update web ap-singapore: attribute_changed:description {description, provenance}`. */
export function lines(p: Plan): string[] {
  return p.actions.map((action) => {
    const fields = action.changes.filter((change) => change.impact !== "create").map(({ field }) => field)
    const notices = action.notices.length === 0 ? "" : ` (notice ${action.notices.join(", ")})`
    const changed = fields.length === 0 ? "" : ` {${fields.join(", ")}}`
    return `${action.action} ${where(action)}: ${action.reasons.join(", ")}${changed}${notices}`
  })
}

/** The plan as people read it, without the fingerprint. */
export function text(p: Plan): string {
  return renderPlan(p, { color: false, width: 110 }).replace(p.fingerprint.slice(0, 12), "…")
}

/** The one action of a plan of one placement. */
export function only(p: Plan): Action {
  const [action] = p.actions
  if (action === undefined || p.actions.length > 1) throw new Error(`${p.actions.length} actions`)
  return action
}

function outcomeLine(r: Result): string {
  const why = r.error?.code ?? r.reason
  return `${r.action} ${where(r)}: ${r.outcome}${why === undefined ? "" : ` (${why})`}`
}

function where({ image: name, account, region }: { image: string; account: string; region: string }): string {
  return `${name} ${account === "default" ? region : `${account}/${region}`}`
}

function writeLine({ action, region, parameters }: Emulator["ledger"][number]): string {
  const { ImageName, ImageId: _, ...rest } = parameters
  if (action === "ImportImage") return `ImportImage ${String(ImageName)} ${region}`
  if (action === "ModifyResourceTags") {
    const { ReplaceTags = [], DeleteTags = [] } = parameters as Record<string, { TagKey: string }[]>
    const keys = [...ReplaceTags.map((t) => `+${t.TagKey}`), ...DeleteTags.map((t) => `-${t.TagKey}`)]
    return `ModifyResourceTags ${keys.join(" ")}`
  }
  const named = Object.keys({ ...(ImageName === undefined ? {} : { ImageName }), ...rest })
  return `${action} ${named.sort().join(" ")}`
}

function objectsIn(folder: string, objects: Record<string, Uint8Array> | string): string {
  if (typeof objects === "string") return objects
  const directory = join(folder, "objects")
  for (const [path, bytes] of Object.entries(objects)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), bytes)
  }
  return directory
}

function writeKeys(home: string, keys: NonNullable<StoryOptions["keys"]>): void {
  mkdirSync(join(home, ".tencentcloud"), { recursive: true })
  const sections = Object.entries(keys).map(
    ([name, { secretId, secretKey }]) => `[${name}]\nsecret_id = ${secretId}\nsecret_key = ${secretKey}\n`,
  )
  writeFileSync(join(home, ".tencentcloud", "credentials"), sections.join("\n"))
}
