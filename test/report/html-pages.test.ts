// The pages of a plan, of drift and of a review, each as Chromium shows it: narrow and wide, light and dark. Pictures go to a
// temporary folder, or to the one that PICTURES names, to be looked at. Skipped where there is no Chromium.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { renderDriftHtml } from "../../src/report/drift-html.ts"
import { renderPlanHtml } from "../../src/report/plan-html.ts"
import { renderReviewHtml } from "../../src/report/review-html.ts"
import { image, reviewed, STACK } from "../review/sides.ts"
import { findChromium, Tab } from "./browser.ts"
import { quietDrift, richDrift } from "./drifts.ts"
import { NASTY, poisoned, poisonedDrift, poisonedReview } from "./poison.ts"
import { rich } from "./rich.ts"

const path = findChromium()

const sources = new Map<string, string>()
const richReview = reviewed(
  {
    "images/web.yaml": image("web", "  family: web\n  lifecycle: { protect: true }\n"),
    "images/db.yaml": image("db", '  sharedWith: ["100000000009"]\n'),
    "images/old.yaml": image("old"),
    "images/wrong.yaml": image("wrong", "  bootmode: UEFI\n"),
  },
  {
    "cvmimg.yaml": STACK.replace("team: platform", "team: images"),
    "images/web.yaml": image("web", "  family: web\n", {
      url: `${"https://golden-{region}-{var.appid}.cos.{region}.myqcloud.com/"}${"deep/".repeat(30)}web-2.qcow2`,
    }),
    "hand/db.yaml": image("db", '  sharedWith: ["100000000008"]\n  description: The database\n'),
    "images/new.yaml": image("new", "  regions: [ap-singapore, ap-hongkong, eu-frankfurt, na-ashburn]\n"),
    "images/wrong.yaml": image("wrong", "  bootmode: UEFI\n  familly: x\n"),
  },
)

const LONG = "x".repeat(200)
/** By name: a page with everything, one with hostile texts, one with texts that nothing breaks. */
const PAGES = {
  plan: [renderPlanHtml(rich), renderPlanHtml(poisoned(NASTY)), renderPlanHtml(poisoned([LONG]))],
  drift: [
    renderDriftHtml(richDrift),
    renderDriftHtml(poisonedDrift(NASTY)),
    renderDriftHtml(poisonedDrift([LONG])),
  ],
  review: [
    renderReviewHtml({ review: richReview, sources }),
    renderReviewHtml({ review: poisonedReview(NASTY.join(" "), NASTY.join("\n")), sources }),
    renderReviewHtml({ review: poisonedReview(LONG, LONG), sources }),
  ],
  "drift-none": [renderDriftHtml(quietDrift)],
  "review-none": [renderReviewHtml({ review: reviewed({}, {}), sources })],
} as const satisfies Record<string, readonly string[]>

const EACH = Object.entries(PAGES).flatMap(([name, pages]) =>
  pages.map((html, i) => ({ name: `${name}${["", "-hostile", "-long"][i]}`, html, isPictured: i === 0 })),
)

describe.skipIf(path === undefined)("pages in Chromium", () => {
  const dir = mkdtempSync(join(tmpdir(), "pictures-"))
  const pictures = process.env.PICTURES ?? dir
  let tab: Tab
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true })
    tab = await Tab.open(path ?? "")
  })
  afterAll(async () => {
    await tab.close()
    rmSync(dir, { recursive: true, force: true })
  })

  test.each(EACH)(
    "$name: asks for nothing, complains of nothing, fits, and its texts are texts",
    async ({ name, html, isPictured }) => {
      const file = join(dir, `${name}.html`)
      writeFileSync(file, html)
      const url = pathToFileURL(file).href
      const papers = new Set<string>()
      for (const [width, theme] of [
        [390, "light"],
        [1280, "light"],
        [1280, "dark"],
      ] as const) {
        await tab.look(width, theme)
        await tab.go(url)
        expect(tab.requests).toEqual([url])
        expect(tab.complaints).toEqual([])
        expect(await tab.ask("typeof window.__pwned")).toBe("undefined")
        expect(await tab.ask('document.querySelectorAll("script").length')).toBeLessThanOrEqual(1)
        expect(
          await tab.ask('document.querySelectorAll("img, svg, iframe, object, form, link").length'),
        ).toBe(0)
        const [whole, view] = await tab.ask<[number, number]>(
          "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
        )
        expect(whole, `${width}`).toBe(view)
        papers.add(await tab.ask<string>("getComputedStyle(document.body).backgroundColor"))
        // Hostile and long pages are dozens of screens, and nothing to look at.
        if (!isPictured) continue
        const picture = await tab.picture()
        // As a PNG says it: the width without the scroll bar; and more than one screen of one colour.
        expect(picture.subarray(1, 4).toString("latin1")).toBe("PNG")
        expect(picture.readUInt32BE(16)).toBe(view)
        expect(picture.length).toBeGreaterThan(5_000)
        writeFileSync(join(pictures, `${name}-${width}-${theme}.png`), picture)
      }
      expect(papers.size).toBe(2)
      const levels = await tab.ask<number[]>(
        'Array.from(document.querySelectorAll("h1, h2, h3"), (h) => Number(h.tagName[1]))',
      )
      expect(levels[0]).toBe(1)
      expect(levels.every((level, i) => i === 0 || level - (levels[i - 1] ?? 0) <= 1)).toBe(true)
    },
  )

  test.each(["drift", "review"] as const)("%s: what it tells can be seen", async (name) => {
    const file = join(dir, `${name}-told.html`)
    writeFileSync(file, PAGES[name][0])
    await tab.look(1280, "light")
    await tab.go(pathToFileURL(file).href)
    const text = await tab.ask<string>("document.body.innerText")
    const told =
      name === "drift"
        ? [
            ...richDrift.placements.filter((row) => row.verdict !== "in_sync").map((row) => row.image),
            "drifted",
          ]
        : [...richReview.images.map(({ image: it }) => it), "high", "familly", "100000000008"]
    for (const words of told) expect(text).toContain(words)
  })
})
