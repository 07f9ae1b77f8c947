/**
 * A fault and what must hold: the whole command line in this process, over HTTP, against the emulator, on one clock that
 * tool and world share and that runs many times as fast as time. What is true is judged by the emulator's ledger.
 */
import { setMaxListeners } from "node:events"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { afterAll, expect } from "vitest"
import type { Io, Output } from "../../src/cli/io.ts"
import { run as runLine } from "../../src/cli/main.ts"
import { type Emulator, type EmulatorOptions, startEmulator } from "../../src/emulator/index.ts"
import type { Clock } from "../../src/model/clock.ts"
import type { Result } from "../../src/model/outcome.ts"
import type { Plan } from "../../src/model/plan.ts"
import { splitDescription } from "../../src/model/provenance.ts"
import { expectNoSecretBelow, secretsIn } from "../support/canary.ts"
import { FastClock } from "../support/fast-clock.ts"

export const SINGAPORE = "ap-singapore"
export const FRANKFURT = "eu-frankfurt"
export const SECOND = 1_000
export const MINUTE: number = 60 * SECOND

/** Whether names are unique: the service may refuse a used name at submit and in rehearsals, or not at all. */
export const FENCES = ["submit+dryRun", "never"] as const
/** How long an accepted import may stay invisible. */
export const VISIBLE_AFTER: readonly number[] = [0, 30 * SECOND, 15 * MINUTE]
/** Both for a table of tests. */
export const VARIANTS: readonly (readonly [(typeof FENCES)[number], number])[] = FENCES.flatMap((fence) =>
  VISIBLE_AFTER.map((ms) => [fence, ms] as const),
)

/** A stack of one account and one region, with more lines of its spec. */
export function stack(spec = ""): string {
  return `apiVersion: cvmimg/v1
kind: Stack
metadata: { name: golden }
spec:
  defaults: { regions: [ap-singapore], os: { type: Ubuntu, version: "22" } }
${spec.replace(/^(?=.)/gm, "  ")}
`
}

/** An image of the name, with more lines of its spec. */
export function image(name: string, spec = ""): string {
  return `apiVersion: cvmimg/v1
kind: Image
metadata: { name: ${name} }
spec:
  source: { url: "https://golden-{region}-1250000000.cos.{region}.myqcloud.com/${name}.qcow2" }
${spec.replace(/^(?=.)/gm, "  ")}
`
}

export interface SceneOptions extends Omit<EmulatorOptions, "clock" | "wallClock"> {
  readonly manifests: readonly string[]
  /** So many times as fast as time; default 300. A window of half an hour takes more, a request is not to be a minute. */
  readonly speed?: number
  /** The tool's clock, if it is to go wrong. */
  readonly toolClock?: (clock: FastClock) => Clock
  readonly env?: Readonly<Record<string, string>>
}

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Applied extends Ended {
  readonly results: readonly Result[]
  /** `import web ap-singapore: done`. */
  readonly rows: readonly string[]
}

export interface Planned extends Ended {
  readonly plan: Plan
  /** `import web ap-singapore: missing`. */
  readonly rows: readonly string[]
}

/** A folder with the stack on some machine. */
export interface Host {
  readonly directory: string
  manifests(...documents: readonly string[]): void
  /** Runs a command line in the folder. */
  run(
    args: readonly string[],
    how?: { readonly signal?: AbortSignal; readonly width?: number },
  ): Promise<Ended>
  apply(...args: readonly string[]): Promise<Applied>
  plan(...args: readonly string[]): Promise<Planned>
}

export interface Scene extends Host {
  readonly emulator: Emulator
  readonly clock: FastClock
  /** Another machine with the same manifests, and no journal. */
  host(env?: Readonly<Record<string, string>>): Host
  /** Accepted imports so far: `web ap-singapore`, in their order. */
  imports(): readonly string[]
  /** Accepted writes so far, tags made known left out. */
  writes(): readonly string[]
  /** What every scene ends with: nothing is left to do, and no spec lives twice. */
  settled(): Promise<void>
}

const cleaning: (() => Promise<void>)[] = []
afterAll(async () => {
  await Promise.all(cleaning.splice(0).map((clean) => clean()))
})

/** Begins a scene; it is cleaned up when the tests of the file are over, so that they may run side by side. */
export async function scene(options: SceneOptions): Promise<Scene> {
  const { manifests, speed = 300, toolClock, env = {}, ...world } = options
  const clock = new FastClock(speed)
  const emulator = await startEmulator({
    publicImages: false,
    seed: "scene",
    ...world,
    clock,
    wallClock: clock,
    behaviour: {
      visibilityDelayMs: 0,
      importMs: 30 * SECOND,
      importMsPerGiB: 0,
      enforceRates: false,
      ...world.behaviour,
    },
  })
  const folders: string[] = []
  const keys = [emulator.env, env].flatMap((e) => [
    e.TENCENTCLOUD_SECRET_KEY ?? "",
    e.TENCENTCLOUD_TOKEN ?? "",
  ])
  cleaning.push(async () => {
    await emulator.close()
    try {
      for (const folder of folders) expectNoSecretBelow(folder, keys)
    } finally {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    }
  })
  const time = toolClock?.(clock) ?? clock
  const host = (more: Readonly<Record<string, string>> = {}): Host => {
    const folder = mkdtempSync(join(tmpdir(), "cvmimg-fault-"))
    folders.push(folder)
    mkdirSync(join(folder, "home"))
    const made = hostAt(folder, time, {
      ...emulator.env,
      HOME: join(folder, "home"),
      CVMIMG_METADATA: "off",
      ...env,
      ...more,
    })
    made.manifests(...manifests)
    return made
  }
  const own = host()
  return {
    ...own,
    emulator,
    clock,
    host,
    imports: () =>
      emulator.ledger
        .filter((e) => e.action === "ImportImage")
        .map((e) => `${String(e.parameters.ImageName)} ${e.region}`),
    writes: () =>
      emulator.ledger.filter((e) => e.action !== "CreateTag").map((e) => `${e.action} ${e.region}`),
    async settled() {
      emulator.clearFaults()
      const before = emulator.ledger.length
      const { code, rows } = await own.plan("--detailed-exitcode")
      expect(rows.filter((row) => !row.startsWith("keep "))).toEqual([])
      expect(code).toBe(0)
      expect(emulator.ledger).toHaveLength(before)
      oneLiveOf(emulator)
    },
  }
}

