// Journals and the lock on disc.
import { spawn } from "node:child_process"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { beginJournal } from "../../src/apply/journal-begin.ts"
import { createJournalFile } from "../../src/apply/journal-file.ts"
import { readJournals } from "../../src/apply/journal-read.ts"
import { encodeRecord } from "../../src/apply/journal-record.ts"
import { LockHeld, lockHolder, takeLock } from "../../src/apply/lock.ts"
import { systemClock } from "../../src/cloud/clock.ts"

const NOW = Date.UTC(2026, 10, 24, 10)
const GOLDEN = readFileSync(join(import.meta.dirname, "golden/journal-1.jsonl"), "utf8")

function directory(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), "cvmimg-journal-"))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, ".cvmimg/journal"), { recursive: true })
    writeFileSync(join(path, ".cvmimg/journal", name), text)
    utimesSync(join(path, ".cvmimg/journal", name), NOW / 1000, NOW / 1000)
  }
  return path
}

const NAME = "20261124T090000000Z-17541.jsonl"

describe("journals", () => {
  // One file for each version that was ever released; it is never written anew.
  test("of version 1 are read as they were meant", () => {
    const { past } = readJournals(directory({ [NAME]: GOLDEN }), NOW)
    expect(
      past.open.map(({ image, state, requestId, imageId }) => [image, state, requestId, imageId]),
    ).toEqual([
      ["lost", "unknown", undefined, undefined],
      ["accepted", "accepted", "r5", "img-5"],
      ["seen", "visible", "r6", "img-6"],
      ["sent", "intent", undefined, undefined],
    ])
    expect(past.unfinished).toEqual([
      { image: "steps-left", account: "default", region: "ap-singapore", attempt: "3341d2bc1eca.8" },
    ])
    expect(past.took.map(({ ms }) => ms)).toEqual([240_000, 300_000])
    expect(past.doubt).toBe(Date.UTC(2026, 10, 24, 9))
  })

  test("cut off at any byte lose nothing but their end, and say that something may be missing", () => {
    const { past: whole } = readJournals(directory({ [NAME]: GOLDEN }), NOW)
    const all = new Set(whole.open.map(({ image }) => image))
    for (let length = 1; length < GOLDEN.length; length += 37) {
      const { past, files } = readJournals(directory({ [NAME]: GOLDEN.slice(0, length) }), NOW)
      const torn = GOLDEN[length - 1] !== "\n"
      expect(files[0]?.damage, `${length}`).toBe(torn ? "torn" : undefined)
      if (torn) expect(past.doubt).toBe(NOW)
      const sent = [...GOLDEN.slice(0, length).matchAll(/"type":"INTENT".*?"image":"([^"]+)".*\n/g)]
      const shut = new Set(past.open.map(({ image }) => image))
      for (const [, image = ""] of sent) if (all.has(image)) expect(shut.has(image), `${length}`).toBe(true)
    }
  })

  test("with any byte changed are never read as something else", () => {
    const lines = GOLDEN.split("\n")
    for (let at = 0; at < GOLDEN.length; at += 53) {
      const other = GOLDEN[at] === "0" ? "1" : "0"
      const text = GOLDEN.slice(0, at) + other + GOLDEN.slice(at + 1)
      const { files, past } = readJournals(directory({ [NAME]: text }), NOW)
      expect(files[0]?.damage, `${at}`).toBeDefined()
      expect(past.doubt).toBe(NOW)
      expect(files[0]?.records.length).toBeLessThan(lines.length - 1)
    }
  })

  test("with a line too few are broken", () => {
    const lines = GOLDEN.split("\n")
    const text = lines.toSpliced(4, 1).join("\n")
    expect(readJournals(directory({ [NAME]: text }), NOW).files[0]?.damage).toBe("broken")
  })

  test("a doubt ends after some days", () => {
    const dir = directory({ [NAME]: GOLDEN })
    expect(readJournals(dir, NOW + 30 * 86_400_000).past.doubt).toBeUndefined()
  })

  test("what is open in a broken one is carried over, and stays open", async () => {
    const records = GOLDEN.split("\n")
    const text = [...records.slice(0, 16), "x", ...records.slice(16)].join("\n")
    const dir = directory({ [NAME]: text })
    const journals = readJournals(dir, NOW)
    expect(journals.past.open.map(({ image }) => image)).toContain("lost")
    const begun = await beginJournal({ directory: dir, stackId: "0123abcd", clock: systemClock, journals })
    await begun.close()
    expect(readdirSync(join(dir, ".cvmimg/journal"))).toContain(`${NAME}.broken`)
    const { past } = readJournals(dir, NOW)
    expect(past.open).toEqual(journals.past.open)
    expect(past.doubt).toBe(journals.past.doubt)
  })

  test("a file that is there is never written to", async () => {
    const dir = directory({ [NAME]: "x" })
    await expect(createJournalFile(join(dir, ".cvmimg/journal", NAME))).rejects.toThrow("EEXIST")
  })

  test("what an append left behind that failed is taken away, where it can be", async () => {
    const dir = directory()
    const path = join(dir, "j")
    const file = await createJournalFile(path)
    await file.append(encodeRecord({ type: "DOUBT", at: 1 }, 0))
    const before = readFileSync(path, "utf8")
    await file.close()
    await expect(file.append("more")).rejects.toThrow()
    expect(readFileSync(path, "utf8")).toBe(before)
  })
})

