// The pages that the pipelines keep, as they look in a browser: a picture of each, of a page without complaints that asks
// nobody for anything. CVMIMG_SCREENS keeps the pictures.
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { expect, onTestFinished, test } from "vitest"
import { cvmimg, expectClean, image, STACK, world } from "../cli/binary.ts"
import { findChromium, Tab } from "../report/browser.ts"

const chromium = findChromium()

test.skipIf(chromium === undefined)("plan, drift and review", async () => {
  const at = mkdtempSync(join(tmpdir(), "cvmimg-screens-"))
  onTestFinished(() => rmSync(at, { recursive: true, force: true }))
  const work = join(at, "work")
  mkdirSync(join(work, "images"), { recursive: true })
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { cwd: work })
  writeFileSync(join(work, "cvmimg.yaml"), STACK)
  writeFileSync(join(work, "images/web.yaml"), image("web", "family: web\n"))
  git("init", "-q", "-b", "main")
  git("add", "-A")
  git("commit", "-q", "-m", "Begin")
  const emulator = await world()
  const run = (...args: string[]) => cvmimg(args, { cwd: work, env: emulator.env })
  expect(await run("apply", "--yes")).toMatchObject({ code: 0 })
  const [web] = emulator.world.images()
  emulator.world.changeImage(web?.id ?? "", { family: "taken" })
  writeFileSync(join(work, "images/db.yaml"), image("db"))
  git("add", "-A")
  git("commit", "-q", "-m", "Change")
  expect(await run("plan", "-o", "html=plan.html")).toMatchObject({ code: 0 })
  expect(await run("drift", "-o", "html=drift.html")).toMatchObject({ code: 2 })
  expect(await run("review", "--base", "HEAD^", "--exact", "-o", "html=review.html")).toMatchObject({
    code: 0,
  })

  const tab = await Tab.open(chromium ?? "")
  onTestFinished(() => tab.close())
  await tab.send("Emulation.setDeviceMetricsOverride", {
    width: 1280,
    height: 900,
    deviceScaleFactor: 1,
    mobile: false,
  })
  for (const [name, expected] of [
    ["plan", ["db", "web"]],
    ["drift", ["web", "drifted"]],
    ["review", ["db", "added"]],
  ] as const) {
    const url = pathToFileURL(join(work, `${name}.html`)).href
    await tab.go(url)
    const { data } = await tab.send("Page.captureScreenshot", { format: "png" })
    const picture = Buffer.from(String(data), "base64")
    writeFileSync(join(at, `${name}.png`), picture)
    // As wide and high as the window, and not of one colour.
    expect(picture.subarray(1, 4).toString(), name).toBe("PNG")
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)], name).toEqual([1280, 900])
    expect(picture.length, name).toBeGreaterThan(15_000)
    const text = await tab.ask<string>("document.body.innerText")
    expectClean(text)
    for (const word of expected) expect(text, name).toContain(word)
    expect(await tab.ask<number>("document.documentElement.scrollWidth"), name).toBeLessThanOrEqual(1280)
    expect(tab.complaints, name).toEqual([])
    expect(tab.requests, name).toEqual([url])
  }
  const keep = process.env.CVMIMG_SCREENS
  if (keep !== undefined)
    for (const name of ["plan", "drift", "review"]) cpSync(join(at, `${name}.png`), join(keep, `${name}.png`))
})
