/**
 * The built binary as a user runs it: another process, an empty folder, no terminal, an environment that holds nothing
 * but what is given. Whatever it prints is held to two rules: no stack trace, and no secret.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, onTestFinished } from "vitest"
import { type Emulator, type EmulatorOptions, startEmulator } from "../../src/emulator/index.ts"
import { CANARY, expectNoSecretBelow, secretsIn, writeSecret } from "../support/canary.ts"

export const BINARY: string = fileURLToPath(new URL("../../dist/bin/cvmimg.cjs", import.meta.url))
if (!existsSync(BINARY)) throw new Error("dist/bin/cvmimg.cjs is missing: npm run build")

/** The key that every run is given. It must not come out anywhere. */
export const KEYS: typeof CANARY = CANARY

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves as soon as standard output or standard error matches; rejects if the process ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>
}

export interface RunOptions {
  readonly cwd?: string
  /** Added to the clean environment; undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly stdin?: string
  /** Another script than the built binary of this repository. */
  readonly binary?: string
}

/** A folder of the test's own, with these files. When the test ends, no secret may stand in any file below it. */
export function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), "cvmimg-cli-"))
  onTestFinished(() => {
    try {
      expectNoSecretBelow(path)
    } finally {
      rmSync(path, { recursive: true, force: true })
    }
  })
  for (const [name, text] of Object.entries(files)) {
    // What the tool is to read may hold secrets, such as credentials; what it writes may not.
    if (secretsIn(text).length > 0) writeSecret(join(path, name), text)
    else {
      mkdirSync(dirname(join(path, name)), { recursive: true })
      writeFileSync(join(path, name), text)
    }
  }
  return path
}

/** Nothing but what a process needs, and the keys of the canary. */
export function cleanEnv(more: RunOptions["env"] = {}): Record<string, string> {
  const env = {
    PATH: process.env.PATH,
    HOME: folder(),
    TENCENTCLOUD_SECRET_ID: KEYS.secretId,
    TENCENTCLOUD_SECRET_KEY: KEYS.secretKey,
    CVMIMG_METADATA: "off",
    ...more,
  }
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

/** Starts the binary. */
export function start(args: readonly string[], options: RunOptions = {}): Running {
  const began = performance.now()
  const child = spawn(process.execPath, [options.binary ?? BINARY, ...args], {
    cwd: options.cwd ?? folder(),
    env: cleanEnv(options.env),
    stdio: ["pipe", "pipe", "pipe"],
  })
  const out = { stdout: "", stderr: "" }
  const waiting = new Set<() => void>()
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      out[name] += text
      for (const look of waiting) look()
    })
  }
  child.stdin.on("error", () => {})
  child.stdin.end(options.stdin ?? "")
  let over = false
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (code, signal) => {
      over = true
      for (const look of waiting) look()
      resolve({ code, signal, ...out, ms: performance.now() - began })
    })
  }).then((end) => {
    for (const text of [end.stdout, end.stderr]) expectClean(text)
    return end
  })
  // Its folder goes after it: nothing may be written there any more.
  const gone = new Promise<void>((resolve) =>
    child.once("exit", () => resolve()).once("error", () => resolve()),
  )
  onTestFinished(async () => {
    if (!over) child.kill("SIGKILL")
    await gone
  })
  return {
    child,
    ended,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(out.stdout) ?? pattern.exec(out.stderr)
          if (match === null && !over) return
          waiting.delete(look)
          if (match !== null) resolve(match)
          else reject(new Error(`ended without ${pattern}:\n${out.stdout}\n${out.stderr}`))
        }
        waiting.add(look)
        look()
      }),
  }
}

/** Runs the binary to its end. */
export function cvmimg(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(args, options).ended
}

/**
 * Runs it until it once took less, beside what the binary takes to start on this machine; a few times at the most. A
 * machine that stalls is forgiven, a wait is not.
 */
export async function within(milliseconds: number, run: () => Promise<Ended>): Promise<Ended> {
  let took: number[] = []
  while (took.length < 6) {
    const bare = await cvmimg(["--version"])
    const end = await run()
    if (end.ms - bare.ms < milliseconds) return end
    took = [...took, end.ms - bare.ms]
  }
  throw new Error(`it took ${took.map(Math.round).join(", ")} ms, and is given ${milliseconds}`)
}

/** An address that refuses connections: its port is nobody's, and no system gives it out. */
export const NOBODY = "http://127.0.0.1:4"

/** What holds of everything that is ever printed or written. */
export function expectClean(text: string): void {
  expect(text.split("\n").filter((line) => /^\s+at .*[:(]/.test(line))).toEqual([])
  expect(secretsIn(text)).toEqual([])
}

/** A world that the canary's keys open, where imports take a fifth of a second. */
export async function world(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({
    accounts: [{ uin: "100000000001", ...KEYS }],
    publicImages: false,
    ...options,
    behaviour: {
      visibilityDelayMs: 0,
      importMs: 200,
      importMsPerGiB: 0,
      failAfterMs: 50,
      ...options.behaviour,
    },
  })
  onTestFinished(() => emulator.close())
  return emulator
}

export const STACK = `apiVersion: cvmimg/v1
kind: Stack
metadata: { name: golden }
spec:
  defaults: { regions: [ap-singapore], os: { type: Ubuntu, version: "22" } }
`

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

/** A folder with a stack of these documents. */
export function stackOf(...images: readonly string[]): string {
  const files = images.map((text, i) => [`images/${i}.yaml`, text] as const)
  return folder({ "cvmimg.yaml": STACK, ...Object.fromEntries(files) })
}
