// What is published: packed, installed in an empty folder without a network, and used from there as others would.
import { execFileSync, spawnSync } from "node:child_process"
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { publint } from "publint"
import { afterAll, beforeAll, expect, test } from "vitest"
import { cvmimg, folder, image, KEYS, stackOf, world } from "./cli/binary.ts"

const root = join(import.meta.dirname, "..")
const MAX_BYTES = 5_000_000
const SOURCES = [
  "package.json",
  "tsconfig.json",
  "tsconfig.lib.json",
  "src",
  "scripts",
  "schemas",
  "templates",
  "README.md",
  "LICENSE",
]

let place: string
/** The tarball that is installed, and one that was built from a copy in another folder at another time. */
let tarball: string
let again: string
/** A folder in which the package is installed. */
let consumer: string
let installed: string

function packed(name: string): string {
  const copy = join(place, name)
  mkdirSync(copy)
  for (const path of SOURCES) cpSync(join(root, path), join(copy, path), { recursive: true })
  // Links to the same files: to a bundler a link to the folder would be another place.
  execFileSync("cp", ["-al", join(root, "node_modules"), join(copy, "node_modules")])
  execFileSync("npm", ["run", "--silent", "package"], { cwd: copy, stdio: ["ignore", "ignore", "inherit"] })
  const [file] = readdirSync(join(copy, "build")).filter((entry) => entry.endsWith(".tgz"))
  return join(copy, "build", String(file))
}

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "cvmimg-package-"))
  tarball = packed("one")
  again = packed("elsewhere")
  consumer = join(place, "consumer")
  mkdirSync(consumer)
  writeFileSync(join(consumer, "package.json"), '{ "name": "consumer", "private": true, "type": "module" }')
  // No registry answers: what needs one fails.
  const offline = ["--offline", "--registry=http://127.0.0.1:9", "--no-audit", "--no-fund", "--silent"]
  execFileSync("npm", ["install", ...offline, tarball], {
    cwd: consumer,
    stdio: ["ignore", "ignore", "inherit"],
  })
  installed = join(consumer, "node_modules/cvmimg")
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

const filesOf = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

test("two builds in two folders give the same bytes", () => {
  expect(readFileSync(again).equals(readFileSync(tarball))).toBe(true)
})

test("it installs as one package of at most 5 MB, without scripts, dependencies or sources of ours", () => {
  const about = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"))
  expect(Object.keys(about)).not.toContain("scripts")
  expect(Object.keys(about)).not.toContain("dependencies")
  expect(about.publishConfig).toEqual({ access: "public", provenance: true })
  expect(readdirSync(join(consumer, "node_modules")).filter((name) => !name.startsWith("."))).toEqual([
    "cvmimg",
  ])
  const bytes = filesOf(installed).reduce((sum, path) => sum + readFileSync(path).length, 0)
  expect(bytes).toBeGreaterThan(1_000_000)
  expect(bytes).toBeLessThanOrEqual(MAX_BYTES)
})

test("the licences of all that is bundled are in it", () => {
  const notices = readFileSync(join(installed, "dist/THIRD-PARTY-NOTICES.txt"), "utf8")
  for (const name of ["yaml", "commander", "tencentcloud-sdk-nodejs", "p-limit", "diff"]) {
    expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+$`, "m"))
  }
  expect(notices).toContain("Apache License")
})

test("every source map tells sources of ours, and holds no text and no path of the machine", () => {
  const maps = filesOf(installed).filter((path) => path.endsWith(".map"))
  expect(maps.length).toBeGreaterThan(5)
  for (const path of maps) {
    const map = JSON.parse(readFileSync(path, "utf8"))
    expect(map.sourcesContent).toBeUndefined()
    for (const source of map.sources) expect(source).toMatch(/^(\.\.\/)+(src|node_modules)\//)
  }
})

test("publint finds nothing", async () => {
  const { messages } = await publint({ pkgDir: installed, strict: true, pack: false })
  expect(messages).toEqual([])
})

test("the command of the package validates and plans", async () => {
  const { url } = await world()
  const stack = stackOf(image("web"))
  const binary = join(consumer, "node_modules/.bin/cvmimg")
  expect(await cvmimg(["validate"], { cwd: stack, binary })).toMatchObject({ code: 0, stderr: "" })
  expect((await cvmimg(["schema", "image"], { cwd: stack, binary })).stdout).toContain('"$schema"')
  const planned = await cvmimg(["plan", "--no-checks", "--endpoint", url], { cwd: stack, binary })
  expect(planned).toMatchObject({ code: 0, stderr: "" })
  expect(planned.stdout).toContain("Plan: 1 to import")
})

test("the program of docs/library.md compiles strictly, plans and applies", async () => {
  const program = readFileSync(join(root, "docs/library.md"), "utf8").match(/```ts\n([\s\S]*?)```/)?.[1] ?? ""
  writeFileSync(join(consumer, "program.ts"), program)
  writeFileSync(
    join(consumer, "emulator.ts"),
    'import { type Emulator, startEmulator } from "cvmimg/emulator"\nexport const emulator: Promise<Emulator> = startEmulator()\n',
  )
  const compilerOptions = {
    module: "NodeNext",
    target: "ES2023",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    types: ["node"],
    typeRoots: [join(consumer, "types")],
  }
  mkdirSync(join(consumer, "types"))
  symlinkSync(join(root, "node_modules/@types/node"), join(consumer, "types/node"))
  writeFileSync(
    join(consumer, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["program.ts", "emulator.ts"] }),
  )
  const tsc = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc")], {
    cwd: consumer,
    encoding: "utf8",
  })
  expect(tsc).toMatchObject({ status: 0, stdout: "" })

  const emulator = await world()
  const { url } = emulator
  const stack = stackOf(image("web"))
  const ran = await cvmimg([stack], { binary: join(consumer, "program.js"), env: { CVMIMG_ENDPOINT: url } })
  expect(ran).toMatchObject({ code: 0, stderr: "" })
  expect(ran.stdout).toMatch(/^import web ap-singapore missing\nweb ap-singapore done img-\w+\n$/)
  expect(emulator.ledger.filter(({ action }) => action === "ImportImage")).toHaveLength(1)
  const repeated = await cvmimg([stack], {
    binary: join(consumer, "program.js"),
    env: { CVMIMG_ENDPOINT: url },
  })
  expect(repeated).toMatchObject({ code: 0, stdout: "keep web ap-singapore in_sync\n" })
})

test("the emulator starts from a plain ES module", () => {
  const dir = folder()
  symlinkSync(join(consumer, "node_modules"), join(dir, "node_modules"))
  writeFileSync(
    join(dir, "start.mjs"),
    `import { startEmulator } from "cvmimg/emulator"
const emulator = await startEmulator({ accounts: [{ uin: "1", secretId: "${KEYS.secretId}", secretKey: "x" }] })
console.log(new URL(emulator.url).hostname)
await emulator.close()`,
  )
  expect(execFileSync(process.execPath, [join(dir, "start.mjs")], { encoding: "utf8" })).toBe("127.0.0.1\n")
})
