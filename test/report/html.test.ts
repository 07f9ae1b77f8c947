// The page as text: its policy fits its contents, and nothing foreign is markup. html-browser.test.ts runs it.
import { createHash } from "node:crypto"
import fc from "fast-check"
import { expect, test } from "vitest"
import { renderDriftHtml } from "../../src/report/drift-html.ts"
import { renderPlanHtml } from "../../src/report/plan-html.ts"
import { SCRIPT, SCRIPT_HASH } from "../../src/report/plan-html-script.ts"
import { STYLE, STYLE_HASH } from "../../src/report/plan-html-style.ts"
import { DANGEROUS } from "./dangerous.ts"
import { NASTY, poisoned, poisonedDrift, texts } from "./poison.ts"
import { rich } from "./rich.ts"

test("the policy names the hashes of style and script", () => {
  const hash = (text: string) => createHash("sha256").update(text).digest("base64")
  expect(STYLE_HASH).toBe(hash(STYLE))
  expect(SCRIPT_HASH).toBe(hash(SCRIPT))
  const page = renderPlanHtml(rich)
  expect(page).toContain(`<style>${STYLE}</style>`)
  expect(page).toContain(`<script>${SCRIPT}</script>`)
  expect(page).toContain(
    `content="default-src 'none'; style-src 'sha256-${STYLE_HASH}'; script-src 'sha256-${SCRIPT_HASH}'; base-uri 'none'; form-action 'none'"`,
  )
})

const TAG = /<\/?[a-z][a-z0-9]*(?: [a-z-]+(?:="[^"<>]*")?)*>|<!doctype html>/g
const ATTRIBUTE = /^ ([a-z-]+)(?:="([^"]*)")?/
const NAMES = new Set(
  "html head meta title style body a header p h1 h2 h3 code fieldset legend label input main section ul li strong div table thead tbody tr td th span small b ins del article details summary footer script".split(
    " ",
  ),
)
const ATTRIBUTES = new Set(
  "lang charset http-equiv content name class href id type checked value placeholder role aria-label aria-labelledby aria-hidden tabindex scope data-verb hidden autocomplete spellcheck".split(
    " ",
  ),
)

function attributesOf(tag: string): [string, string][] {
  const found: [string, string][] = []
  let rest = tag.replace(/^<[!/]?[a-z0-9]+/, "")
  for (let one = ATTRIBUTE.exec(rest); one !== null; one = ATTRIBUTE.exec(rest)) {
    found.push([one[1] ?? "", one[2] ?? ""])
    rest = rest.slice(one[0].length)
  }
  return found
}

function check(page: string): void {
  const bare = page.replace(`<style>${STYLE}</style>`, "").replace(`<script>${SCRIPT}</script>`, "")
  for (const [tag] of bare.matchAll(TAG)) {
    if (tag === "<!doctype html>") continue
    const name = /^<\/?([a-z0-9]+)/.exec(tag)?.[1] ?? "html"
    expect(NAMES.has(name), tag).toBe(true)
    for (const [key, value] of attributesOf(tag)) {
      expect(ATTRIBUTES.has(key), tag).toBe(true)
      if (key === "href") expect(value).toMatch(/^#(?:p\d+|placements)$/)
    }
  }
  expect(bare.replace(TAG, "")).not.toMatch(/[<>"']/)
  for (const line of bare.split("\n")) expect(line).not.toMatch(DANGEROUS)
}

test("any text comes out inert", () => {
  check(renderPlanHtml(rich))
  check(renderPlanHtml(poisoned(NASTY)))
  fc.assert(
    fc.property(texts, (list) => {
      check(renderPlanHtml(poisoned(list)))
    }),
    { numRuns: 40 },
  )
})

test("drift: any text comes out inert", () => {
  for (const text of NASTY) check(renderDriftHtml(poisonedDrift([text])))
  fc.assert(
    fc.property(texts, (list) => {
      check(renderDriftHtml(poisonedDrift(list)))
    }),
    { numRuns: 30 },
  )
})
