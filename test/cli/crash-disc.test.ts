// What is on disc and cannot be used: nothing is sent then, or the cloud is looked at first.
import { spawn } from "node:child_process"
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { BINARY, cleanEnv, cvmimg, expectClean, folder, image, KEYS } from "./binary.ts"
import {
  applyTo,
  converges,
  expectOnce,
  type HeldWorld,
  heldWorld,
  isSettled,
  journalText,
  killAt,
  stackWith,
  WIDE,
} from "./crashing.ts"

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command that runs the binary. */
function ended(command: string, args: readonly string[], cwd: string): Promise<Ended> {
  return new Promise<Ended>((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: cleanEnv(), stdio: ["ignore", "pipe", "pipe"] })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
    })
    child.once("error", reject)
    child.once("close", (code) => resolve({ code, stdout, stderr }))
  }).then((end) => {
    expectClean(end.stdout + end.stderr)
    return end
  })
}

const journalsOf = (cwd: string): string[] =>
  readdirSync(join(cwd, ".cvmimg/journal"))
    .sort()
    .map((name) => join(cwd, ".cvmimg/journal", name))

describe("a place that cannot be used", () => {
  test.each<[string, (cwd: string) => void, RegExp]>([
    [".cvmimg is a file", (cwd) => writeFileSync(join(cwd, ".cvmimg"), ""), /is no folder/],
    [".cvmimg is a link", (cwd) => symlinkSync(folder(), join(cwd, ".cvmimg")), /is a link/],
    [
      "the folder of journals is a file",
      (cwd) => {
        mkdirSync(join(cwd, ".cvmimg"))
        writeFileSync(join(cwd, ".cvmimg/journal"), "")
      },
      /journal is no folder/,
    ],
    [
      "a journal is a link",
      (cwd) => {
        mkdirSync(join(cwd, ".cvmimg/journal"), { recursive: true })
        writeFileSync(join(cwd, "else"), "")
        symlinkSync(join(cwd, "else"), join(cwd, ".cvmimg/journal/20260101T000000000Z-1.jsonl"))
      },
      /is a link/,
    ],
    [
      "the lock is a link",
      (cwd) => {
        mkdirSync(join(cwd, ".cvmimg"))
        writeFileSync(join(cwd, "else"), "")
        symlinkSync(join(cwd, "else"), join(cwd, ".cvmimg/lock"))
      },
      /lock is a link/,
    ],
    [
      "the lock is something else",
      (cwd) => {
        mkdirSync(join(cwd, ".cvmimg"))
        writeFileSync(join(cwd, ".cvmimg/lock"), "hello")
      },
      /is no lock of cvmimg/,
    ],
  ])("%s: exit 1, and nothing is sent", async (_name, spoil, why) => {
    const w = await heldWorld()
    const cwd = stackWith([image("web")])
    spoil(cwd)
    const end = await cvmimg(applyTo(w), { cwd })
    expect(end).toMatchObject({ code: 1, stdout: "" })
    expect(end.stderr).toMatch(why)
    expect(end.stderr.split("\n")).toHaveLength(2)
    expect(w.writes).toEqual([])
  })

  test("a journal of a later release", async () => {
    const w = await heldWorld()
    const cwd = stackWith([image("web")])
    await converges(w, cwd)
    const { encodeRecord } = await import("../../src/apply/journal-record.ts")
    const { crc32 } = await import("node:zlib")
    const open = encodeRecord({ type: "DOUBT", at: 0 }, 0)
      .replace(/,"sum".*/s, "")
      .replace('"v":1', '"v":2')
    const sum = crc32(open).toString(16).padStart(8, "0")
    writeFileSync(join(cwd, ".cvmimg/journal/20990101T000000000Z-1.jsonl"), `${open},"sum":"${sum}"}\n`)
    const end = await cvmimg(applyTo(w), { cwd })
    expect(end).toMatchObject({ code: 1, stderr: expect.stringContaining("a later release of cvmimg") })
    // What only reads says so and goes on.
    const plan = await cvmimg(["plan", "--endpoint", w.emulator.url], { cwd })
    expect(plan).toMatchObject({ code: 0, stderr: expect.stringContaining("a later release of cvmimg") })
  })

  test.runIf(process.getuid?.() === 0)("a journal of another user", async () => {
    const w = await heldWorld()
    const cwd = stackWith([image("web")])
    await converges(w, cwd)
    const { chownSync } = await import("node:fs")
    chownSync(journalsOf(cwd)[0] ?? "", 12_345, 12_345)
    const end = await cvmimg(applyTo(w), { cwd })
    expect(end).toMatchObject({ code: 1, stderr: expect.stringContaining("belongs to user 12345") })
  })
})

