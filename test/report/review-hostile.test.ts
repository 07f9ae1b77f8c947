// A review whose every text is hostile, in every format: nothing of it is markup, link, command or control.
import fc from "fast-check"
import { expect, test } from "vitest"
import type { Review } from "../../src/model/review.ts"
import { type ReviewFormat, reviewFormats } from "../../src/report/formats.ts"
import { DANGEROUS } from "./dangerous.ts"
import { loaded } from "./loaded.ts"

const reviewRenderers = await loaded(reviewFormats)

const NASTY = [
  "\u001b[2J",
  "\u202e",
  "\u200b",
  "\n::error::x",
  "##[group]",
  "<script>alert(1)</script>",
  "</details>",
  "@someone",
  "#1",
  "[x](https://evil.example)",
  "| a | b |",
  "```",
  '"><img src=x>',
]
const text = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 5 })), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(""))

function poisoned(a: string, b: string): Review {
  const scopes = [{ account: a, region: b }]
  const at = { file: b, line: 3, column: 5 }
  const change = {
    field: a,
    before: b,
    after: a,
    impact: "replacement",
    risks: ["protect_off"],
    scopes,
    at,
  } as const
  const image = { image: a, risks: ["shares_added"], risk: "high", changes: [change], manifest: at } as const
  const more = { added: scopes, removed: scopes, replaced: scopes, updated: scopes }
  return {
    formatVersion: 1,
    stack: a,
    stackFate: "kept",
    directory: b,
    base: { revision: a, commit: b, compared: a },
    head: { revision: b, commit: a },
    valid: false,
    risk: "high",
    stackChanges: [{ ...change, images: [a, b], placements: 2, risk: "high" }],
    images: [
      { ...image, fate: "renamed", formerName: b, ...more },
      { ...image, fate: "moved", movedFrom: a, ...more },
      { ...image, image: b, fate: "removed", ...more },
    ],
    families: [
      {
        family: a,
        fate: "changed",
        risk: "high",
        risks: ["retention_delete"],
        changes: [change],
        manifest: at,
      },
    ],
    moves: [{ family: a, before: [a, b], after: [b], imported: true, scopes, images: [a] }],
    notCompared: [a, b],
    summary: {
      images: { added: 0, removed: 1, renamed: 1, changed: 0, moved: 1 },
      placements: { added: 1, removed: 1, replaced: 1, updated: 1 },
    },
    files: { added: 0, removed: 0, changed: 0, moved: 0 },
    diagnostics: [true, false].map((isNew) => ({
      ...at,
      code: "unknown_key",
      severity: "error",
      message: a,
      advice: b,
      path: a,
      isNew,
    })),
  }
}

const FORMATS = Object.keys(reviewFormats) as ReviewFormat[]

test.each(FORMATS)("%s", (format) => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      const shown = reviewRenderers[format](
        { review: poisoned(a, b), sources: new Map([[b, `${a}\n${b}\n${a}`]]) },
        { color: false, width: 100 },
      )
      for (const line of shown.split("\n")) {
        expect(line).not.toMatch(DANGEROUS)
        expect(line).not.toContain("##[")
        if (format === "github") expect(line).toMatch(/^$|^::(?:error|warning|notice) /)
        else expect(line.trimStart().startsWith("::")).toBe(false)
      }
      if (format === "html") expect(shown).not.toMatch(/<script>alert|<img/)
      if (format === "markdown") {
        // What is left without code spans, blocks and our own tags has no sign that could mean anything.
        const bare = shown
          .replace(/^(`{3,})diff\n[\s\S]*?\n\1$/gm, "")
          .replace(/(?<!`)(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, "¤")
          .replace(/<code>[^<]*<\/code>/g, "¤")
          .replace(/<\/?(?:details|summary)>/g, "")
        expect(bare).not.toMatch(/[@<>[\]{}`]|:\/\/|#\d/)
        expect(shown.match(/^<details>$/gm)?.length).toBe(shown.match(/^<\/details>$/gm)?.length)
      }
      if (format === "json" || format === "sarif") expect(() => JSON.parse(shown)).not.toThrow()
    }),
    { numRuns: 60 },
  )
})

test("the table of Markdown is whole, however little room there is for details", () => {
  const review = poisoned("web", "images/web.yaml")
  const images = Array.from(
    { length: 300 },
    (_, i) => ({ ...review.images[2], image: `image-${i}` }) as Review["images"][number],
  )
  const shown = reviewRenderers.markdown(
    { review: { ...review, images }, sources: new Map() },
    { color: false, width: 80 },
  )
  for (const { image } of images) expect(shown).toContain(`| \`${image}\` |`)
})
