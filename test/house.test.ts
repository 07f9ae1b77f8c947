// Holds the arrows of the house: which room of src may import what. The table below is that of src/README.md.
// Imports are found by a scanner of tokens, so that types, re-exports and dynamic imports count too; esbuild,
// which drops types, is asked as a second witness that the scanner misses none.
import { readdirSync, readFileSync } from "node:fs"
import { builtinModules } from "node:module"
import { join, posix } from "node:path"
import { build } from "esbuild"
import { describe, expect, test } from "vitest"

interface Room {
  /** Rooms, or single files of rooms, as paths below src. The room itself always is allowed. */
  ours: readonly string[]
  /** Modules from outside; with a pattern of paths below the room, only there. */
  outside: readonly { module: string; in?: RegExp }[]
  /** Global names that would make the room impure. */
  banned?: readonly string[]
}

const EVERYTHING = "everything"
const SDK = "tencentcloud-sdk-nodejs"
// The files that know the vendor's SDK. Everybody else loads them when there is something to call.
const ADAPTER = /^(adapter|tencent)[^/]*(\.ts$|\/)/
// The entry of the binary loads the bundle that is built beside it, by a path that no compiler can see.
const ENTRY = "src/cli/bin.ts"
// What of an apply is on disc.
const ON_DISC = /^(journal(-[a-z]+)?|lock)\.ts$/
// An optional peer dependency: loaded by one file, and only where it is asked for.
const OPTIONAL: Readonly<Record<string, string>> = {
  "@opentelemetry/sdk-node": "src/cli/telemetry.ts",
  "@octokit/rest": "src/comment/github.ts",
  "@gitbeaker/rest": "src/comment/gitlab.ts",
}
const SOURCE = /^source(\.ts$|\/)/

const ROOMS: Record<string, Room> = {
  model: { ours: [], outside: [] },
  manifest: {
    ours: ["model"],
    outside: [
      { module: "yaml" },
      { module: "ajv" },
      { module: "node:fs", in: SOURCE },
      { module: "node:path", in: SOURCE },
      // The id of a stack that names none is a hash of its name; what is remembered has a checksum.
      { module: "node:crypto", in: /^(identity|source\/memory)\.ts$/ },
    ],
  },
  plan: {
    ours: ["model"],
    outside: [{ module: "node:crypto", in: /^fingerprint\.ts$/ }],
    banned: ["Date", "Math.random", "process", "globalThis"],
  },
  // Of manifest only what is pure: names, tags and placeholders, and what was loaded.
  export: {
    ours: ["model", ...["names", "tags", "placeholders", "resolve"].map((file) => `manifest/${file}.ts`)],
    outside: [],
    banned: ["Date", "Math.random", "process", "globalThis"],
  },
  init: { ours: [], outside: [], banned: ["Date", "Math.random", "process", "globalThis"] },
  doctor: { ours: ["model", "cloud/port.ts", "cloud/failure.ts"], outside: [] },
  review: {
    // Fields, spec hash and names of members are those of plans.
    ours: ["model", "plan/fields.ts", "plan/fingerprint.ts", "plan/names.ts"],
    outside: [],
    banned: ["Date", "Math.random", "process", "globalThis"],
  },
  git: {
    ours: [],
    outside: ["node:child_process", "node:fs", "node:os", "node:path"].map((module) => ({ module })),
  },
  cloud: { ours: ["model"], outside: [{ module: "node:*" }, { module: SDK, in: ADAPTER }] },
  check: { ours: ["model", "cloud/port.ts"], outside: [] },
  apply: {
    ours: ["model", "cloud/port.ts", "cloud/failure.ts"],
    outside: [
      { module: "p-limit" },
      ...["node:fs", "node:path", "node:crypto", "node:zlib"].map((module) => ({ module, in: ON_DISC })),
    ],
  },
  report: {
    ours: ["model"],
    outside: ["diff", "string-width", "cli-table3", "picocolors"].map((module) => ({ module })),
  },
  notify: {
    ours: ["model", "report/escape.ts", "report/json.ts", "report/value.ts"],
    outside: [{ module: "node:crypto" }],
  },
  comment: {
    ours: ["model", "report"],
    outside: [
      { module: "node:crypto", in: /^subject\.ts$/ },
      { module: "node:zlib", in: /^marker\.ts$/ },
      { module: "@octokit/rest", in: /^github\.ts$/ },
      { module: "@gitbeaker/rest", in: /^gitlab\.ts$/ },
    ],
  },
  emulator: { ours: [], outside: [{ module: "node:*" }] },
  cli: { ours: [EVERYTHING], outside: [{ module: EVERYTHING }] },
  "index.ts": {
    ours: ["model", "manifest", "plan", "cloud", "check", "apply", "report", "notify"],
    outside: [],
  },
}

