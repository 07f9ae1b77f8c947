// Writes everything that follows from schemas/*.schema.json and from the table of diagnostics: types, validators, docs.
//
//   node scripts/gen.mjs           writes the files
//   node scripts/gen.mjs --check   exits with 1 and names the files that are not fresh
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import Ajv2020 from "ajv/dist/2020.js"
import standaloneCode from "ajv/dist/standalone/index.js"
import { compile } from "json-schema-to-typescript"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const read = (path) => readFileSync(join(root, path), "utf8")
const schemaOf = (name) => JSON.parse(read(`schemas/${name}.schema.json`))
const KINDS = { Stack: "stack", Image: "image", Family: "family" }

/** The content of every generated file, by path from the root. */
export async function generated() {
  return {
    "src/manifest/manifest.gen.ts": await types(),
    "src/manifest/validators.gen.ts": validators(),
    "src/plan/approval.gen.ts": shapeValidator("approval", "an approval set", ["plan"]),
    "src/comment/review.gen.ts": shapeValidator("review", "a review"),
    "docs/manifest.md": manifestPage(),
    "docs/diagnostics.md": diagnosticsPage(),
  }
}

async function types() {
  const all = {
    title: "Manifests",
    type: "object",
    additionalProperties: false,
    required: Object.keys(KINDS),
    properties: Object.fromEntries(
      Object.entries(KINDS).map(([kind, name]) => [kind, { $ref: `${name}.schema.json` }]),
    ),
  }
  const text = await compile(all, "Manifests", {
    cwd: `${join(root, "schemas")}/`,
    bannerComment: "// Written by scripts/gen.mjs from schemas/*.schema.json. Do not edit.",
    additionalProperties: false,
    style: { semi: false, printWidth: 110 },
    ignoreMinAndMaxItems: true,
  })
  return text
}

