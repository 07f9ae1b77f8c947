// Files that cannot be read or written: told in words of ours, with what to do, and nothing else of the run is lost.
import { execFileSync, spawn } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { BINARY, cleanEnv, cvmimg, type Ended, expectClean, image, stackOf, world } from "./binary.ts"

/** The words of Node and of libc, which say neither whose fault it is nor what to do. */
const THEIRS =
  /illegal operation|no such file or directory, |not a directory,|no space left on device|permission denied|file too large|too many symbolic/

const there = async () => {
  const { url } = await world()
  const cwd = stackOf(image("web"))
  mkdirSync(join(cwd, "folder"))
  writeFileSync(join(cwd, "file"), "")
  symlinkSync("circle", join(cwd, "circle"))
  return { cwd, end: ["--endpoint", url] }
}

function said({ stderr }: Pick<Ended, "stderr">): string {
  expect(stderr).not.toMatch(THEIRS)
  expect(stderr).not.toContain("internal error")
  expectClean(stderr)
  return stderr
}

const PLACES = [
  ["folder", "folder cannot be written: it is a directory (EISDIR): name a file"],
  ["file/x", "file/x cannot be written: a part of its path is no directory (ENOTDIR): look at the path"],
  ["none/x", "none/x cannot be written: there is no such file or directory (ENOENT): look at the path"],
  ["circle", "circle cannot be written: its links lead in a circle (ELOOP): mend the links"],
  ["/dev/full", "/dev/full cannot be written: no space is left (ENOSPC): make room, or name another place"],
] as const

describe("a report that cannot be written", () => {
  test.each(PLACES)("%s: the other ones are, and the plan exits with 1", async (place, message) => {
    const { cwd, end } = await there()
    const plan = await cvmimg(
      ["plan", "-o", `json=${place}`, "-o", "text", "-o", "markdown=plan.md", ...end],
      { cwd },
    )
    expect(plan).toMatchObject({ code: 1, stdout: expect.stringContaining("1 to import") })
    expect(said(plan)).toContain(`cvmimg: ${message}\n`)
    expect(execFileSync("cat", [join(cwd, "plan.md")], { encoding: "utf8" })).toContain("web")
  })

  test("of an apply: what was done is told all the same, and the exit code is that of the run", async () => {
    const { cwd, end } = await there()
    writeFileSync(join(cwd, "images/bad.yaml"), image("bad", 'os: { type: BeOS, version: "5" }'))
    const apply = ["apply", "--yes", "--no-checks", "--keep-going", "-o", "json=folder", "-o", "text", ...end]
    const partly = await cvmimg(apply, { cwd })
    expect(partly).toMatchObject({ code: 5, stdout: expect.stringContaining("Apply: 1 done, 1 failed.") })
    expect(said(partly)).toContain("cvmimg: folder cannot be written: it is a directory (EISDIR)")
    rmSync(join(cwd, "images/bad.yaml"))
    writeFileSync(join(cwd, "images/more.yaml"), image("more"))
    expect(await cvmimg(apply, { cwd })).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("1 done."),
    })
  })

  test("an approval set: the plan is shown, and nothing claims that it was saved", async () => {
    const { cwd, end } = await there()
    for (const [place, message] of PLACES) {
      const plan = await cvmimg(["plan", "--out", place, ...end], { cwd })
      expect(plan).toMatchObject({ code: 1, stdout: expect.stringContaining("1 to import") })
      expect(said(plan)).toContain(`cvmimg: ${message}\n`)
    }
  })
})

