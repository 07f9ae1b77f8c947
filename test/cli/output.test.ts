// What goes where, in which form, and that foreign text stays inert.
import { execFile } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, test } from "vitest"
import { SCHEMAS } from "../../src/cli/schema-names.ts"
import { BINARY, cleanEnv, cvmimg, expectClean, folder, image, STACK, stackOf, world } from "./binary.ts"

const ESC = "\u001b"

async function schemas(): Promise<Ajv2020> {
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false })
  for (const name of SCHEMAS) {
    const { stdout } = await cvmimg(["schema", name])
    ajv.addSchema(JSON.parse(stdout), name)
  }
  return ajv
}

describe("schema", () => {
  test("lists the names, and prints each as JSON Schema that compiles", async () => {
    const { stdout } = await cvmimg(["schema"])
    expect(stdout.trim().split("\n")).toEqual(SCHEMAS)
    const ajv = await schemas()
    for (const name of SCHEMAS) expect(ajv.getSchema(name), name).toBeTypeOf("function")
  })
})

describe("-o", () => {
  test("json alone on standard output is JSON and nothing else, of its schema: plan, apply, validate", async () => {
    const { url } = await world({ behaviour: { importOutcomes: { "bad.qcow2": "VirtioNotInstall" } } })
    const ajv = await schemas()
    const cwd = stackOf(image("web"), image("bad", "tags: { app: bad }"))
    for (const args of [["plan"], ["apply", "--yes"], ["plan"], ["apply", "--yes"]]) {
      const { stdout } = await cvmimg([...args, "-o", "json", "--endpoint", url], { cwd })
      const validate = ajv.getSchema(args[0] ?? "")
      void validate?.(JSON.parse(stdout))
      expect(validate?.errors ?? [], args[0]).toEqual([])
    }
    const broken = stackOf(image("web", "bootMode: BIOS"))
    for (const [from, code] of [
      [cwd, 0],
      [broken, 1],
    ] as const) {
      const end = await cvmimg(["validate", "-o", "json"], { cwd: from })
      const validate = ajv.getSchema("validate")
      void validate?.(JSON.parse(end.stdout))
      expect(validate?.errors ?? []).toEqual([])
      expect(JSON.parse(end.stdout)).toMatchObject({ formatVersion: 1, valid: code === 0 })
      expect(end.code).toBe(code)
    }
  })

  test("json=FILE beside the text, also where the exit code is not 0", async () => {
    const { url } = await world({ behaviour: { importOutcomes: { "bad.qcow2": "VirtioNotInstall" } } })
    const cwd = stackOf(image("bad"))
    const plan = await cvmimg(["plan", "--detailed-exitcode", "-o", "json=plan.json", "--endpoint", url], {
      cwd,
    })
    expect(plan).toMatchObject({ code: 2, stdout: expect.stringContaining("Plan: 1 to import") })
    expect(JSON.parse(readFileSync(join(cwd, "plan.json"), "utf8"))).toMatchObject({ summary: { import: 1 } })
    const applied = await cvmimg(["apply", "--yes", "-o", "json=apply.json", "--endpoint", url], { cwd })
    expect(applied).toMatchObject({ code: 1, stdout: expect.stringContaining("Apply: 0 done, 1 failed.") })
    const text = readFileSync(join(cwd, "apply.json"), "utf8")
    expectClean(text)
    expect(JSON.parse(text).results).toMatchObject([
      { image: "bad", outcome: "failed", error: { code: "ImportFailed", advice: expect.any(String) } },
    ])
  })

  test("a file that cannot be written is a plain error", async () => {
    const { url } = await world()
    const cwd = stackOf(image("web"))
    const end = await cvmimg(["plan", "-o", "json=nowhere/plan.json", "--endpoint", url], { cwd })
    expect(end).toMatchObject({ code: 1, stderr: expect.stringContaining("nowhere/plan.json") })
    expect(end.stderr).not.toContain("internal error")
  })

  test("text goes to standard output, progress to standard error, one line an event without a terminal", async () => {
    const { url } = await world({ behaviour: { importMs: 1_500 } })
    const { stdout, stderr } = await cvmimg(["apply", "--yes", "--endpoint", url], {
      cwd: stackOf(image("web")),
    })
    expect(stdout).toMatch(/^Stack golden/)
    expect(stdout).toMatch(/Apply: 1 done\.\n$/)
    const lines = stderr.trimEnd().split("\n")
    expect(lines.every((line) => /^\+\d+:\d\d(:\d\d)? {2}/.test(line))).toBe(true)
    expect(stderr).toMatch(/ web {2}ap-singapore {2}import accepted \(request id [0-9a-f-]{36}\)\n/)
    expect(stderr).toMatch(/ web {2}ap-singapore {2}img-[0-9a-z]{8} IMPORTING\n/)
    expect(stderr).not.toContain(ESC)
  })
})