function hostAt(folder: string, clock: Clock, env: Record<string, string>): Host {
  const directory = join(folder, "stack")
  let runs = 0
  const run: Host["run"] = async (args, how = {}) => {
    const text = { stdout: "", stderr: "" }
    const output = (name: "stdout" | "stderr"): Output => ({
      write: (more) => {
        text[name] += more
      },
      isTerminal: false,
      width: how.width ?? 120,
      height: 24,
      color: false,
    })
    const stdin = new PassThrough() as unknown as NodeJS.ReadStream
    const signal = how.signal ?? new AbortController().signal
    setMaxListeners(0, signal)
    const io: Io = {
      stdout: output("stdout"),
      stderr: output("stderr"),
      stdin,
      env,
      cwd: directory,
      clock,
      signal,
      interrupted: () => (signal.aborted ? 130 : undefined),
    }
    const code = await runLine(io, args)
    const keys = [env.TENCENTCLOUD_SECRET_KEY ?? "", env.TENCENTCLOUD_TOKEN ?? ""]
    expect(secretsIn(text.stdout + text.stderr, keys)).toEqual([])
    return { code, ...text }
  }
  /** The document of a format, or what takes its place where the run ended before. */
  const withJson = async (args: readonly string[]): Promise<[Ended, string]> => {
    runs += 1
    const file = join(folder, `${runs}.json`)
    const ended = await run([...args, "-o", "text", "-o", `json=${file}`])
    let json = "{}"
    try {
      json = readFileSync(file, "utf8")
    } catch {}
    return [ended, json]
  }
  return {
    directory,
    manifests(...documents) {
      mkdirSync(directory, { recursive: true })
      writeFileSync(join(directory, "cvmimg.yaml"), documents.join("\n---\n"))
    },
    run,
    async apply(...args) {
      const [ended, json] = await withJson(["apply", "--yes", ...args])
      const { results = [] } = JSON.parse(json) as { results?: Result[] }
      const rows = results.map((r) => {
        const why = r.error?.code ?? r.reason
        return `${r.action} ${r.image} ${r.region}: ${r.outcome}${why === undefined ? "" : ` (${why})`}`
      })
      return { ...ended, results, rows }
    },
    async plan(...args) {
      const [ended, json] = await withJson(["plan", ...args])
      const plan = { actions: [], ...(JSON.parse(json) as Partial<Plan>) } as unknown as Plan
      const rows = plan.actions.map((a) => `${a.action} ${a.image} ${a.region}: ${a.reasons.join(", ")}`)
      return { ...ended, plan, rows }
    },
  }
}

/**
 * I1: of each spec of an image at most one image lives in a place, and at most one import was accepted beside those
 * that failed or went.
 */
export function oneLiveOf(emulator: Emulator): void {
  const images = emulator.world.images()
  const accepted = new Map<string, number>()
  for (const entry of emulator.ledger) {
    if (entry.action !== "ImportImage") continue
    const key = keyOf(entry.account, entry.region, String(entry.parameters.ImageDescription ?? ""))
    if (key === undefined) continue
    const [id = ""] = entry.imageIds
    const image = images.find((i) => i.id === id)
    const over = image === undefined || image.state.endsWith("FAILED")
    accepted.set(key, (accepted.get(key) ?? 0) + (over ? 0 : 1))
  }
  const twice = [...accepted].filter(([, count]) => count > 1)
  expect(twice).toEqual([])
}

function keyOf(account: string, region: string, description: string): string | undefined {
  const { stamp } = splitDescription(description)
  return stamp === undefined ? undefined : [account, region, stamp.stack, stamp.image, stamp.spec].join(" ")
}

/** The most calls that the server saw in any one second, by action, region and account. */
export function peaks(
  emulator: Emulator,
  fits: (action: string, sequence: number) => boolean = () => true,
): Map<string, number> {
  const times = new Map<string, number[]>()
  for (const { action, region, account, monotonicMs, sequence } of emulator.requests) {
    if (!fits(action, sequence)) continue
    const key = `${action} ${region} ${account}`
    times.set(key, [...(times.get(key) ?? []), monotonicMs])
  }
  return new Map(
    [...times].map(([key, at]) => [
      key,
      Math.max(...at.map((end, i) => at.slice(0, i + 1).filter((t) => t > end - SECOND).length)),
    ]),
  )
}
