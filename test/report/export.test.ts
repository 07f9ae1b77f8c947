// What export and doctor print: foreign texts stay inert, rows are sorted, and the schemas have the words of the model.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, test } from "vitest"
import { hasHidden } from "../../src/model/characters.ts"
import { type DoctorReport, EXAMINATIONS, type Finding } from "../../src/model/doctor.ts"
import { type ExportReport, LEFT_OUT } from "../../src/model/export.ts"
import { renderDoctor, renderDoctorJson } from "../../src/report/doctor.ts"
import { renderExport, renderExportJson } from "../../src/report/export.ts"

const read = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../schemas/${name}.schema.json`), "utf8"))
const ajv = new Ajv2020({ allErrors: true })
const PLAIN = { color: false, width: 120 }
const NASTY = "::error::\u001b[31m\u202e\n##[group]"

const exported: ExportReport = {
  stack: "golden",
  preview: false,
  files: [{ file: `images/${NASTY}.yaml`, images: 1, extended: true }],
  images: [
    {
      image: "web",
      file: `images/${NASTY}.yaml`,
      placements: [{ account: "default", region: "ap-tokyo", imageId: "img-1" }],
      todo: ["source.url"],
      notes: [NASTY],
    },
  ],
  leftOut: [
    {
      account: "default",
      region: "ap-tokyo",
      imageId: "img-2",
      name: NASTY,
      reason: "bad_name",
      advice: NASTY,
    },
    { account: "default", region: "ap-tokyo", imageId: "img-3", name: "", reason: "owned" },
  ],
  unread: [{ account: "default", region: "ap-seoul", code: "X", message: NASTY, advice: NASTY }],
}

describe("export", () => {
  test("foreign texts are inert, as text and as JSON, which holds to its schema", () => {
    const text = renderExport(exported, PLAIN)
    expect(hasHidden(text)).toBe(false)
    expect(text).not.toMatch(/^\s*(::|##)/m)
    expect(text).toContain("1 image left out that carry this stack's mark already.")
    const json = renderExportJson(exported)
    expect(hasHidden(json)).toBe(false)
    const valid = ajv.compile(read("export"))
    expect(valid(JSON.parse(json)), JSON.stringify(valid.errors)).toBe(true)
    expect(JSON.parse(json).leftOut[0]).toMatchObject({ name: NASTY, message: LEFT_OUT.bad_name })
  })

  test("the schema has every reason", () => {
    const { reason } = read("export").properties.leftOut.items.properties
    expect(reason.enum).toEqual(Object.keys(LEFT_OUT))
  })
})

describe("doctor", () => {
  const right = { check: "right", status: "warning", advice: NASTY } as const
  const findings: Finding[] = [
    {
      ...right,
      subject: "cvm:B",
      account: "one",
      region: "ap-tokyo",
      message: NASTY,
      code: "X",
      requestId: "1",
    },
    { ...right, subject: "cvm:A", account: "one", region: "ap-tokyo", message: "said", tookMs: 3 },
    { check: "node", status: "ok", message: "Node.js" },
  ]
  const report: DoctorReport = { stack: "golden", findings }

  test("rows are sorted, neighbours share their advice, foreign texts are inert", () => {
    const text = renderDoctor(report, PLAIN)
    expect(hasHidden(text)).toBe(false)
    expect(text.split("\n")).toHaveLength(7 + 1)
    expect(text.indexOf("node")).toBeLessThan(text.indexOf("cvm:A"))
    expect(text.indexOf("cvm:A")).toBeLessThan(text.indexOf("cvm:B"))
    expect(text).toContain("1 ok, 2 warnings, 0 errors, 0 skipped.")
    const json = renderDoctorJson(report)
    expect(hasHidden(json)).toBe(false)
    expect(renderDoctorJson({ ...report, findings: [...findings].reverse() })).toBe(json)
    const valid = ajv.compile(read("doctor"))
    expect(valid(JSON.parse(json)), JSON.stringify(valid.errors)).toBe(true)
  })

  test("the schema has every check", () => {
    expect(read("doctor").properties.findings.items.properties.check.enum).toEqual(Object.keys(EXAMINATIONS))
  })
})