describe("validate", () => {
  const broken = (): string => stackOf(image("web", "bootMode: BIOS"))

  test("text: the place, the line with a caret, what to write instead", async () => {
    const { code, stdout } = await cvmimg(["validate"], { cwd: broken() })
    expect(code).toBe(1)
    expect(stdout).toMatch(/images\/0\.yaml:6:13/)
    expect(stdout).toMatch(/bootMode: BIOS\n.*\^\^\^\^/)
    expect(stdout).toContain("UEFI")
  })

  test("github: one annotation a mistake", async () => {
    const { code, stdout } = await cvmimg(["validate", "-o", "github"], { cwd: broken() })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^::error file=images\/0\.yaml,line=6,.*::/)
    expect(stdout.trimEnd().split("\n")).toHaveLength(1)
  })

  test("a valid stack says how much there is", async () => {
    const { code, stdout } = await cvmimg(["validate"], { cwd: stackOf(image("web"), image("db")) })
    expect({ code, stdout }).toEqual({ code: 0, stdout: "Valid: 2 images in 2 placements.\n" })
  })

  test("single files, and several", async () => {
    const cwd = stackOf(image("web"), image("db", "bootMode: BIOS"))
    expect(await cvmimg(["validate", "images/0.yaml"], { cwd })).toMatchObject({ code: 0 })
    expect(await cvmimg(["validate", "images/0.yaml", "images/1.yaml"], { cwd })).toMatchObject({ code: 1 })
  })

  test("-: standard input, alone and beside a stack", async () => {
    const alone = await cvmimg(["validate", "-"], { stdin: `${STACK}---\n${image("web")}` })
    expect(alone).toMatchObject({ code: 0, stdout: "Valid: 1 image in 1 placement.\n" })
    const cwd = stackOf()
    expect(await cvmimg(["validate", "-"], { cwd, stdin: image("web") })).toMatchObject({ code: 0 })
    const wrong = await cvmimg(["validate", "-"], { cwd, stdin: image("web", "bootMode: BIOS") })
    expect(wrong).toMatchObject({ code: 1, stdout: expect.stringContaining("<stdin>:6:13") })
    expect(await cvmimg(["validate", "-"], { stdin: "" })).toMatchObject({ code: 1 })
  })

  test("any bytes on standard input are a mistake, never a crash", async () => {
    for (const stdin of [
      "\u0000\u0001",
      "{{{{",
      "- &a [*a, *a]",
      `${"[".repeat(5_000)}`,
      "!!js/function 'x'",
    ]) {
      const { code, stderr, stdout } = await cvmimg(["validate", "-"], { stdin })
      expect(code, JSON.stringify(stdin.slice(0, 20))).toBe(1)
      expect(stderr + stdout).not.toContain("internal error")
    }
  })
})

