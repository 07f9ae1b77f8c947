// What the next run makes of what an earlier one left: unknown imports, --no-wait, wait, status, the lock.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, test } from "vitest"
import { until } from "../support/steady.ts"
import { cvmimg, image, start, within } from "./binary.ts"
import {
  applyTo,
  converges,
  expectOnce,
  heldWorld,
  isSettled,
  journalText,
  killAt,
  stackWith,
} from "./crashing.ts"

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../schemas/status.schema.json"), "utf8"),
) as object

const imports = (w: Awaited<ReturnType<typeof heldWorld>>): number =>
  w.emulator.ledger.filter(({ action }) => action === "ImportImage").length

describe("an import that may have been sent", () => {
  test("is not sent again within the window: unknown, in every command", async () => {
    const w = await heldWorld()
    const cwd = stackWith([image("web")], "30m")
    await killAt(w, cwd, { hook: "arrives", action: "ImportImage" })
    expect(journalText(cwd)).toContain('"type":"INTENT"')
    const end = ["--endpoint", w.emulator.url]
    const plan = await cvmimg(["plan", ...end], { cwd })
    expect(plan.stdout).toContain("it is looked for first")
    const status = await cvmimg(["status", "-o", "json", ...end], { cwd })
    expect(status.code).toBe(5)
    expect(JSON.parse(status.stdout)).toMatchObject({ placements: [{ image: "web", phase: "unknown" }] })
    const ajv = new Ajv2020({ formats: { "date-time": true } })
    expect(ajv.validate(schema, JSON.parse(status.stdout)), JSON.stringify(ajv.errors)).toBe(true)
    const again = await cvmimg([...applyTo(w), "--no-wait"], { cwd })
    expect(again).toMatchObject({ code: 5, stdout: expect.stringContaining("ClientError.MaybeImporting") })
    expect(again.stdout).toContain("1 unknown")
    expect(imports(w)).toBe(0)
  })

  test("is unknown when the run that looks for it is stopped", async () => {
    const w = await heldWorld()
    const cwd = stackWith([image("web")], "30m")
    await killAt(w, cwd, { hook: "arrives", action: "ImportImage" })
    const run = start(applyTo(w), { cwd })
    await run.until(/MaybeImporting/)
    run.child.kill("SIGINT")
    expect(await run.ended).toMatchObject({ code: 130, stdout: expect.stringContaining("1 unknown") })
    expect(imports(w)).toBe(0)
  })

  test("holds up no other placement, and is found when it shows", async () => {
    const w = await heldWorld({ duplicateNames: "never", visibilityDelayMs: 3_000 })
    const cwd = stackWith([image("web")], "30m")
    await killAt(w, cwd, { hook: "delivers", action: "ImportImage" })
    writeFileSync(join(cwd, "images/more.yaml"), image("other"))
    await converges(w, cwd)
    expect(imports(w)).toBe(2)
  })

  test("that failed is failed, and no longer unknown", async () => {
    const w = await heldWorld({ importOutcomes: { "web.qcow2": "VirtioNotInstall" } })
    const cwd = stackWith([image("web")], "30m")
    await killAt(w, cwd, { hook: "delivers", action: "ImportImage" })
    const again = await cvmimg(applyTo(w), { cwd })
    expect([1, 3]).toContain(again.code)
    w.emulator.setBehaviour({ importOutcomes: {} })
    const retried = await cvmimg([...applyTo(w), "--retry-failed"], { cwd })
    expect(retried).toMatchObject({ code: 0 })
    expect(imports(w)).toBe(2)
  })
})