function validators() {
  const ajv = new Ajv2020({
    code: { source: true, esm: true, lines: false },
    allErrors: true,
    verbose: true,
    strict: true,
    allowUnionTypes: true,
    messages: false,
  })
  ajv.addVocabulary(["x-code", "x-advice"])
  const ids = {}
  for (const [kind, name] of Object.entries(KINDS)) {
    const schema = lean(schemaOf(name))
    ajv.addSchema(schema)
    ids[`validate${kind}`] = schema.$id
  }
  let code = standaloneCode(ajv, ids)
  // The one helper that ajv would load at run time; written out, so that nothing of ajv is loaded.
  code = code.replace(
    /const (\w+) = require\("ajv\/dist\/runtime\/ucs2length"\)\.default;?/g,
    "const $1 = (text) => { let n = 0; for (const _ of text) n++; return n };",
  )
  // What nobody reads of an error makes the text a third longer, and the start slower.
  code = code
    .replace(/schemaPath:"(?:[^"\\]|\\.)*",/g, "")
    .replace(/,schema:(?:"(?:[^"\\]|\\.)*"|[^,{}"]*),parentSchema:/g, ",parentSchema:")
    .replace(/(parentSchema:[\w.[\]"$/-]+),data:\w+/g, "$1")
    .replace(/new RegExp\(("(?:[^"\\]|\\.)*?\\\\p\{(?:[^"\\]|\\.)*"), "u"\)/g, "unicodePattern($1)")
  const left = code.match(/\brequire\([^)]*\)[^;]*/g)
  if (left) throw new Error(`The validators still load something at run time: ${left.join(", ")}`)
  // Inside of a function nothing needs a declared type.
  code = code.replace(/^"use strict";/, "").replace(/export const (\w+) = (\w+);/g, "const $1 = $2;")
  if (/\bexport\b/.test(code.replace(/"[^"]*"/g, "")))
    throw new Error("An export of the validators was not understood.")
  const names = Object.keys(ids)
  return [
    "// @ts-nocheck",
    "/* oxlint-disable */",
    "// Written by scripts/gen.mjs from schemas/*.schema.json. Do not edit.",
    'import { unicodePattern, type Validator } from "./validator.ts"',
    "",
    `const validators: { ${names.map((n) => `${n}: Validator`).join("; ")} } = (() => {`,
    code,
    `return { ${names.join(", ")} }`,
    "})()",
    "",
    ...names.map((n) => `export const ${n}: Validator = validators.${n}`),
    "",
  ].join("\n")
}

/** Whether a file is what a schema says; only its first mistake, by its place and what is wrong there. */
function shapeValidator(name, what, beside = []) {
  const ajv = new Ajv2020({
    code: { source: true, esm: true, lines: false },
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    messages: false,
    formats: { "date-time": true },
  })
  const schema = lean(schemaOf(name))
  for (const other of beside) ajv.addSchema(lean(schemaOf(other)))
  ajv.addSchema(schema)
  const code = standaloneCode(ajv, { validate: schema.$id })
    .replace(/schemaPath:"(?:[^"\\]|\\.)*",/g, "")
    .replace(/^"use strict";/, "")
    .replace(/export const (\w+) = (\w+);/g, "const $1 = $2;")
  const left = code.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/(?<!\.)\b(?:require|export|import)\b[^;]*/)
  if (left) throw new Error(`The validator of ${name} is not whole: ${left[0].slice(0, 80)}`)
  const type = `${name[0].toUpperCase()}${name.slice(1)}Validator`
  return [
    "// @ts-nocheck",
    "/* oxlint-disable */",
    `// Written by scripts/gen.mjs from schemas/${name}.schema.json. Do not edit.`,
    "/** Valid if it returns true, else `errors` begins with what is wrong. */",
    `export interface ${type} {`,
    "  (value: unknown): boolean",
    "  errors?:",
    "    | readonly {",
    "        readonly instancePath: string",
    "        readonly keyword: string",
    "        readonly params: Readonly<Record<string, unknown>>",
    "      }[]",
    "    | null",
    "}",
    "",
    `/** Made when ${what} is read: most runs read none. */`,
    `export const make${type}: () => ${type} = () => {`,
    code,
    "return validate",
    "}",
    "",
  ].join("\n")
}

/** Without what only people read: the validators carry their schemas. */
function lean(value, inProperties = false) {
  if (Array.isArray(value)) return value.map((v) => lean(v))
  if (value === null || typeof value !== "object") return value
  const out = {}
  for (const [key, v] of Object.entries(value)) {
    if (
      !inProperties &&
      ["description", "title", "default", "examples"].includes(key) &&
      key !== "properties"
    ) {
      if (key === "examples" && v.every((e) => typeof e !== "object")) out.examples = v
      continue
    }
    out[key] = lean(v, !inProperties && (key === "properties" || key === "$defs"))
  }
  return out
}

function manifestPage() {
  const lines = [
    "# Manifests: every key",
    "",
    "Written by `npm run gen` from `schemas/`; the schemas are the one source of the format.",
    "A manifest is one YAML document with `apiVersion: cvmimg/v1` and a `kind`.",
    "",
    read("docs/manifest.intro.md").trim(),
    "",
  ]
  for (const [kind, name] of Object.entries(KINDS)) {
    const schema = schemaOf(name)
    lines.push(`## ${kind}`, "", schema.description, "")
    lines.push("| key | value | default | meaning |", "|---|---|---|---|")
    rows(schema, name, "", lines, new Set(schema.required ?? []))
    lines.push("")
  }
  return lines.join("\n")
}

/** One row per property, nested ones with their whole path; `$ref` is followed, except for the defaults of a Stack. */
function rows(schema, file, path, lines) {
  const required = new Set(schema.required ?? [])
  for (const [key, raw] of Object.entries(schema.properties ?? {})) {
    const { value: p, file: where } = deref(raw, file)
    const at = path === "" ? key : `${path}.${key}`
    const cells = [
      `\`${at}\`${required.has(key) ? " (required)" : ""}`,
      allowedValues(p, where),
      p.default === undefined ? "" : code(p.default),
      `${p.description ?? ""}${exampleOf(p)}`,
    ]
    lines.push(`| ${cells.map((c) => c.replaceAll("|", "\\|")).join(" | ")} |`)
    if (at === "spec.defaults") continue
    if (p.properties) rows(p, where, at, lines)
    const items = p.items ? deref(p.items, where) : undefined
    if (items?.value.properties) rows(items.value, items.file, `${at}[]`, lines)
    const values = p.additionalProperties ? deref(p.additionalProperties, where) : undefined
    if (values?.value.properties) rows(values.value, values.file, `${at}.NAME`, lines)
  }
}

function deref(schema, file) {
  if (!schema.$ref) return { value: schema, file }
  const [other, pointer] = schema.$ref.split("#")
  const target = other === "" ? file : other.replace(".schema.json", "")
  let value = schemaOf(target)
  for (const part of pointer.split("/").slice(1)) value = value[part]
  const inner = deref(value, target)
  const { $ref: _, ...own } = schema
  return { value: { ...inner.value, ...own }, file: inner.file }
}

function allowedValues(p, file) {
  if (p.const !== undefined) return code(p.const)
  if (p.enum) return p.enum.map(code).join(", ")
  const size = [
    p.minimum !== undefined && p.maximum !== undefined ? `${p.minimum} to ${p.maximum}` : undefined,
    p.maxLength !== undefined ? `at most ${p.maxLength} characters` : undefined,
    p.maxItems !== undefined ? `at most ${p.maxItems}` : undefined,
  ].filter(Boolean)
  const types = [p.type]
    .flat()
    .map((t) => (t === "array" ? `list of ${allowedValues(deref(p.items, file).value, file)}` : NAMES[t]))
  return [types.join(" or "), ...size].join(", ")
}

const NAMES = {
  string: "text",
  integer: "whole number",
  boolean: "`true` or `false`",
  object: "map",
  null: "`null`",
}
const code = (value) => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``

function exampleOf(p) {
  if (!p.examples) return ""
  return ` Example: ${p.examples.map((e) => `\`${typeof e === "string" ? e : flow(e)}\``).join(", ")}.`
}

/** As people write it in YAML. */
function flow(value) {
  if (Array.isArray(value)) return `[${value.map((v) => flow(v)).join(", ")}]`
  if (value !== null && typeof value === "object")
    return `{ ${Object.entries(value)
      .map(([k, v]) => `${k}: ${flow(v)}`)
      .join(", ")} }`
  return typeof value === "string" && /^[0-9.-]+$/.test(value) ? JSON.stringify(value) : String(value)
}

function diagnosticsPage() {
  const table = read("src/model/diagnostic.ts")
  const start = table.indexOf("export const DIAGNOSTICS")
  const body = table.slice(start, table.indexOf("} as const", start))
  const lines = [
    "# Diagnostics",
    "",
    "Written by `npm run gen` from `src/model/diagnostic.ts`. Codes are stable: they may be matched by scripts.",
    "",
    "| code | meaning |",
    "|---|---|",
  ]
  for (const [, name, sentence] of body.matchAll(/^ {2}(\w+):\s*"((?:[^"\\]|\\.)*)",$/gm)) {
    lines.push(`| \`${name}\` | ${JSON.parse(`"${sentence}"`).replaceAll("|", "\\|")} |`)
  }
  lines.push("")
  return lines.join("\n")
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes("--check")
  let stale = 0
  for (const [path, text] of Object.entries(await generated())) {
    const file = join(root, path)
    if (existsSync(file) && readFileSync(file, "utf8") === text) continue
    if (check) {
      console.error(`${path} is not fresh: run npm run gen`)
      stale++
    } else {
      writeFileSync(file, text)
      console.log(path)
    }
  }
  if (stale > 0) process.exitCode = 1
}
