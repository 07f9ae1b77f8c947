// Drift as it is read: golden texts, JSON by its schema, and what each format makes of the verdicts.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, test } from "vitest"
import { DRIFT_NOTICES, VERDICTS } from "../../src/model/drift.ts"
import { renderDriftGithub } from "../../src/report/drift-github.ts"
import { renderDriftJson } from "../../src/report/drift-json.ts"
import { renderDriftJunit } from "../../src/report/drift-junit.ts"
import { renderDriftMarkdown } from "../../src/report/drift-markdown.ts"
import { renderDrift } from "../../src/report/drift-text.ts"
import { quietDrift, richDrift } from "./drifts.ts"

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "../../schemas/drift.schema.json"), "utf8"))
const valid = new Ajv2020({
  allErrors: true,
  strict: true,
  allowUnionTypes: true,
  formats: { "date-time": true },
}).compile(schema)

describe("text", () => {
  test.each([80, 120])("%i columns", async (width) => {
    const text = renderDrift(richDrift, { width, color: false })
    await expect(text).toMatchFileSnapshot(`golden/drift-${width}.txt`)
    expect(text.trimEnd().split("\n").at(-1)).toBe(
      "Drift: 3 drifted, 1 failed, 1 conflict, 1 pending, 1 orphan, 1 unmanaged, 1 in progress, 1 unknown. 3 in sync. 2 ignored. 3 notices.",
    )
  })

  test("nothing to tell", () => {
    expect(renderDrift(quietDrift, { width: 80, color: false })).toBe(
      "Stack golden  2026-11-03 12:00 UTC\n\nNo drift: 2 placements are in sync.\nDrift: 0 drifted, 0 failed, 0 pending. 2 in sync. 0 ignored. 0 notices.\n",
    )
  })

  test("without unicode only names and values can have other characters", () => {
    const text = renderDrift(richDrift, { width: 60, color: false, unicode: false })
    expect(text.match(/\P{ASCII}/u)).toBeNull()
  })
})

describe("json", () => {
  test.each([
    ["everything", richDrift],
    ["nothing", quietDrift],
  ])("%s holds to the schema", (_, report) => {
    const text = renderDriftJson(report)
    expect(valid(JSON.parse(text)), JSON.stringify(valid.errors)).toBe(true)
  })

  test("the schema has the words of the model, and describes every property", () => {
    expect(schema.$defs.verdict.enum).toEqual(Object.keys(VERDICTS))
    expect(Object.keys(schema.properties.summary.properties)).toEqual(Object.keys(VERDICTS))
    expect(schema.properties.notices.items.properties.code.enum).toEqual(Object.keys(DRIFT_NOTICES))
    const bare = (value: unknown, path: string): string[] => {
      if (typeof value !== "object" || value === null) return []
      const properties = (value as { properties?: Record<string, { description?: string }> }).properties ?? {}
      return [
        ...Object.entries(properties).flatMap(([k, v]) => (v.description ? [] : [`${path}.${k}`])),
        ...Object.entries(value).flatMap(([k, v]) => bare(v, `${path}.${k}`)),
      ]
    }
    expect(bare(schema, "")).toEqual([])
  })
})

test("markdown", async () => {
  await expect(renderDriftMarkdown(richDrift)).toMatchFileSnapshot("golden/drift.md")
})

test("annotations: what fails the run is an error, on its manifest", () => {
  const lines = renderDriftGithub(richDrift).trimEnd().split("\n")
  expect(lines[0]).toMatch(
    /^::error file=images\/ubuntu\.yaml,line=5,col=11,title=debian-12 drifted::ap-singapore: /,
  )
  expect(lines.filter((line) => line.startsWith("::error"))).toHaveLength(4)
  expect(lines.some((line) => line.startsWith("::warning file=cvmimg.yaml,line=14,col=9,"))).toBe(true)
})

test("junit: what fails the run fails its case, what is unread is skipped", () => {
  const xml = renderDriftJunit(richDrift)
  expect(xml).toMatch(/<testsuites name="cvmimg drift golden" tests="15" failures="4" errors="0">/)
  expect(xml).toMatch(/<failure type="failed" message="the last import of this spec failed">/)
  expect(xml.match(/<skipped /g)).toHaveLength(2)
})
