// What is generated from the schemas and the table of codes is what lies in the repository.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, test } from "vitest"
import { generated } from "../../scripts/gen.mjs"
import { DIAGNOSTICS } from "../../src/model/diagnostic.ts"

const root = join(import.meta.dirname, "../..")
const read = (path: string) => readFileSync(join(root, path), "utf8")

interface Schema {
  readonly $id?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly additionalProperties?: boolean | Schema
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly pattern?: string
}

const NAMES = ["stack", "image", "family", "validate"]
const schemas = NAMES.map(
  (name) => [name, JSON.parse(read(`schemas/${name}.schema.json`)) as Schema] as const,
)

test("generated files are fresh: npm run gen", async () => {
  for (const [path, text] of Object.entries(await generated())) expect(read(path) === text, path).toBe(true)
})

describe.each(schemas)("%s.schema.json", (name, schema) => {
  test("is a valid schema with a stable id", () => {
    expect(schema.$id).toBe(`https://cvmimg.dev/schemas/${name}.schema.json`)
    expect(new Ajv2020({ strict: false }).validateSchema(schema)).toBe(true)
  })

  test("describes every property of the format, and allows no other", () => {
    const missing: string[] = []
    const walk = (s: Schema, path: string): void => {
      if (s.properties !== undefined && s.additionalProperties !== false)
        missing.push(`${path}: additionalProperties`)
      for (const [key, p] of Object.entries(s.properties ?? {})) {
        if (p.description === undefined && !("$ref" in p) && !("enum" in p)) missing.push(`${path}.${key}`)
        walk(p, `${path}.${key}`)
      }
      for (const [key, d] of Object.entries(s.$defs ?? {})) walk(d, `#${key}`)
      if (s.items !== undefined) walk(s.items, `${path}[]`)
      if (typeof s.additionalProperties === "object") walk(s.additionalProperties, `${path}.*`)
    }
    walk(schema, "")
    expect(missing).toEqual([])
  })

  test("has patterns that end on any text in linear time", () => {
    for (const [, pattern] of JSON.stringify(schema).matchAll(/"pattern":"((?:[^"\\]|\\.)*)"/g)) {
      const regex = new RegExp(JSON.parse(`"${pattern}"`), "u")
      for (const part of ["a", "a-", "0", "- ", "a.", "é"]) {
        const start = process.cpuUsage().user
        regex.test(`${part.repeat(50_000)}!`)
        expect(process.cpuUsage().user - start, `${pattern} on ${part}`).toBeLessThan(500_000)
      }
    }
  })
})

test("nothing of ajv is loaded at run time", () => {
  const text = read("src/manifest/validators.gen.ts")
  expect(text).not.toMatch(/\brequire\(|ajv\/dist/)
})

test("the page of diagnostics has every code", () => {
  const page = read("docs/diagnostics.md")
  for (const code of Object.keys(DIAGNOSTICS)) expect(page).toContain(`| \`${code}\` |`)
})