const root = join(import.meta.dirname, "..")

describe("the house", () => {
  const files = sources()
  const dependencies = Object.keys(
    JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies as object,
  )

  test("keeps its arrows", () => {
    expect(violations(files, dependencies)).toEqual([])
  })

  test("has no cycle", () => {
    expect(cycles(files)).toEqual([])
  })

  test("has a rule for every room, and files to hold against them", () => {
    expect(readdirSync(join(root, "src")).filter((name) => !(name in ROOMS) && name !== "README.md")).toEqual(
      [],
    )
    expect(files.size).toBeGreaterThan(10)
    expect([...files].flatMap(([path, text]) => importsOf(path, text)).length).toBeGreaterThan(10)
  })

  test("is seen by the scanner as esbuild sees it", async () => {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: [...files.keys()],
      bundle: true,
      write: false,
      metafile: true,
      outdir: "out",
      platform: "node",
      format: "esm",
      logLevel: "silent",
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
      plugins: [
        {
          name: "leave every import as written",
          setup: (esbuild) => {
            esbuild.onResolve({ filter: /.*/ }, ({ kind, path }) =>
              kind === "entry-point" ? null : { path, external: true },
            )
          },
        },
      ],
    })
    const missed = Object.entries(metafile.inputs).flatMap(([path, input]) => {
      const seen = new Set(importsOf(path, files.get(path) ?? "").map(({ specifier }) => specifier))
      // esbuild's own helper for a computed require(): no import of the file.
      const others = input.imports.filter(({ path: found }) => found !== "<runtime>" && !seen.has(found))
      return others.map((found) => `${path}: ${found.path}`)
    })
    expect(missed).toEqual([])
    expect(Object.keys(metafile.inputs).sort()).toEqual([...files.keys()].sort())
  })
})