describe("--no-wait, status, wait", () => {
  test("ends when all is accepted; status shows it; wait finishes it", async () => {
    const w = await heldWorld({ duplicateNames: "never", visibilityDelayMs: 1_500, importMs: 600_000 })
    const shared = image("web", 'sharedWith: ["100000000009"]')
    const cwd = stackWith([shared, image("other")], "30m")
    const end = ["--endpoint", w.emulator.url]
    const accepted = await cvmimg([...applyTo(w), "--no-wait"], { cwd })
    expect(accepted).toMatchObject({ code: 5, stdout: expect.stringContaining("Apply: 0 done, 2 running.") })
    const status = await cvmimg(["status", ...end], { cwd })
    expect(status).toMatchObject({ code: 5, stderr: "" })
    expect(status.stdout).toMatch(/web +ap-singapore +importing/)
    const { world } = w.emulator
    for (const { id } of world.images()) world.changeImage(id, { finishInMs: 500 })
    expect(await cvmimg(["wait", ...end], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Apply: 2 done."),
    })
    await isSettled(w, cwd)
    expect(await cvmimg(["status", ...end], { cwd })).toMatchObject({
      code: 0,
      stdout: "Stack golden: nothing is under way.\n",
    })
    expect(w.emulator.ledger.filter(({ action }) => action.includes("Share"))).toHaveLength(1)
  })

  test("wait carries out what comes after an import that ended meanwhile, and nothing else", async () => {
    const w = await heldWorld({ importMs: 100 })
    const cwd = stackWith([image("web", 'sharedWith: ["100000000009"]')])
    await cvmimg([...applyTo(w), "--no-wait"], { cwd })
    writeFileSync(join(cwd, "images/more.yaml"), image("other"))
    const wait = await cvmimg(["wait", "--endpoint", w.emulator.url], { cwd })
    expect(wait).toMatchObject({ code: 0, stderr: expect.stringContaining("1 other action left to apply.") })
    expect(imports(w)).toBe(1)
    await converges(w, cwd)
  })

  test("wait sends nothing: what does not show is unknown", async () => {
    const w = await heldWorld()
    const cwd = stackWith([image("web")], "2s")
    await killAt(w, cwd, { hook: "arrives", action: "ImportImage" })
    const wait = await cvmimg(["wait", "--endpoint", w.emulator.url], { cwd })
    expect(wait).toMatchObject({ code: 5, stdout: expect.stringContaining("1 unknown") })
    expect(imports(w)).toBe(0)
    await converges(w, cwd)
  })

  test("a half-done swap is finished by wait", async () => {
    const w = await heldWorld({ importMs: 100 })
    const cwd = stackWith([image("web")])
    await converges(w, cwd)
    writeFileSync(join(cwd, "images/0.yaml"), image("web", "bootMode: UEFI"))
    await killAt(w, cwd, { hook: "delivers", action: "ModifyImageAttribute" })
    const status = await cvmimg(["status", "--endpoint", w.emulator.url], { cwd })
    expect(status).toMatchObject({ code: 5, stdout: expect.stringMatching(/web +ap-singapore +left/) })
    expect(await cvmimg(["wait", "--endpoint", w.emulator.url], { cwd })).toMatchObject({ code: 0 })
    await isSettled(w, cwd)
  })
})

describe("the lock", () => {
  test("a second apply refuses within a second and names the holder; the lock of the dead is taken over", async () => {
    const w = await heldWorld()
    const cwd = stackWith([image("web")])
    const met = w.holdAt({ hook: "arrives", action: "ImportImage" })
    const first = start(applyTo(w), { cwd })
    await met
    const second = await within(1_000, () => cvmimg(applyTo(w), { cwd }))
    expect(second).toMatchObject({ code: 1, stdout: "" })
    expect(second.stderr).toContain(`process ${first.child.pid} has held the lock since `)
    expect(await cvmimg(["wait", "--endpoint", w.emulator.url], { cwd })).toMatchObject({ code: 1 })
    const status = await cvmimg(["status", "--endpoint", w.emulator.url], { cwd })
    expect(status.stdout).toContain(`Process ${first.child.pid} applies this stack`)
    first.child.kill("SIGKILL")
    await first.ended
    w.letGo()
    await converges(w, cwd)
  })

  test("two that start at once after a crash: one works, the other refuses, and nothing is made twice", async () => {
    const w = await heldWorld({ duplicateNames: "never" })
    const cwd = stackWith([image("web")], "2s")
    await killAt(w, cwd, { hook: "delivers", action: "ImportImage" })
    // Whoever works goes on when the others have ended.
    const met = w.holdAt({ hook: "arrives", action: "DescribeImages" })
    let over = 0
    const runs = [1, 2, 3].map(() => start(applyTo(w), { cwd }))
    for (const { ended } of runs) void ended.then(() => (over += 1))
    await met
    await until(() => over === 2)
    w.letPass()
    const both = await Promise.all(runs.map(({ ended }) => ended))
    expect(both.map(({ code }) => code).sort()).toEqual([0, 1, 1])
    for (const { stderr } of both.filter(({ code }) => code === 1)) {
      expect(stderr).toContain("another cvmimg applies this stack")
    }
    expectOnce(w)
  })

  test("a lock from a machine that cannot be looked at holds for as long as it is touched", async () => {
    const w = await heldWorld()
    const cwd = stackWith([image("web")])
    mkdirSync(join(cwd, ".cvmimg"))
    const there = { pid: 1, since: Date.now(), token: "t", where: "another machine", began: "1" }
    writeFileSync(join(cwd, ".cvmimg/lock"), JSON.stringify(there))
    expect(await cvmimg(applyTo(w), { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("process 1 has held the lock"),
    })
    expect(w.emulator.requests).toEqual([])
  })
})
