import fc from "fast-check"
import { expect, test } from "vitest"
import { terminalText } from "../../src/report/escape.ts"
import { cpuOf } from "../support/cpu.ts"
import { DANGEROUS } from "./dangerous.ts"

test.each([
  ["plain text, ä, 黄金镜像, 🚀", "plain text, ä, 黄金镜像, 🚀"],
  ["a\u001b[31mb", "a\\u001b[31mb"],
  ["a\u009b31mb", "a\\u009b31mb"],
  ["two\nlines\r\n\tand a tab", "two\\nlines\\r\\n\\tand a tab"],
  ["user\u202etxt.exe", "user\\u202etxt.exe"],
  ["zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"],
  ["lone \ud800 surrogate", "lone \\ud800 surrogate"],
  ["no\u00a0break", "no\\u00a0break"],
  ["tag \u{e0041}", "tag \\u{e0041}"],
  ["::error::pwned", "\\u003a:error::pwned"],
  ["x ::set-output", "x \\u003a:set-output"],
  ["std::string", "std::string"],
  ["x ##[group]", "x \\u0023#[group]"],
  ["##vso[task.setvariable]", "\\u0023#vso[task.setvariable]"],
  ["e\u0301", "e\u0301"],
  ["\u0301x", "\\u0301x"],
])("%j comes out as %j", (input, output) => {
  expect(terminalText(input)).toBe(output)
})

test("a tower of combining marks is cut down to four", () => {
  const shown = terminalText(`a${"\u0300".repeat(7)}`)
  expect(shown).toBe(`a${"\u0300".repeat(4)}${"\\u0300".repeat(3)}`)
})

test("any text comes out inert, and escaping twice changes nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const shown = terminalText(text)
      expect(shown).not.toMatch(DANGEROUS)
      expect(shown.trimStart().startsWith("::")).toBe(false)
      expect(shown).not.toMatch(/##(\[|vso\[)/)
      expect(terminalText(shown)).toBe(shown)
    }),
    { numRuns: 1000 },
  )
})

test("fifty thousand marks or colons take no time to speak of", async () => {
  const took = await cpuOf(() => {
    for (const mark of "\u0300:#") terminalText(mark.repeat(50_000))
  })
  expect(took).toBeLessThan(1000)
})