describe("the scanner", () => {
  test.each([
    ['import { a } from "x"', "static"],
    ['import a, { type b, c as d } from "x"', "static"],
    ['import * as a from "x"', "static"],
    ['import {\n  a,\n} from "x" with { type: "json" }', "static"],
    ['import "x"', "static"],
    ["import 'x'", "static"],
    ['import type { a } from "x"', "type"],
    ['import type a from "x"', "type"],
    ['import type from "x"', "static"],
    ['export * from "x"', "static"],
    ['export * as a from "x"', "static"],
    ['export { a as b } from "x"', "static"],
    ['export type { a } from "x"', "type"],
    ['export type * from "x"', "type"],
    ['const a = await import("x")', "dynamic"],
    ["const a = await import(\n/* why */ `x`)", "dynamic"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text to scan
    ['const a = `${"{"} ${await import("x")} }`', "dynamic"],
    ['let a: import("x").A', "dynamic"],
    ['const a = require("x")', "static"],
    ['const half = a / 2; const s = b / 3; import("x")', "dynamic"],
    ["const quote = /[\"'/]/g; import('x')", "dynamic"],
    ['const c = `it\'s`; i++ / 2; // "\nimport("x")', "dynamic"],
  ])("finds %j", (text, kind) => {
    expect(importsOf("src/plan/a.ts", text).map(({ specifier, kind }) => ({ specifier, kind }))).toEqual([
      { specifier: "x", kind },
    ])
  })

  test.each([
    '// import "x"',
    '/* import "x" */',
    "const a = 'import \"x\"'",
    'const a = `import "x"`',
    "const a = import.meta.url",
    "const a = { import: 1 }; a.import; b.require('x')",
    'export { a }; const from = "x"',
    'export const a = "x"',
    "interface Port { import(request: Request): void }",
  ])("finds nothing in %j", (text) => {
    expect(importsOf("src/plan/a.ts", text)).toEqual([])
  })

  test("tells the line", () => {
    expect(importsOf("src/plan/a.ts", '/*\n*/ const a = `\n`\nimport {\n a } from "x"')[0]?.line).toBe(4)
  })
})

describe("a file that breaks a rule is named with its import and the rule", () => {
  const check = (files: Record<string, string>) =>
    violations(new Map(Object.entries(files)), ["yaml", "diff", SDK])

  test.each([
    [
      "src/plan/a.ts",
      'import { port } from "../cloud/port.ts"',
      /a\.ts:1: "\.\.\/cloud\/port\.ts": plan may/,
    ],
    [
      "src/plan/a.ts",
      '\nconst m = await import("../cloud/port.ts")',
      /a\.ts:2: .*plan may import of ours: model/,
    ],
    ["src/plan/a.ts", 'import type { Cloud } from "../cloud/port.ts"', /plan may import of ours: model/],
    ["src/plan/a.ts", 'export * from "../apply/apply.ts"', /plan may import of ours: model/],
    [
      "src/plan/a.ts",
      'import { createHash } from "node:crypto"',
      /plan may import from outside: node:crypto in/,
    ],
    [
      "src/plan/a.ts",
      'import { createHash } from "crypto"',
      /a\.ts:1: "crypto": plan may import from outside/,
    ],
    ["src/plan/a.ts", "const now = new Date()", /a\.ts:1: Date: plan is pure/],
    ["src/plan/a.ts", "const x = Math.random()", /Math\.random: plan is pure/],
    ["src/plan/a.ts", "const x = process.env.X", /process: plan is pure/],
    ["src/model/a.ts", 'import { x } from "yaml"', /model may import from outside: nothing/],
    ["src/model/a.ts", 'import { x } from "../plan/b.ts"', /model may import of ours: nothing/],
    [
      "src/manifest/parse.ts",
      'import { x } from "node:fs"',
      /manifest may import from outside: yaml, ajv, node:fs/,
    ],
    ["src/manifest/parse.ts", 'import x from "../../schemas/x.json"', /leaves src/],
    ["src/cloud/observe.ts", `import { x } from "${SDK}/tencentcloud/index.js"`, /in the adapter alone/],
    ["src/cloud/observe.ts", 'import { x } from "./adapter.ts"', /adapter is loaded when it is needed/],
    ["src/cli/main.ts", `import("${SDK}")`, /in the adapter alone/],
    ["src/cli/main.ts", 'await import("@opentelemetry/sdk-node")', /by src\/cli\/telemetry\.ts alone/],
    ["src/cli/telemetry.ts", 'import x from "@opentelemetry/sdk-node"', /when it is asked for/],
    ["src/cli/main.ts", 'import x from "esbuild"', /not in package\.json's dependencies/],
    [
      "src/check/a.ts",
      'import { x } from "../cloud/pace.ts"',
      /check may import of ours: model, cloud\/port\.ts/,
    ],
    ["src/apply/a.ts", 'import { x } from "../plan/compare.ts"', /apply may import of ours/],
    [
      "src/emulator/a.ts",
      'import type { x } from "../model/plan.ts"',
      /emulator may import of ours: nothing/,
    ],
    ["src/emulator/a.ts", 'import { x } from "yaml"', /emulator may import from outside: node:\*/],
    ["src/report/a.ts", 'import { x } from "../cli/main.ts"', /report may import of ours: model/],
    ["src/report/a.ts", "console.log(1)", /console: only cli prints/],
    ["src/report/a.ts", "process.stdout.write(x)", /process\.stdout: only cli prints/],
    ["src/report/a.ts", "const { stdout } = process", /process: only cli prints/],
    ["src/cloud/a.ts", 'import { stdout } from "node:process"', /"node:process": only cli prints/],
    ["src/cli/main.ts", "const x = await import(name)", /names no module that can be checked/],
    ["src/cloud/a.ts", "const x = await import(name)", /names no module that can be checked/],
    ["src/cloud/a.ts", "const r = createRequire(import.meta.url)", /createRequire: hides imports/],
    ["src/index.ts", 'export { x } from "./cli/main.ts"', /index\.ts may import of ours/],
    ["src/index.ts", 'export { x } from "./emulator/index.ts"', /index\.ts may import of ours/],
    ["src/index.ts", 'export { x } from "yaml"', /index\.ts may import from outside: nothing/],
    ["src/utils/a.ts", "export const x = 1", /utils is no room of the house/],
  ])("%s: %s", (path, text, message) => {
    const found = check({ [path]: text })
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(message)
  })

  test("what the table allows passes", () => {
    expect(
      check({
        "src/manifest/source.ts":
          'import { readFile } from "node:fs/promises"\nimport { join } from "node:path"',
        "src/manifest/parse.ts":
          'import { parseDocument } from "yaml"\nimport type { A } from "../model/plan.ts"',
        "src/plan/fingerprint.ts": 'import { createHash } from "node:crypto"',
        "src/plan/a.ts": "const times = { process: 1, Date: 2 }; x.process; x.Date // new Date()",
        "src/cloud/adapter.ts": `import { cvm } from "${SDK}/tencentcloud/services/cvm/index.js"`,
        "src/cloud/connect.ts":
          'import type { A } from "./adapter.ts"\nconst { a } = await import("./adapter.ts")',
        "src/apply/await.ts": 'import type { Cloud } from "../cloud/port.ts"',
        "src/cli/main.ts": 'import * as all from "../index.ts"\nimport { diff } from "diff"\nconsole.log(1)',
        "src/cli/bin.ts": 'void (import(main) as Promise<typeof import("./main.ts")>)',
        "src/index.ts": 'export { plan } from "./plan/plan.ts"',
      }),
    ).toEqual([])
  })

  test("a cycle is shown file by file", () => {
    const files = {
      "src/plan/a.ts": 'import "./b.ts"',
      "src/plan/b.ts": 'import type { C } from "./c.ts"',
      "src/plan/c.ts": 'export * from "./a.ts"',
      "src/plan/d.ts": 'import "./a.ts"',
    }
    expect(cycles(new Map(Object.entries(files)))).toEqual([
      "src/plan/a.ts -> src/plan/b.ts -> src/plan/c.ts -> src/plan/a.ts",
    ])
  })
})

/** Path below the repository, with slashes -> text. */
function sources(): Map<string, string> {
  const found = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => /\.[cm]?[jt]sx?$/.test(name))
    .sort()
  return new Map(found.map((name) => [`src/${name}`, readFileSync(join(root, "src", name), "utf8")]))
}

function violations(files: Map<string, string>, dependencies: readonly string[]): string[] {
  const found: string[] = []
  for (const [path, text] of files) {
    const name = roomOf(path)
    const room = ROOMS[name]
    if (room === undefined) {
      found.push(`${path}: ${name} is no room of the house`)
      continue
    }
    for (const one of importsOf(path, text)) {
      const rule = brokenRule(path, name, room, one, dependencies)
      if (rule !== undefined) found.push(`${path}:${one.line}: ${JSON.stringify(one.specifier)}: ${rule}`)
    }
    for (const { global, line, rule } of globalsOf(tokensOf(text), name, room)) {
      found.push(`${path}:${line}: ${global}: ${rule}`)
    }
  }
  return found
}

function brokenRule(
  path: string,
  name: string,
  room: Room,
  { specifier, kind }: Import,
  dependencies: readonly string[],
): string | undefined {
  if (kind === "computed") return path === ENTRY ? undefined : "names no module that can be checked"
  const below = path.slice(`src/${name}/`.length)
  const inAdapter = name === "cloud" && ADAPTER.test(below)
  const target = ourTarget(path, specifier)
  if (target !== undefined) {
    if (!target.startsWith("src/")) return "leaves src"
    const to = target.slice("src/".length)
    const lazy = kind === "type" || kind === "dynamic" || inAdapter
    if (!lazy && ADAPTER.test(to.replace(/^cloud\//, "")) && to.startsWith("cloud/")) {
      return "the adapter is loaded when it is needed: await import()"
    }
    const allowed = [name, ...room.ours].some(
      (one) => one === EVERYTHING || to === one || to.startsWith(`${one}/`),
    )
    return allowed ? undefined : `${name} may import of ours: ${room.ours.join(", ") || "nothing"}`
  }
  const module = builtinModules.includes(specifier) ? `node:${specifier}` : specifier
  if (/^node:(process|console)$/.test(module) && name !== "cli") return "only cli prints"
  const packageName = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier
  if (packageName === SDK && !inAdapter) return `${SDK} is known in the adapter alone`
  const allowed = room.outside.some((one) => {
    const wide = one.module === EVERYTHING || (one.module === "node:*" && module.startsWith("node:"))
    return (
      (wide || module === one.module || module.startsWith(`${one.module}/`)) &&
      (one.in === undefined || one.in.test(below))
    )
  })
  if (!allowed) {
    const list = room.outside.map((one) => (one.in === undefined ? one.module : `${one.module} in ${one.in}`))
    return `${name} may import from outside: ${list.join(", ") || "nothing"}`
  }
  if (packageName in OPTIONAL) {
    const lazy = kind === "dynamic" && path === OPTIONAL[packageName]
    return lazy
      ? undefined
      : `${packageName} is loaded by ${OPTIONAL[packageName]} alone, when it is asked for`
  }
  if (!module.startsWith("node:") && !dependencies.includes(packageName))
    return "not in package.json's dependencies"
  return undefined
}

function globalsOf(
  tokens: Token[],
  name: string,
  room: Room,
): { global: string; line: number; rule: string }[] {
  const found: { global: string; line: number; rule: string }[] = []
  for (const [i, { kind, value, line }] of tokens.entries()) {
    if (kind !== "word" || isMember(tokens, i)) continue
    const property = tokens[i + 1]?.value === "." ? tokens[i + 2]?.value : undefined
    const full = property === undefined ? value : `${value}.${property}`
    const banned = room.banned?.find((global) => global === value || global === full)
    if (banned !== undefined) found.push({ global: banned, line, rule: `${name} is pure` })
    else if (value === "createRequire") found.push({ global: value, line, rule: "hides imports" })
    else if (name === "cli") continue
    else if (value === "console") found.push({ global: value, line, rule: "only cli prints" })
    // Whoever hands on the whole of process hands on its streams.
    else if (value === "process" && (property === undefined || /^(stdout|stderr|stdin)$/.test(property))) {
      found.push({ global: full, line, rule: "only cli prints" })
    }
  }
  return found
}

/** Every ring of files that import each other, types included, each once. */
function cycles(files: Map<string, string>): string[] {
  const found = new Set<string>()
  const done = new Set<string>()
  const visit = (path: string, trail: string[]): void => {
    const at = trail.indexOf(path)
    if (at >= 0) {
      found.add([...trail.slice(at), path].join(" -> "))
      return
    }
    if (done.has(path)) return
    for (const { specifier } of importsOf(path, files.get(path) ?? "")) {
      const target = ourTarget(path, specifier)
      if (target !== undefined && files.has(target)) visit(target, [...trail, path])
    }
    done.add(path)
  }
  for (const path of files.keys()) visit(path, [])
  return [...found]
}

function roomOf(path: string): string {
  return path.split("/")[1] ?? ""
}

function ourTarget(path: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : undefined
}

interface Import {
  specifier: string
  kind: "static" | "type" | "dynamic" | "computed"
  line: number
}

function importsOf(path: string, text: string): Import[] {
  const tokens = tokensOf(text)
  const found: Import[] = []
  for (const [i, { kind, value, line }] of tokens.entries()) {
    if (kind !== "word" || isMember(tokens, i)) continue
    const next = tokens[i + 1]
    if ((value === "import" || value === "require") && next?.value === "(" && next.kind === "sign") {
      const argument = tokens[i + 2]
      const closed = tokens[i + 3]?.kind === "sign" && /^[,)]$/.test(tokens[i + 3]?.value ?? "")
      const isMethod = argument?.value === ")" || (argument?.kind === "word" && tokens[i + 3]?.value === ":")
      if (isMethod) continue
      if (argument?.kind === "text" && closed) {
        found.push({ specifier: argument.value, kind: value === "import" ? "dynamic" : "static", line })
      } else {
        found.push({ specifier: `${value}(${argument?.value ?? ""}...)`, kind: "computed", line })
      }
    } else if (value === "import" && next?.kind === "text") {
      found.push({ specifier: next.value, kind: "static", line })
    } else if (value === "import" || value === "export") {
      const after = tokens[i + 2]?.value
      const isType = next?.value === "type" && (after !== "from" || tokens[i + 3]?.value === "from")
      if (value === "export" && !/^[{*]$/.test((isType ? after : next?.value) ?? "")) continue
      const specifier = fromClause(tokens, i + 1)
      if (specifier !== undefined) found.push({ specifier, kind: isType ? "type" : "static", line })
    }
  }
  if (found.some(({ specifier }) => specifier === "")) throw new Error(`${path}: an empty import`)
  return found
}

// The names of an import or export up to `from "specifier"`; nothing if something else comes first.
function fromClause(tokens: Token[], start: number): string | undefined {
  let depth = 0
  for (let i = start; i < tokens.length; i++) {
    const token = tokens[i]
    if (token === undefined) return undefined
    const following = tokens[i + 1]
    if (depth === 0 && token.kind === "word" && token.value === "from" && following?.kind === "text") {
      return following.value
    }
    if (token.value === "{" && token.kind === "sign") depth++
    else if (token.value === "}" && token.kind === "sign") {
      depth--
      if (tokens[i + 1]?.value !== "from") return undefined
    } else if (token.kind === "sign" && token.value !== "," && token.value !== "*") return undefined
    else if (token.kind === "text" && depth === 0) return undefined
  }
  return undefined
}

// `a.process` and `{ process: 1 }` are names of ours, not the global.
function isMember(tokens: Token[], i: number): boolean {
  const before = tokens[i - 1]
  const after = tokens[i + 1]
  if (before?.kind === "sign" && before.value === "." && tokens[i - 2]?.value !== ".") return true
  const opens =
    before === undefined ||
    (before.kind === "sign" && /^[{,;(]$/.test(before.value)) ||
    before.kind === "word"
  return (
    opens &&
    after?.kind === "sign" &&
    (after.value === ":" || (after.value === "?" && tokens[i + 2]?.value === ":"))
  )
}

interface Token {
  /** `text`: strings, plain templates. `other`: numbers, regular expressions, parts of other templates. */
  kind: "word" | "text" | "sign" | "other"
  value: string
  line: number
}

// Words after which a slash begins a regular expression and does not divide.
const BEFORE_REGEX = /^(return|typeof|case|in|of|delete|void|throw|new|else|do|instanceof|await|yield)$/

/** Splits TypeScript into tokens without comments: enough of the language to tell code from text. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  let line = 1
  let depth = 0
  // Depths of braces at which the substitutions of the open templates began.
  const templates: number[] = []
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found === undefined) return undefined
    at += found.length
    return found
  }
  const add = (kind: Token["kind"], value: string, lines = value): void => {
    tokens.push({ kind, value, line })
    line += lines.split("\n").length - 1
  }
  const template = (): void => {
    const part = take(/[`}](?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)/y)
    if (part === undefined) throw new Error(`line ${line}: a template without an end`)
    const whole = part.startsWith("`") && part.endsWith("`")
    if (part.startsWith("}")) templates.pop()
    if (part.endsWith("${")) templates.push(depth)
    add(whole ? "text" : "other", whole ? part.slice(1, -1) : part, part)
    // What follows `${` begins an expression.
    if (part.endsWith("${")) tokens.push({ kind: "sign", value: "${", line })
  }

  while (at < text.length) {
    const blank = take(/\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|#![^\n]*/y)
    if (blank !== undefined) {
      line += blank.split("\n").length - 1
      continue
    }
    const char = text[at] ?? ""
    if (char === "`" || (char === "}" && templates.at(-1) === depth)) {
      template()
      continue
    }
    const word = take(/[\p{ID_Start}$_#@][\p{ID_Continue}$\u200c\u200d]*/uy)
    if (word !== undefined) {
      add("word", word)
      continue
    }
    const string = take(/"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y)
    if (string !== undefined) {
      add("text", string.slice(1, -1), string)
      continue
    }
    const number = take(/\d[\w.]*/y)
    if (number !== undefined) {
      add("other", number)
      continue
    }
    if (char === "/" && startsExpression(tokens.at(-1))) {
      const regex = take(/\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/y)
      if (regex !== undefined) {
        add("other", regex)
        continue
      }
    }
    const sign = take(/\+\+|--|[\s\S]/y) ?? char
    if (sign === "{") depth++
    if (sign === "}") depth--
    add("sign", sign)
  }
  return tokens
}

function startsExpression(before: Token | undefined): boolean {
  if (before === undefined) return true
  if (before.kind === "word") return BEFORE_REGEX.test(before.value)
  return before.kind === "sign" && !/^(\)|\]|\}|\+\+|--)$/.test(before.value)
}
