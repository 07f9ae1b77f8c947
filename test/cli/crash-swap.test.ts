// kill -9 between the steps of a replacement, and just after a reply left: the next apply offers exactly the rest.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { cvmimg, image, start } from "./binary.ts"
import {
  applyTo,
  type Boundary,
  converges,
  heldWorld,
  isSettled,
  killAt,
  stackWith,
  WIDE,
} from "./crashing.ts"

const SPEC = `family: web
sharedWith: ["100000000009"]
lifecycle: { retire: delete, keepPrevious: 0, allowLostShares: true }`

const STEPS: readonly Boundary[] = [
  { hook: "arrives", action: "ImportImage" },
  { hook: "delivers", action: "ImportImage" },
  { hook: "arrives", action: "ModifyImageAttribute", nth: 1 },
  { hook: "delivers", action: "ModifyImageAttribute", nth: 1 },
  { hook: "arrives", action: "ModifyImageAttribute", nth: 2 },
  { hook: "delivers", action: "ModifyImageAttribute", nth: 2 },
  { hook: "delivers", action: "ModifyImageAttribute", nth: 3 },
  { hook: "delivers", action: "ModifyImageSharePermission" },
]

test.each(STEPS)("a replacement killed when $action $nth $hook", async (boundary) => {
  const w = await heldWorld({ duplicateNames: "never", importMs: 100 })
  const cwd = stackWith([image("web", SPEC)])
  expect(await cvmimg(applyTo(w), { cwd })).toMatchObject({ code: 0 })
  writeFileSync(join(cwd, "images/0.yaml"), image("web", `bootMode: UEFI\n${SPEC}`))
  await killAt(w, cwd, boundary)
  await converges(w, cwd)
  const images = w.emulator.world.images().map(({ name, state }) => `${name} ${state}`)
  expect(images.filter((text) => text === "web NORMAL")).toHaveLength(1)
  expect(images.filter((text) => text.includes(".next-"))).toEqual([])
  expect(w.emulator.ledger.filter(({ action }) => action === "ImportImage")).toHaveLength(2)
})

// Between the reply and its record no call stands; so the time is drawn.
test.each([0, 1, 3, 8, 20])("an import killed %i ms after its reply left", async (ms) => {
  const w = await heldWorld({ duplicateNames: "never", visibilityDelayMs: 500 })
  const cwd = stackWith([image("web")], WIDE)
  const run = start(applyTo(w), { cwd })
  const seen = (): boolean => w.emulator.ledger.some(({ action }) => action === "ImportImage")
  while (!seen()) await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setTimeout(resolve, ms))
  run.child.kill("SIGKILL")
  await run.ended
  const again = await cvmimg(applyTo(w), { cwd })
  expect(again, again.stdout + again.stderr).toMatchObject({ code: 0 })
  await isSettled(w, cwd)
})
