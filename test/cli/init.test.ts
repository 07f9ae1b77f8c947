// What init writes and what it leaves alone, by the built binary: in empty folders, in folders that hold something
// already, and on a terminal, where it asks.
import { spawn, spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { writeAll } from "../../src/cli/new-files.ts"
import { BINARY, cleanEnv, cvmimg, expectClean, folder } from "./binary.ts"

const TERMINAL = join(import.meta.dirname, "terminal.py")
const hasPty = spawnSync("python3", ["-c", "import pty, termios"]).status === 0

/** Every file below, with its text. */
function contents(directory: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(directory.length + 1), readFileSync(path, "utf8")]),
  )
}

const ALWAYS = [
  ".gitignore",
  ".vscode/extensions.json",
  ".vscode/settings.json",
  "README.md",
  "cvmimg.yaml",
  "images/ubuntu.yaml",
  "schemas/family.schema.json",
  "schemas/image.schema.json",
  "schemas/stack.schema.json",
]
const GITHUB = ["review", "apply", "drift"].map((name) => `.github/workflows/cvmimg-${name}.yml`)

const EXPRESSION = `$${"{{ secrets.A }}"}`

describe("init", () => {
  test.each([
    { ci: "github", more: GITHUB },
    { ci: "gitlab", more: [".gitlab-ci.yml"] },
    { ci: "both", more: [...GITHUB, ".gitlab-ci.yml"] },
    { ci: "none", more: [] },
  ])("writes for $ci what passes validate at once", async ({ ci, more }) => {
    const at = folder()
    const { code, stdout, stderr } = await cvmimg(["init", "golden", "--ci", ci], { cwd: at })
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    const written = contents(join(at, "golden"))
    expect(Object.keys(written).sort()).toEqual([...ALWAYS, ...more].sort())
    for (const path of Object.keys(written)) expect(stdout).toContain(`  + ${path}\n`)
    for (const text of Object.values(written)) expect(text).not.toMatch(/__[A-Z]+__/)
    const valid = await cvmimg(["validate", "golden"], { cwd: at })
    expect(valid).toMatchObject({ code: 0, stdout: "Valid: 1 image in 1 placement.\n", stderr: "" })
  })

  test("takes its answers from flags", async () => {
    const at = folder()
    const flags = [
      "--name",
      "1e5",
      "--site",
      "cn",
      "--regions",
      "ap-guangzhou, ap-shanghai",
      "--branch",
      "rel/1",
    ]
    const { code } = await cvmimg(["init", "--yes", ...flags, "--package", "./cvmimg-9.9.9.tgz"], { cwd: at })
    expect(code).toBe(0)
    const stack = parse(readFileSync(join(at, "cvmimg.yaml"), "utf8"))
    expect(stack.metadata.name).toBe("1e5")
    expect(stack.spec).toMatchObject({ site: "cn", defaults: { regions: ["ap-guangzhou", "ap-shanghai"] } })
    const apply = parse(readFileSync(join(at, ".github/workflows/cvmimg-apply.yml"), "utf8"))
    expect(apply.on.push.branches).toEqual(["rel/1"])
    expect(apply.env.CVMIMG_PACKAGE).toBe("./cvmimg-9.9.9.tgz")
    const valid = await cvmimg(["validate"], { cwd: at })
    expect(valid).toMatchObject({ code: 0, stdout: "Valid: 1 image in 2 placements.\n" })
  })

  test.each([
    ["--name", "a b", /a stack's name starts with/],
    ["--name", `x: ${EXPRESSION}`, /a stack's name starts with/],
    ["--site", "us", /--site takes intl, cn, not 'us'/],
    ["--regions", "moon", /'moon' is no region/],
    ["--regions", ",", /name a region/],
    ["--ci", "jenkins", /--ci takes github, gitlab, both, none/],
    ["--branch", 'main"]', /a branch is written with/],
    ["--package", 'x" && curl evil', /without spaces and quotes/],
    ["--package", EXPRESSION.replaceAll(" ", ""), /without spaces and quotes/],
  ])("refuses %s %s and writes nothing", async (flag, value, message) => {
    const at = folder()
    const { code, stderr } = await cvmimg(["init", "new", flag, value], { cwd: at })
    expect(code).toBe(64)
    expect(stderr.replace(/\s+/g, " ")).toMatch(message)
    expect(readdirSync(at)).toEqual([])
  })

  test("writes over nothing: all that is there stays, byte for byte, and is named", async () => {
    const mine = { "README.md": "mine\n", ".gitignore": "node_modules/\n", ".vscode/settings.json": "{}" }
    const at = folder(mine)
    const { code, stdout } = await cvmimg(["init"], { cwd: at })
    expect(code).toBe(0)
    for (const path of Object.keys(mine)) expect(stdout).toContain(`  = ${path}  kept as it is\n`)
    expect(contents(at)).toMatchObject(mine)
    expect(stdout).toContain("Add the line .cvmimg/ to .gitignore")
    const before = contents(at)
    const again = await cvmimg(["init"], { cwd: at })
    expect(again.stdout).toContain("Everything was there already.")
    expect(contents(at)).toEqual(before)
  })

  test("adds no example to a stack that is there", async () => {
    const at = folder({ "cvmimg.yaml": "apiVersion: cvmimg/v1\nkind: Stack\nmetadata: { name: old }\n" })
    const { code } = await cvmimg(["init", "--ci", "none"], { cwd: at })
    expect(code).toBe(0)
    expect(existsSync(join(at, "images"))).toBe(false)
  })

  test.each(["link", "file"] as const)("a %s on the way stops it before the first byte", async (kind) => {
    const elsewhere = folder()
    const at = folder({ "mine.txt": "" })
    if (kind === "link") symlinkSync(elsewhere, join(at, ".github"))
    else writeFileSync(join(at, ".github"), "")
    const { code, stderr } = await cvmimg(["init"], { cwd: at })
    expect(code).toBe(1)
    expect(stderr).toMatch(/nothing was written: \.github is (a link, which is not followed|no directory)/)
    expect(readdirSync(at).sort()).toEqual([".github", "mine.txt"])
    expect(readdirSync(elsewhere)).toEqual([])
  })

  test("a link at the end of the way is kept, and nothing is written through it", async () => {
    const elsewhere = folder()
    const at = folder()
    symlinkSync(join(elsewhere, "README.md"), join(at, "README.md"))
    const { code, stdout } = await cvmimg(["init", "--ci", "none"], { cwd: at })
    expect(code).toBe(0)
    expect(stdout).toContain("  = README.md  kept as it is\n")
    expect(readdirSync(elsewhere)).toEqual([])
  })

  test("takes back what it wrote where it cannot go on", () => {
    const at = folder({ "mine/a.txt": "mine" })
    const files = ["new/deep/x.txt", "mine/b.txt", "mine/a.txt"].map((path) => ({ path, text: "" }))
    // As if mine/a.txt came after the decision.
    expect(() => writeAll(at, files)).toThrow(
      /^nothing was written: .*a\.txt: it is there already \(EEXIST\)/,
    )
    expect(contents(at)).toEqual({ "mine/a.txt": "mine" })
    expect(readdirSync(at)).toEqual(["mine"])
  })

  test("says where pipelines count, in a directory below a repository's root", async () => {
    const at = folder()
    spawnSync("git", ["init", "-q", at])
    const { stdout } = await cvmimg(["init", "stack"], { cwd: at })
    expect(stdout).toContain("Pipelines count at the root of a repository")
  })
})

describe.skipIf(!hasPty)("init on a terminal", () => {
  /** Types each text once what it waits for is shown. */
  async function talk(cwd: string, turns: readonly (readonly [RegExp, string])[]): Promise<number | null> {
    const child = spawn("python3", [TERMINAL, "100", "30", process.execPath, BINARY, "init", "asked"], {
      cwd,
      env: cleanEnv({ TERM: "xterm-256color" }),
      stdio: ["pipe", "pipe", "inherit"],
    })
    let shown = ""
    let from = 0
    const left = [...turns]
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text
      const [turn] = left
      if (turn === undefined || !turn[0].test(shown.slice(from))) return
      left.shift()
      from = shown.length
      child.stdin.write(turn[1])
    })
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve))
    expectClean(shown)
    expect(left).toEqual([])
    return code
  }

  test("asks, and takes the answers", async () => {
    const at = folder()
    const down = "\u001b[B"
    const code = await talk(at, [
      [/Name of the stack\?/, "\r"],
      [/Which Tencent Cloud\?/, `${down}\r`],
      [/Regions of the images\?/, ", ap-shanghai\r"],
      [/Pipelines for\?/, `${down}\r`],
    ])
    expect(code).toBe(0)
    const { metadata, spec } = parse(readFileSync(join(at, "asked/cvmimg.yaml"), "utf8"))
    expect(metadata.name).toBe("asked")
    expect(spec).toMatchObject({ site: "cn", defaults: { regions: ["ap-guangzhou", "ap-shanghai"] } })
    expect(existsSync(join(at, "asked/.gitlab-ci.yml"))).toBe(true)
    expect(existsSync(join(at, "asked/.github"))).toBe(false)
  })

  test("leaves nothing behind where the questions are broken off", async () => {
    const at = folder()
    const code = await talk(at, [
      [/Name of the stack\?/, "\r"],
      [/Which Tencent Cloud\?/, "\u0003"],
    ])
    expect(code).toBe(130)
    expect(readdirSync(at)).toEqual([])
  })
})