describe("colours", () => {
  const colours = async (env: Record<string, string>): Promise<boolean> => {
    const { stdout } = await cvmimg(["validate"], { cwd: stackOf(image("web", "bootMode: BIOS")), env })
    return stdout.includes(ESC)
  }

  test("none without a terminal; FORCE_COLOR brings them; NO_COLOR wins", async () => {
    expect(await colours({})).toBe(false)
    expect(await colours({ FORCE_COLOR: "1" })).toBe(true)
    expect(await colours({ FORCE_COLOR: "0" })).toBe(false)
    expect(await colours({ FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(false)
    expect(await colours({ FORCE_COLOR: "1", NO_COLOR: "" })).toBe(true)
  })

  test("files never have any", async () => {
    const { url } = await world()
    const cwd = stackOf(image("web"))
    await cvmimg(["plan", "-o", "text=plan.txt", "--endpoint", url], { cwd, env: { FORCE_COLOR: "1" } })
    const text = readFileSync(join(cwd, "plan.txt"), "utf8")
    expect(text).toContain("1 to import")
    expect(text).not.toContain(ESC)
  })
})

describe("a reader that goes away", () => {
  test("is no reason for a word", async () => {
    const many = Array.from({ length: 600 }, (_, i) => image(`web-${i}`, `description: ${"x".repeat(150)}`))
    const cwd = folder({ "cvmimg.yaml": STACK, "images.yaml": many.join("---\n") })
    const { url } = await world()
    const command = `"${process.execPath}" "${BINARY}" plan --endpoint ${url} | head -1; echo "codes \${PIPESTATUS[*]}"`
    const { stdout, stderr } = await promisify(execFile)("bash", ["-c", command], { cwd, env: cleanEnv() })
    expect(stderr).toBe("")
    expect(stdout).toMatch(/^Stack golden.*\ncodes \d+ 0\n$/)
  })
})

describe("standard output that cannot be written", () => {
  test.skipIf(!existsSync("/dev/full"))(
    "a full disk is a plain error, and the run ends as it would",
    async () => {
      const { url } = await world()
      const cwd = stackOf(image("web"))
      const lines = [
        "--version",
        "--help",
        "validate",
        `plan --endpoint ${url}`,
        `apply --yes --endpoint ${url}`,
      ]
      for (const line of lines) {
        const command = `"${process.execPath}" "${BINARY}" ${line} > /dev/full; echo "code $?"`
        const { stdout, stderr } = await promisify(execFile)("sh", ["-c", command], { cwd, env: cleanEnv() })
        expect(stdout, line).toBe("code 1\n")
        expect(stderr).toContain("cvmimg: standard output cannot be written: no space is left (ENOSPC): ")
        expectClean(stderr)
      }
      const after = await cvmimg(["plan", "--detailed-exitcode", "--endpoint", url], { cwd })
      expect(after).toMatchObject({ code: 0, stdout: expect.stringContaining("1 unchanged") })
    },
  )

  test("a working directory that is gone is a plain error", async () => {
    const command = `mkdir gone && cd gone && rmdir ../gone && "${process.execPath}" "${BINARY}" validate; echo "code $?"`
    const { stdout, stderr } = await promisify(execFile)("sh", ["-c", command], {
      cwd: folder(),
      env: cleanEnv(),
    })
    expect(stdout).toBe("code 1\n")
    expect(stderr).toBe("cvmimg: the working directory cannot be used (ENOENT): change into another one\n")
    expectClean(stderr)
  })
})

describe("hostile text", () => {
  const EVIL = `\\e[31mred\\e[0m\\a\\u202e\\u200b\\x9b2J`

  test("in manifests: refused, shown as escapes, in text, JSON and annotations", async () => {
    const text = image("web", `description: "${EVIL}"\ntags: { "${EVIL}": "${EVIL}" }`).replace(
      "name: web",
      `name: "${EVIL}"`,
    )
    const raw = image("raw", "description: x").replace(
      "description: x",
      `description: ${ESC}]0;title\u0007\u202e`,
    )
    const cwd = stackOf(text, raw)
    for (const format of ["text", "json", "github"]) {
      const { code, stdout, stderr } = await cvmimg(["validate", "-o", format], { cwd })
      expect(code).toBe(1)
      expectInert(stdout + stderr)
    }
    const { url } = await world()
    const plan = await cvmimg(["plan", "--endpoint", url], { cwd })
    expect(plan.code).toBe(1)
    expectInert(plan.stdout + plan.stderr)
  })

  test("in a file's name and in an argument", async () => {
    const cwd = stackOf(image("web"))
    writeFileSync(join(cwd, `images/${ESC}[2J.yaml`), image("db", "bootMode: BIOS"))
    const validate = await cvmimg(["validate"], { cwd })
    expect(validate.code).toBe(1)
    expectInert(validate.stdout + validate.stderr)
    for (const args of [
      [`${ESC}[2J`],
      ["plan", `--${ESC}[2J`],
      ["plan", "-o", `${ESC}[2J`],
      ["schema", `${ESC}[2J`],
    ]) {
      const end = await cvmimg(args, { cwd })
      expect(end.code).toBe(64)
      expectInert(end.stdout + end.stderr)
    }
    const nowhere = await cvmimg(["validate", `${ESC}[2J`], { cwd })
    expect(nowhere.code).toBe(1)
    expectInert(nowhere.stdout + nowhere.stderr)
  })

  test("from the cloud: names, descriptions, tags and messages of the service", async () => {
    const evil = `${ESC}[31mred\u0007\u202e::error::x\n::error::y`
    const emulator = await world({
      images: [
        { region: "ap-singapore", name: "web", description: evil, tags: { app: evil }, family: evil },
        { region: "ap-singapore", name: evil, tags: { "cvmimg.stack": "", "cvmimg.image": evil } },
      ],
      faults: {
        refuses: ({ action }) =>
          action === "ModifyImageAttribute" ? { code: "InvalidParameter", message: evil } : undefined,
      },
    })
    const wanted = "lifecycle: { adopt: true }\ndescription: Web\nfamily: web\ntags: { app: web }"
    for (const args of [["plan"], ["apply", "--yes"]]) {
      const end = await cvmimg([...args, "--endpoint", emulator.url], { cwd: stackOf(image("web", wanted)) })
      expectInert(end.stdout + end.stderr)
      expect(end.stdout).toContain("\\u001b[31mred")
    }
  })
})

/** No character that a terminal obeys or a reader cannot see, and no line that a CI runner takes for a command. */
function expectInert(text: string): void {
  expect(Array.from(text.replaceAll("\n", "")).filter((c) => /[\p{Cc}\u200b\u202e]/u.test(c))).toEqual([])
  expect(text.split("\n").filter((line) => /^::(?!(error|warning|notice) file=)/.test(line))).toEqual([])
}