describe("the lock", () => {
  const lockOf = (dir: string): string => join(dir, ".cvmimg/lock")

  test("is held once, and released", () => {
    const dir = directory()
    const lock = takeLock(dir, NOW)
    expect(() => takeLock(dir, NOW)).toThrow(LockHeld)
    expect(lockHolder(dir)).toEqual({ pid: process.pid, since: NOW })
    lock.release()
    expect(existsSync(lockOf(dir))).toBe(false)
    expect(lockHolder(dir)).toBeUndefined()
    takeLock(dir, NOW).release()
    expect(readdirSync(join(dir, ".cvmimg"))).toEqual([".gitignore"])
  })

  test.runIf(process.platform === "linux")("of a number that another process has now is taken over", () => {
    const dir = directory()
    takeLock(dir, NOW).release()
    const lock = takeLock(dir, NOW)
    const owner = JSON.parse(readFileSync(lockOf(dir), "utf8")) as object
    writeFileSync(lockOf(dir), JSON.stringify({ ...owner, began: "1", token: "other" }))
    const mine = takeLock(dir, NOW)
    lock.release()
    expect(lockHolder(dir)).toEqual({ pid: process.pid, since: NOW })
    mine.release()
  })

  test("of a process that is gone is taken over", async () => {
    const dir = directory()
    const child = spawn("sleep", ["60"])
    const lock = takeLock(dir, NOW)
    const owner = JSON.parse(readFileSync(lockOf(dir), "utf8")) as object
    writeFileSync(lockOf(dir), JSON.stringify({ ...owner, pid: child.pid, began: "", token: "other" }))
    expect(() => takeLock(dir, NOW)).toThrow(`process ${child.pid} has held the lock since`)
    const dead = new Promise((resolve) => child.once("close", resolve))
    child.kill("SIGKILL")
    await dead
    takeLock(dir, NOW).release()
    lock.release()
  })

  test("of a machine that cannot be looked at is taken over when it was not touched for a minute", () => {
    const dir = directory()
    takeLock(dir, NOW).release()
    const there = { pid: process.pid, since: NOW, token: "t", where: "another machine", began: "1" }
    writeFileSync(lockOf(dir), JSON.stringify(there))
    expect(() => takeLock(dir, NOW)).toThrow(LockHeld)
    const then = Date.now() / 1000 - 61
    utimesSync(lockOf(dir), then, then)
    takeLock(dir, NOW).release()
  })
})
