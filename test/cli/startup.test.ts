// What starts fast loads little: a hook writes down every module that a run of the binary loads.
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { BINARY, cvmimg, folder, image, stackOf, world } from "./binary.ts"

/** Marks of what must be loaded only when it is needed: sources that a bundled file's map names. */
const SDK = /node_modules\/tencentcloud-sdk-nodejs\//
const AJV_COMPILER = /node_modules\/ajv\/dist\/(?!runtime\/)/
const EMULATOR = /\/src\/emulator\/server\.ts"/

const HOOK = `
import { appendFileSync } from "node:fs"
export async function load(url, context, next) {
  appendFileSync(process.env.LOADED, url + "\\n")
  return next(url, context)
}`
const REGISTER = `
import { appendFileSync } from "node:fs"
import Module, { register } from "node:module"
register("./hook.mjs", import.meta.url)
process.on("exit", () => {
  for (const path of Object.keys(Module._cache)) appendFileSync(process.env.LOADED, path + "\\n")
})`

/** What a bundled file was made of: its map, which stands beside it. */
const madeOf = (path: string): string =>
  existsSync(`${path}.map`) ? readFileSync(`${path}.map`, "utf8") : ""

/** Every file that the run loads, with the map that tells its sources. */
async function loadedBy(
  args: readonly string[],
  cwd: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Map<string, string>> {
  const hooks = folder({ "hook.mjs": HOOK, "register.mjs": REGISTER, loaded: "" })
  const log = join(hooks, "loaded")
  const end = await cvmimg(args, {
    cwd,
    env: { NODE_OPTIONS: `--import ${join(hooks, "register.mjs")}`, LOADED: log, ...more },
  })
  expect(end).toMatchObject({ code: 0, stderr: "" })
  const paths = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("file:") || line.startsWith("/"))
    .map((line) => (line.startsWith("file:") ? fileURLToPath(line) : line))
    .filter((path) => !path.startsWith(hooks))
  expect(paths).toContain(BINARY)
  return new Map(paths.map((path) => [path, madeOf(path)]))
}

const having = (files: ReadonlyMap<string, string>, mark: RegExp): string[] =>
  [...files].filter(([path, text]) => mark.test(text) || mark.test(path)).map(([path]) => path)

test("plan loads the SDK: the marks are the right ones", async () => {
  const { url } = await world()
  const files = await loadedBy(["plan", "--endpoint", url], stackOf(image("web")))
  expect(having(files, SDK)).not.toEqual([])
  expect(having(files, EMULATOR)).toEqual([])
})

test("--version loads one file", async () => {
  expect([...(await loadedBy(["--version"], folder())).keys()]).toEqual([BINARY])
})

test.each(["--help", "plan --help", "validate -h"])("%s loads one file", async (line) => {
  expect([...(await loadedBy(line.split(" "), folder())).keys()]).toEqual([BINARY])
})

test("the help that was written down is what the command line says", async () => {
  // `help` is a command like others: the declarations are asked.
  const asked = await cvmimg(["help"])
  expect(await cvmimg(["--help"])).toMatchObject({ code: 0, stdout: asked.stdout, stderr: "" })
  const names = [...asked.stdout.matchAll(/^ {2}([a-z-]+) .*(?:\[| {2})/gm)].map(([, name]) => String(name))
  expect(names).toContain("diff-plans")
  for (const name of names.filter((n) => n !== "help")) {
    const { stdout } = await cvmimg(["help", name])
    expect(stdout).toContain(`Usage: cvmimg ${name}`)
    expect((await cvmimg([name, "--help"])).stdout).toBe(stdout)
  }
})

test.each([
  ["schema", ["schema", "image"]],
  ["validate", ["validate"]],
] as const)("%s loads neither the SDK nor ajv's compiler nor the emulator", async (_, args) => {
  const files = await loadedBy(args, stackOf(image("web")))
  expect(having(files, SDK)).toEqual([])
  expect(having(files, AJV_COMPILER)).toEqual([])
  expect(having(files, EMULATOR)).toEqual([])
  expect([...files.keys()].filter((path) => path.includes("/node_modules/"))).toEqual([])
  if (args[0] === "validate") expect(having(files, /src\/manifest\/validate\.ts"/)).not.toEqual([])
})

test("schemas are checked by code made ahead: no file of the bundle holds ajv's compiler", async () => {
  const { url } = await world()
  const files = await loadedBy(["plan", "--endpoint", url], stackOf(image("web")))
  expect(having(files, AJV_COMPILER)).toEqual([])
})

test("the parser and the validators are loaded for a text that is new, and not again", async () => {
  const stack = stackOf(image("web"), image("db"))
  const env = { CVMIMG_CACHE: folder() }
  const parser = async (): Promise<string[]> =>
    having(await loadedBy(["validate"], stack, env), /yaml\/dist\/parse\/lexer|\/manifest\/validate\.ts"/)
  expect(await parser()).not.toEqual([])
  expect(await parser()).toEqual([])
  writeFileSync(join(stack, "images/0.yaml"), image("web", "description: new"))
  expect(await parser()).not.toEqual([])
  expect(having(await loadedBy(["validate"], stack, { CVMIMG_CACHE: "off" }), /yaml\/dist/)).not.toEqual([])
})

/** What a run loads of the bundle, in bytes: what is read is compiled, whether it is called or not. */
const bundled = (files: ReadonlyMap<string, string>): number =>
  [...files.keys()]
    .filter((path) => path.includes("/dist/bin/"))
    .reduce((sum, path) => sum + statSync(path).size, 0)

test("plan loads the format that is asked for and no other, and nothing that applies, checks or reads plans", async () => {
  const { url } = await world()
  const stack = stackOf(image("web"))
  const rest = ["--no-checks", "--endpoint", url]
  const text = await loadedBy(["plan", ...rest], stack)
  expect(having(text, /\/report\/plan-text\.ts"/)).not.toEqual([])
  expect(
    having(text, /\/report\/(?:plan|drift|apply|review)-(?:html|sarif|junit|markdown|github|json)\.ts"/),
  ).toEqual([])
  expect(
    having(text, /\/src\/(?:check|notify|review|doctor|export)\/|\/apply\/perform|approval-shape\.ts"/),
  ).toEqual([])
  // 0.76 MB when this was written, of which the parser is 0.29, the SDK 0.12 and planning 0.08.
  expect(bundled(text)).toBeLessThan(850_000)
  const html = await loadedBy(["plan", ...rest, "-o", "html=plan.html"], stack)
  expect(having(html, /\/report\/plan-html\.ts"/)).not.toEqual([])
  expect(having(html, /\/report\/(?:plan|drift)-(?:sarif|junit|markdown)\.ts"/)).toEqual([])
  expect(having(await loadedBy(["plan", "--endpoint", url], stack), /\/src\/check\//)).not.toEqual([])
})

test("validate loads little beside the parser and the validators", async () => {
  // 0.45 MB when this was written.
  expect(bundled(await loadedBy(["validate"], stackOf(image("web"))))).toBeLessThan(520_000)
})
