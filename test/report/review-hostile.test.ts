// A review whose every text is hostile, in every format: nothing of it is markup, link, command or control.
import fc from "fast-check"
import { expect, test } from "vitest"
import type { Review } from "../../src/model/review.ts"
import { type ReviewFormat, reviewFormats } from "../../src/report/formats.ts"
import { DANGEROUS } from "./dangerous.ts"
import { loaded } from "./loaded.ts"
import { poisonedReview } from "./poison.ts"

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

const FORMATS = Object.keys(reviewFormats) as ReviewFormat[]

test.each(FORMATS)("%s", (format) => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      const shown = reviewRenderers[format](
        { review: poisonedReview(a, b), sources: new Map([[b, `${a}\n${b}\n${a}`]]) },
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
  const review = poisonedReview("web", "images/web.yaml")
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