describe("a file that is named and cannot be read", () => {
  test.each([
    ["a folder", "folder", "it is a directory (EISDIR): name a file"],
    ["below a file", "file/x", "a part of its path is no directory (ENOTDIR): look at the path"],
    ["a circle of links", "circle", "its links lead in a circle (ELOOP): mend the links"],
  ])("%s", async (_name, file, why) => {
    const { cwd, end } = await there()
    for (const args of [
      ["apply", "--yes", "--plan", file, ...end],
      ["show", file],
      ["drift", "--state", file, ...end],
      ["comment", "--plan", file, "--dry-run"],
    ]) {
      const run = await cvmimg(args, { cwd })
      expect(run, args.join(" ")).toMatchObject({ code: 1 })
      expect(said(run), args.join(" ")).toContain(`${file} cannot be read: ${why}`)
    }
  })

  test("one without an end is given up at the size that nothing sensible has", async () => {
    const { cwd, end } = await there()
    const run = await cvmimg(["drift", "--state", "/dev/zero", ...end], { cwd })
    expect(run).toMatchObject({ code: 1 })
    expect(said(run)).toMatch(/\/dev\/zero cannot be read: it is larger than \d+ bytes/)
  })

  test("a pipe is read like a file", async () => {
    const { cwd, end } = await there()
    await cvmimg(["plan", "--out", "plan.json", ...end], { cwd })
    const script = `"$0" "$1" show <(cat plan.json)`
    const shown = execFileSync("bash", ["-c", script, process.execPath, BINARY], {
      cwd,
      env: cleanEnv(),
      encoding: "utf8",
    })
    expect(shown).toContain("1 to import")
  })
})

// Root may write anywhere; then the binary runs as somebody else.
const root = process.getuid?.() === 0
const hasOther = !root || process.platform === "linux"

describe.skipIf(!hasOther)("what this user may not", () => {
  /** A folder that others can reach, of which nothing can be written. */
  const readOnly = (): string => {
    const cwd = mkdtempSync(join(tmpdir(), "cvmimg-read-only-"))
    onTestFinished(() => {
      chmodSync(cwd, 0o700)
      rmSync(cwd, { recursive: true, force: true })
    })
    const stack = stackOf(image("web"))
    execFileSync("cp", ["-r", `${stack}/.`, cwd])
    execFileSync("chmod", ["-R", "a+rX,a-w", cwd])
    return cwd
  }
  const asOther = (
    args: readonly string[],
    cwd: string,
  ): Promise<Pick<Ended, "code" | "stdout" | "stderr">> =>
    new Promise((resolve) => {
      const other = root ? { uid: 65_534, gid: 65_534 } : {}
      const child = spawn(process.execPath, [BINARY, ...args], {
        cwd,
        env: { ...cleanEnv(), HOME: "/nonexistent" },
        stdio: ["ignore", "pipe", "pipe"],
        ...other,
      })
      const out = { stdout: "", stderr: "" }
      for (const name of ["stdout", "stderr"] as const)
        child[name].setEncoding("utf8").on("data", (text: string) => {
          out[name] += text
        })
      child.once("close", (code) => resolve({ code, ...out }))
    })

  test("the journal's place: nothing is sent, and the message says where, why and what to do", async () => {
    const emulator = await world()
    const cwd = readOnly()
    const apply = await asOther(["apply", "--yes", "--endpoint", emulator.url], cwd)
    expect(apply).toMatchObject({ code: 1, stdout: "" })
    expect(said(apply)).toBe(
      `cvmimg: the journal cannot be used, so that nothing was sent: ${cwd}/.cvmimg: this user may not (EACCES): give this user the right, or name another place\n`,
    )
    expect(emulator.ledger).toEqual([])
  })

  test("state, metrics and reports of drift", async () => {
    const { url } = await world()
    const cwd = readOnly()
    for (const [args, message] of [
      [
        ["--state", "state.json"],
        /state\.json cannot be written: this user may not \(EACCES\): .*The next run will not know/,
      ],
      [
        ["--metrics-file", "drift.prom"],
        /the metrics file .*drift\.prom cannot be written: this user may not \(EACCES\): /,
      ],
      [["-o", "json=drift.json"], /^cvmimg: drift\.json cannot be written: this user may not \(EACCES\): /m],
    ] as const) {
      const run = await asOther(["drift", ...args, "--endpoint", url], cwd)
      expect(run, args.join(" ")).toMatchObject({ code: 1 })
      expect(said(run)).toMatch(message)
    }
  })
})
