// Markdown: the table is whole, and a text means nothing on GitHub, GitLab or anywhere.
import fc from "fast-check"
import { expect, test } from "vitest"
import { renderDriftMarkdown } from "../../src/report/drift-markdown.ts"
import { markdownCode, markdownFence, markdownText } from "../../src/report/escape-markdown.ts"
import { renderPlanMarkdown } from "../../src/report/plan-markdown.ts"
import { anImport, aPlan } from "./build.ts"
import { DANGEROUS } from "./dangerous.ts"
import { NASTY, poisoned, poisonedDrift, texts } from "./poison.ts"

test.each([
  ["the image exists, but cvmimg does not touch it", "the image exists, but cvmimg does not touch it"],
  ["ask @all now", "ask `@all` now"],
  ["see #12 and !3, GH-4", "see `#12` and `!3, GH-4`"],
  ["50% of 10.5 GiB (x86_64).", "50% of 10.5 GiB `(x86_64).`"],
  ["*a* b", "`*a*` b"],
  ["a | b", "a `\\u007c` b"],
  ["https://evil.example", "`https://evil.example`"],
  ["1. a list", "`1.` a list"],
  ["a ` b `` c", "a `` ` `` b ``` `` ``` c"],
  ["</details>", "`</details>`"],
  ["x\ny", "`x\\ny`"],
])("%j reads %j", (text, shown) => {
  expect(markdownText(text)).toBe(shown)
})

test("a fence is longer than any within", () => {
  expect(markdownFence("diff", ["+ ```` x"])).toBe("`````diff\n+ ```` x\n`````")
  expect(markdownCode("")).toBe("` `")
})

/** The document without its code, which no host looks into: fences, then spans, as CommonMark finds them. */
function withoutCode(text: string): string {
  const fences = text.replace(/^(`{3,})diff\n[\s\S]*?\n\1$/gm, "")
  return fences.replace(/(?<!`)(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, "¤").replace(/<code>[^<]*<\/code>/g, "¤")
}

/** What is left is ours: the few marks that the renderer writes. */
const OURS =
  /^(?:#{2,3} |\| --- .*|\*\*|- \*\*|<details>$|<\/details>$|<summary>¤: [\w, ]+<\/summary>$| {2}- )/

function check(text: string, columns = 6): void {
  for (const line of withoutCode(text).split("\n")) {
    const rest = line
      .replace(OURS, "")
      .replace(/\*\*|^- /g, "")
      .replace(/^\| .* \|$/, (row) => row.replaceAll("|", ""))
    expect(rest, line).not.toMatch(/[@#*_~`$\\<>[\]{}^|]|:\/\/|www\.|\bGH-\d|!\d|[0-9a-f]{7}|:\w+:/i)
    expect(line).not.toMatch(/^(?:\s{4}|\d+[.)] |[+>=~]|-{3}|\/)/)
  }
  for (const line of text.split("\n")) {
    expect(line).not.toMatch(DANGEROUS)
    expect(line.trimStart().startsWith("::")).toBe(false)
  }
  expect(text.match(/^<details>$/gm)?.length).toBe(text.match(/^<\/details>$/gm)?.length)
  const cells = text.split("\n").filter((line) => line.startsWith("| "))
  const bars = new Set(cells.map((line) => line.match(/\|/g)?.length))
  expect(
    [...bars].every((n) => n === columns + 1 || n === 5),
    [...bars].join(),
  ).toBe(true)
}

test("any text comes out inert", () => {
  check(renderPlanMarkdown(poisoned(NASTY)))
  for (const text of NASTY) check(renderPlanMarkdown(poisoned([text])))
  fc.assert(
    fc.property(texts, (list) => {
      check(renderPlanMarkdown(poisoned(list)))
    }),
    { numRuns: 50 },
  )
})

test("what does not fit is details, never a row", () => {
  const images = Array.from({ length: 300 }, (_, i) => `image-${i + 100}`)
  const plan = aPlan(images.map((image) => anImport({ image })))
  const whole = renderPlanMarkdown(plan)
  expect(whole.match(/<details>/g)).toHaveLength(300)
  const cut = renderPlanMarkdown(plan, { limit: 65_536 })
  expect(cut.length).toBeLessThanOrEqual(65_536)
  const left = cut.match(/<details>/g)?.length ?? 0
  expect(left).toBeGreaterThan(10)
  expect(cut).toContain(`The details of ${300 - left} images do not fit here; the HTML report has them.`)
  for (const text of [whole, cut, renderPlanMarkdown(plan, { limit: 100 })]) {
    for (const image of images) expect(text).toContain(`| \`${image}\` | import |`)
  }
})

test("drift: any text comes out inert", () => {
  check(renderDriftMarkdown(poisonedDrift(NASTY)), 5)
  check(renderDriftMarkdown(poisonedDrift(["0:0"])), 5)
  for (const text of NASTY) check(renderDriftMarkdown(poisonedDrift([text])), 5)
  fc.assert(
    fc.property(texts, (list) => {
      check(renderDriftMarkdown(poisonedDrift(list)), 5)
    }),
    { numRuns: 40 },
  )
})
