// Laws: any text gives diagnostics or manifests, never a throw; the order of files does not matter; defaults only add.
import fc from "fast-check"
import { expect, test } from "vitest"
import { loadText } from "../../src/manifest/load.ts"
import { distance, nearest } from "../../src/manifest/words.ts"
import {
  renderDiagnostics,
  renderDiagnosticsGithub,
  renderDiagnosticsJson,
} from "../../src/report/diagnostics.ts"
import { image, load, STACK } from "./texts.ts"

const PIECES = [
  "apiVersion: cvmimg/v1\n",
  "kind: Image\n",
  "kind: Stack\n",
  "metadata: { name: a }\n",
  "spec:\n",
  "  source: { url: https://b-1250000000.cos.ap-singapore.myqcloud.com/a.raw }\n",
  "  os: { type: Ubuntu, version: 22 }\n",
  "  regions: [ap-tokyo]\n",
  "  tags: &t { a: *t, <<: *t, b: ~ }\n",
  "  tags: { ? [x] : y }\n",
  "---\n",
  "...\n",
  "%YAML 1.1\n",
  "&a ",
  "*a ",
  "<<: *a\n",
  "!!str ",
  "!x ",
  "- ",
  "? ",
  ": ",
  "| \n",
  ">-\n",
  "{",
  "}",
  "[",
  "]",
  '"',
  "'",
  "\t",
  "\r",
  "\r\n",
  "\n",
  "#",
  "{region}",
  "{var.x}",
  "__proto__: ",
  "\u0000",
  "\u001b",
  "\ud800",
  "\u202e",
  "\ufeff",
  "\\u0000",
  "黄金",
]
const soup = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...PIECES) },
      fc.string({ unit: "binary", maxLength: 5 }),
    ),
    { maxLength: 60 },
  )
  .map((a) => a.join(""))

const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(
      null,
      true,
      22.04,
      "",
      "no",
      "x",
      "ap-singapore",
      "https://x/?sign=1",
      "{region}",
      "\u202e",
    ),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "url", "name", "__proto__", "spec", "tags"), tie("value"), {
      maxKeys: 3,
    }),
  ),
})).value

const KEYS = [
  "match",
  "family",
  "description",
  "source",
  "os",
  "architecture",
  "bootMode",
  "licenseType",
  "force",
  "dataDisks",
  "tags",
  "sharedWith",
  "accounts",
  "regions",
  "deprecated",
  "release",
  "lifecycle",
  "site",
  "defaults",
  "safety",
  "apply",
  "prune",
  "provenance",
  "drift",
  "retain",
  "beyond",
]

/** Whatever is loaded, these hold. */
function check(files: { path: string; text: string; named?: boolean }[]): void {
  const { desired, diagnostics, sources } = loadText(files)
  expect(desired === undefined).toBe(diagnostics.some((d) => d.severity === "error"))
  for (const d of diagnostics) {
    const lines = (sources.get(d.file) ?? "").replace(/^\ufeff/, "").split("\n")
    expect(d.line).toBeGreaterThanOrEqual(1)
    expect(d.line).toBeLessThanOrEqual(lines.length)
    expect(d.column).toBeGreaterThanOrEqual(1)
    expect(d.column).toBeLessThanOrEqual((lines[d.line - 1] ?? "").length + 1)
    expect(d.message).not.toBe("")
  }
  const text = renderDiagnostics(diagnostics, sources, { color: false, width: 80 })
  for (const output of [text, renderDiagnosticsGithub(diagnostics), renderDiagnosticsJson(diagnostics)]) {
    expect(output).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Cs}]/u)
  }
}

test("any text gives diagnostics or manifests", () => {
  fc.assert(
    fc.property(soup, soup, (a, b) => {
      check([
        { path: "cvmimg.yaml", text: a, named: true },
        { path: "x.yaml", text: b },
      ])
      check([
        { path: "cvmimg.yaml", text: STACK, named: true },
        { path: "x.yaml", text: image(b) },
      ])
    }),
    { numRuns: 300 },
  )
})

test("any values in any keys give diagnostics or manifests", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("Image", "Stack", "Family"),
      fc.dictionary(fc.constantFrom("name", "id", "labels", "formerNames"), value, { maxKeys: 3 }),
      fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: 6 }),
      (kind, metadata, spec) => {
        const text = JSON.stringify({ apiVersion: "cvmimg/v1", kind, metadata, spec })
        check([
          { path: "cvmimg.yaml", text: STACK, named: true },
          { path: "x.yaml", text },
          { path: "y.yaml", text: image() },
        ])
      },
    ),
    { numRuns: 500 },
  )
})

test("the order of files does not matter", () => {
  const texts = [
    image(),
    image("", "{ name: b }"),
    image("  x: 1\n"),
    image("  match: family\n", "{ name: c }"),
    "a: b\n",
    STACK,
  ].map((text, i) => ({ path: `${i}.yaml`, text }))
  const files = [{ path: "cvmimg.yaml", text: STACK, named: true }, ...texts]
  const expected = loadText(files)
  fc.assert(
    fc.property(fc.shuffledSubarray(files, { minLength: files.length }), (shuffled) => {
      expect(loadText(shuffled)).toEqual(expected)
    }),
    { numRuns: 30 },
  )
})

test("what an image says wins over the defaults, and what it does not say comes from them", () => {
  const tag = fc.dictionary(fc.constantFrom("a", "b", "c", "d"), fc.option(fc.constantFrom("x", "y")))
  fc.assert(
    fc.property(tag, tag, (under, over) => {
      const stack = `${STACK}    tags: ${JSON.stringify(under)}\n`
      const { desired } = load(stack, image(`  tags: ${JSON.stringify(over)}\n`))
      expect(desired?.placements[0]?.tags).toEqual({ ...under, ...over })
    }),
    { numRuns: 100 },
  )
})

test("the distance of words is one of a metric, and what is near is found", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 })
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(distance(a, b)).toBe(distance(b, a))
      expect(distance(a, b) === 0).toBe(a === b)
      expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length))
      expect(distance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length))
    }),
  )
  expect(distance("regoin", "region")).toBe(1)
  expect(nearest("regoins", ["regions", "accounts"])).toBe("regions")
  expect(nearest("completely", ["regions", "accounts"])).toBeUndefined()
  expect(nearest("legacy", ["Legacy BIOS", "UEFI"])).toBe("Legacy BIOS")
  expect(nearest("toString", ["regions"])).toBeUndefined()
})
