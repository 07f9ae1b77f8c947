import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import stringWidth from "string-width"
import { describe, expect, test } from "vitest"
import type { Diagnostic } from "../../src/model/diagnostic.ts"
import {
  renderDiagnostics,
  renderDiagnosticsGithub,
  renderDiagnosticsJson,
} from "../../src/report/diagnostics.ts"
import { maskSecrets } from "../../src/report/mask.ts"

function diagnostic(more: Partial<Diagnostic> = {}): Diagnostic {
  return {
    code: "unknown_key",
    severity: "error",
    message: "The key is not known.",
    file: "a.yaml",
    line: 1,
    column: 1,
    ...more,
  }
}

function shown(text: string, more: Partial<Diagnostic>, width = 60): string[] {
  const sources = new Map([["a.yaml", text]])
  return renderDiagnostics([diagnostic(more)], sources, { color: false, width }).split("\n")
}

describe("text", () => {
  test("nothing where there is nothing to say", () => {
    expect(renderDiagnostics([], new Map(), { color: true, width: 80 })).toBe("")
  })

  test("the mark stands below wide characters, tabs and escapes", () => {
    for (const before of ["黄金: ", "\t\t", "a\u202eb ", "👨‍👩‍👧 ", "é"]) {
      const from = before.length + 1
      const [, , , line = "", marks = ""] = shown(`${before}XY rest`, {
        column: from,
        endLine: 1,
        endColumn: from + 2,
      })
      expect(stringWidth(line.slice(0, line.indexOf("XY")))).toBe(marks.indexOf("^"))
      expect(marks).toMatch(/^ {2}\| +\^\^$/)
    }
  })

  test("long lines are cut around the mark, short ones are not", () => {
    const text = `${"a".repeat(5000)}XY${"b".repeat(5000)}`
    const [, , , line = "", marks = ""] = shown(text, { column: 5001, endLine: 1, endColumn: 5003 })
    expect(stringWidth(line)).toBeLessThanOrEqual(60)
    expect(line).toMatch(/^1 \| …a+XYb*…$/)
    expect(line.slice(marks.indexOf("^"), marks.lastIndexOf("^") + 1)).toBe("XY")
    const [, , , whole = ""] = shown("short: line", { column: 8 })
    expect(whole).toBe("1 | short: line")
  })

  test("a mark over several lines ends with the first; one of no length is one wide", () => {
    expect(shown("abc\ndef\n", { column: 2, endLine: 2, endColumn: 2 })[4]).toBe("  |  ^^")
    expect(shown("abc\n", { column: 4 })[4]).toBe("  |    ^")
  })

  test("a place outside of the text has no excerpt", () => {
    expect(shown("abc\n", { line: 9 })).toEqual([
      "error[unknown_key]: The key is not known.",
      " --> a.yaml:9:1",
      "",
      "1 error.",
      "",
    ])
  })

  test("colours are ours alone", () => {
    const text = renderDiagnostics([diagnostic({ message: "\u001b[31mred\u001b[0m" })], new Map(), {
      color: true,
      width: 80,
    })
    const esc = String.fromCharCode(27)
    expect(text).toContain(`${esc}[`)
    expect(text).toContain("\\u001b[31mred")
  })

  test("the numbers at the end", () => {
    const all = [diagnostic(), diagnostic(), diagnostic({ severity: "notice" })]
    expect(renderDiagnostics(all, new Map(), { color: false, width: 80 })).toMatch(
      /\n2 errors, 1 notice\.\n$/,
    )
  })
})

test("JSON has the published shape", () => {
  const schema = JSON.parse(
    readFileSync(join(import.meta.dirname, "../../schemas/validate.schema.json"), "utf8"),
  )
  const validate = new Ajv2020({ strict: false }).compile(schema)
  const full = diagnostic({ advice: "x", endLine: 1, endColumn: 2, path: "spec.x" })
  for (const list of [[], [diagnostic()], [full, diagnostic({ severity: "warning", path: "" })]]) {
    const json = JSON.parse(renderDiagnosticsJson(list))
    expect(validate(json), JSON.stringify(validate.errors)).toBe(true)
  }
  expect(JSON.parse(renderDiagnosticsJson([diagnostic({ severity: "warning" })])).valid).toBe(true)
  expect(JSON.parse(renderDiagnosticsJson([diagnostic()]))).toEqual({
    formatVersion: 1,
    valid: false,
    diagnostics: [diagnostic()],
  })
})

test("annotations: one command a line, whatever the texts hold", () => {
  const text = renderDiagnosticsGithub([
    diagnostic({
      file: "a,b:c%.yaml",
      message: "100% of\r\n::error::x",
      advice: "y",
      endLine: 1,
      endColumn: 4,
    }),
    diagnostic({ severity: "notice" }),
  ])
  expect(text).toBe(
    "::error file=a%2Cb%3Ac%25.yaml,line=1,endLine=1,col=1,endColumn=4,title=unknown_key::100%25 of\\r%0A\\u003a:error::x%0Ay\n" +
      "::notice file=a.yaml,line=1,col=1,title=unknown_key::The key is not known.\n",
  )
})

test("secrets are masked, and columns stay", () => {
  const lines = [
    "url: https://b.cos.r.myqcloud.com/k?q-ak=SECRET&q-signature=SECRET",
    "url: https://SECRET:SECRET@b.example/k",
    "  q-signature=SECRET&x-cos-security-token=SECRET",
    "secretKey: SECRET",
    '{ "password": "SECRET", a: b }',
    "id: AKIDSECRETSECRET",
  ]
  for (const line of lines) {
    const masked = maskSecrets(line)
    expect(masked).not.toContain("SECRET")
    expect(masked).toHaveLength(line.length)
  }
  for (const line of [
    "url: https://b.cos.r.myqcloud.com/{region}/k.qcow2",
    "tags: { app: web }",
    "design: x=y",
  ]) {
    expect(maskSecrets(line)).toBe(line)
  }
  const start = process.cpuUsage().user
  for (const part of ["secret", "token: ", "://", "q-a=", "https://a?", "@", "sign="])
    maskSecrets(part.repeat(20_000))
  expect(process.cpuUsage().user - start).toBeLessThan(2_000_000)
})
