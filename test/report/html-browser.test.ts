// The page as a browser sees it. Skipped where there is no Chromium.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Plan } from "../../src/model/plan.ts"
import { renderPlanHtml } from "../../src/report/plan-html.ts"
import { findChromium, Tab } from "./browser.ts"
import { NASTY, poisoned } from "./poison.ts"
import { rich } from "./rich.ts"

const path = findChromium()

describe.skipIf(path === undefined)("the page in Chromium", () => {
  const dir = mkdtempSync(join(tmpdir(), "pages-"))
  let tab: Tab
  beforeAll(async () => {
    tab = await Tab.open(path ?? "")
  })
  afterAll(async () => {
    await tab.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const show = async (name: string, plan: Plan): Promise<string> => {
    const file = join(dir, `${name}.html`)
    writeFileSync(file, renderPlanHtml(plan))
    const url = pathToFileURL(file).href
    await tab.go(url)
    return url
  }
  const shown = () => tab.ask<number>('document.querySelectorAll(".row:not([hidden])").length')
  const count = () => tab.ask<string>('document.getElementById("filter-count").textContent')
  const type = (text: string) =>
    tab.ask(
      `(() => { const t = document.getElementById("filter-text"); t.value = ${JSON.stringify(text)}; t.dispatchEvent(new Event("input")) })()`,
    )
  const seen = (id: string) =>
    tab.ask<boolean>(`document.getElementById(${JSON.stringify(id)}).checkVisibility()`)

  test("asks for nothing but itself and complains of nothing", async () => {
    const url = await show("rich", rich)
    expect(tab.requests).toEqual([url])
    expect(tab.complaints).toEqual([])
  })

  test("hostile texts are texts", async () => {
    for (const [i, plan] of [poisoned(NASTY), poisoned([NASTY.join(" ")])].entries()) {
      const url = await show(`hostile-${i}`, plan)
      expect(tab.requests).toEqual([url])
      expect(tab.complaints).toEqual([])
      expect(await tab.ask("typeof window.__pwned")).toBe("undefined")
      expect(await tab.ask('document.querySelectorAll("script").length')).toBe(1)
      expect(await tab.ask('document.querySelectorAll("img, svg, iframe, object, form, link").length')).toBe(
        0,
      )
      expect(await tab.ask('document.body.textContent.includes("<script>window.__pwned=1</script>")')).toBe(
        true,
      )
    }
  })

  test("the filter narrows by text and by action", async () => {
    await show("filter", rich)
    const all = rich.actions.filter((a) => a.action !== "keep").length
    expect([await seen("filter"), await shown(), await count()]).toEqual([true, all, `${all} placements`])
    await type("DEBIAN frankfurt")
    expect([await shown(), await count()]).toEqual([1, `1 of ${all} placements`])
    await type("forces replacement")
    expect(await shown()).toBe(3)
    await type("")
    await tab.ask('document.querySelector("input[value=delete]").click()')
    expect([await shown(), await count()]).toEqual([2, `2 of ${all} placements`])
    expect(await tab.ask('document.querySelectorAll("article:not([hidden])").length')).toBe(1)
    await type("nothing like it")
    expect([await shown(), await seen("filter-none")]).toEqual([0, true])
    // A link of the matrix leads to its row, whatever the filter says.
    await tab.ask('document.querySelector(".matrix a").click(); new Promise((r) => setTimeout(r, 50))')
    await expect.poll(shown).toBe(all)
  })

  test("everything can be reached by the keyboard, and shows where it is", async () => {
    await show("keys", rich)
    const reached: string[] = []
    for (let i = 0; i < 80 && !reached.includes("check"); i++) {
      await tab.press("Tab", 9)
      const [name, visible] = await tab.ask<[string, boolean]>(`(() => {
        const e = document.activeElement
        const ring = e.type === "radio" || e.type === "checkbox" ? e.closest("label") : e
        const kind = e.type === "checkbox" ? "check" : e.id || e.className || e.tagName
        return [kind, getComputedStyle(ring).outlineStyle === "solid"]
      })()`)
      expect(visible, name).toBe(true)
      reached.push(name)
    }
    const order = ["skip", "theme-auto", "scroll", "t-add", "filter-text", "check"].map((n) =>
      reached.indexOf(n),
    )
    expect(order.every((at) => at >= 0)).toBe(true)
    expect(order).toEqual([...order].sort((a, b) => a - b))
  })

  test("reads the same without script", async () => {
    await tab.send("Emulation.setScriptExecutionDisabled", { value: true })
    await show("quiet", rich)
    await tab.send("Emulation.setScriptExecutionDisabled", { value: false })
    expect(await seen("filter")).toBe(false)
    expect(await shown()).toBe(rich.actions.filter((a) => a.action !== "keep").length)
  })

  test("dark and light, by the system and by choice", async () => {
    const features = (value: string) => ({ features: [{ name: "prefers-color-scheme", value }] })
    const paper = () => tab.ask<string>("getComputedStyle(document.body).backgroundColor")
    await tab.send("Emulation.setEmulatedMedia", features("dark"))
    await show("themes", rich)
    const dark = await paper()
    await tab.send("Emulation.setEmulatedMedia", features("light"))
    const light = await paper()
    expect(light).not.toBe(dark)
    await tab.ask('document.getElementById("theme-dark").click()')
    expect(await paper()).toBe(dark)
    await tab.send("Emulation.setEmulatedMedia", { media: "print", ...features("light") })
    expect([await paper(), await seen("filter")]).toEqual([light, false])
    await tab.send("Emulation.setEmulatedMedia", { media: "" })
  })

  test.each([390, 1280])("nothing sticks out at %i pixels", async (width) => {
    const metrics = { width, height: 900, deviceScaleFactor: 1, mobile: false }
    await tab.send("Emulation.setDeviceMetricsOverride", metrics)
    for (const plan of [rich, poisoned(["x".repeat(200)])]) {
      await show(`wide-${width}`, plan)
      const [whole, view] = await tab.ask<[number, number]>(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
      )
      expect(whole).toBe(view)
    }
  })

  test("landmarks and headings are in order", async () => {
    await show("semantics", rich)
    expect(
      await tab.ask(
        '["header", "main", "footer"].map((n) => document.querySelectorAll("body > " + n).length)',
      ),
    ).toEqual([1, 1, 1])
    const levels = await tab.ask<number[]>(
      'Array.from(document.querySelectorAll("h1, h2, h3"), (h) => Number(h.tagName[1]))',
    )
    expect(levels[0]).toBe(1)
    expect(levels.every((level, i) => i === 0 || level - (levels[i - 1] ?? 0) <= 1)).toBe(true)
    expect(
      await tab.ask(
        'Array.from(document.querySelectorAll("[aria-labelledby]")).every((e) => document.getElementById(e.getAttribute("aria-labelledby")))',
      ),
    ).toBe(true)
  })
})