// As little as a file may hold, in blocks of 512 bytes: what is beyond fails as on a full disc.
describe.runIf(process.platform === "linux")("a disc that is full", () => {
  const within = (blocks: number, w: HeldWorld, cwd: string): Promise<Ended> =>
    ended("sh", ["-c", 'trap "" XFSZ; ulimit -f "$0"; exec "$@"', `${blocks}`, ...line(w)], cwd)
  const line = (w: HeldWorld): string[] => [process.execPath, BINARY, ...applyTo(w)]

  test.each([1, 2])(
    "before the import (%i): it is not sent; exit 1; the next run goes on",
    async (blocks) => {
      const w = await heldWorld()
      const cwd = stackWith([image("web")])
      const end = await within(blocks, w, cwd)
      expect(end, end.stderr).toMatchObject({ code: 1 })
      expect(end.stdout + end.stderr).toContain("ClientError.Journal")
      expect(w.writes).not.toContain("ImportImage")
      await converges(w, cwd)
    },
  )

  test("after it was accepted: it is waited for, said, and not exit 0; the next run goes on", async () => {
    const w = await heldWorld()
    const cwd = stackWith([image("web", 'sharedWith: ["100000000009"]')])
    const end = await within(3, w, cwd)
    expect(end.code, end.stderr).not.toBe(0)
    expect(w.writes.filter((action) => action === "ImportImage")).toHaveLength(1)
    expect(end.stderr).toContain("cvmimg apply")
    await converges(w, cwd)
  })
})

describe("a journal that is damaged", () => {
  test.each([
    ["torn in the intent", (text: string) => text.length - 40],
    ["torn after a byte", () => 1],
  ])("%s: it is looked for before anything is sent", async (_name, at) => {
    const w = await heldWorld({ duplicateNames: "never", visibilityDelayMs: 1_500 })
    const cwd = stackWith([image("web")], WIDE)
    await killAt(w, cwd, { hook: "delivers", action: "ImportImage" })
    const [path = ""] = journalsOf(cwd)
    truncateSync(path, at(readFileSync(path, "utf8")))
    await converges(w, cwd)
  })

  test("spoilt in the middle: set aside, and looked for", async () => {
    const w = await heldWorld({ duplicateNames: "never", visibilityDelayMs: 1_500 })
    const cwd = stackWith([image("web")], WIDE)
    await killAt(w, cwd, { hook: "delivers", action: "ImportImage" })
    const [path = ""] = journalsOf(cwd)
    writeFileSync(path, readFileSync(path, "utf8").replace('"type":"RUN"', '"type":"RUM"'))
    await converges(w, cwd)
    expect(existsSync(`${path}.broken`)).toBe(true)
    expect(existsSync(path)).toBe(false)
    await isSettled(w, cwd)
  })

  test("gone: with unique names nothing is made twice", async () => {
    const w = await heldWorld({ visibilityDelayMs: 1_500 })
    const cwd = stackWith([image("web")], WIDE)
    await killAt(w, cwd, { hook: "delivers", action: "ImportImage" })
    const { rmSync } = await import("node:fs")
    rmSync(join(cwd, ".cvmimg"), { recursive: true })
    await converges(w, cwd)
  })

  test("with garbage behind its end, and empty ones", async () => {
    const w = await heldWorld()
    const cwd = stackWith([image("web")], "1s")
    await converges(w, cwd)
    const [path = ""] = journalsOf(cwd)
    appendFileSync(path, Buffer.alloc(4096))
    writeFileSync(join(cwd, ".cvmimg/journal/20260101T000000000Z-1.jsonl"), "")
    writeFileSync(join(cwd, "images/more.yaml"), image("other"))
    await converges(w, cwd)
  })
})

describe("what is written", () => {
  test("for nobody else, without secrets and texts", async () => {
    const w = await heldWorld()
    const cwd = stackWith([image("web", "description: not for the journal")])
    await converges(w, cwd)
    const text = journalText(cwd)
    for (const secret of [KEYS.secretKey, KEYS.secretId, "not for the"]) expect(text).not.toContain(secret)
    expect(text).toContain("web.qcow2")
    for (const path of journalsOf(cwd)) expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(join(cwd, ".cvmimg")).mode & 0o777).toBe(0o700)
    expect(readdirSync(join(cwd, ".cvmimg")).sort()).toEqual([".gitignore", "journal"])
  })

  test("journals of settled runs are kept for the last twenty, open ones for as long as they are open", async () => {
    const w = await heldWorld({ importMs: 600_000 })
    const cwd = stackWith([image("web")])
    await killAt(w, cwd, { hook: "delivers", action: "ImportImage" })
    const [open = ""] = journalsOf(cwd)
    const text = readFileSync(open, "utf8")
    const { encodeRecord } = await import("../../src/apply/journal-record.ts")
    for (let i = 0; i < 30; i += 1) {
      const path = join(cwd, ".cvmimg/journal", `20990101T0000000${String(i).padStart(2, "0")}Z-1.jsonl`)
      writeFileSync(path, encodeRecord({ type: "RUN", at: 0, run: `${i}`, stack: "s", pid: 1 }, 0))
    }
    await cvmimg([...applyTo(w), "--no-wait"], { cwd })
    expect(journalsOf(cwd).length).toBeLessThanOrEqual(22)
    expect(journalsOf(cwd)[0]).toBe(open)
    expect(readFileSync(open, "utf8")).toBe(text)
    expectOnce(w)
  })
})
