// kill -9 at every boundary between two steps, in real processes: the next apply converges, and no import is made twice.
import { describe, expect, test } from "vitest"
import { image } from "./binary.ts"
import { type Boundary, converges, heldWorld, killAt, stackWith, WIDE } from "./crashing.ts"

// With and without the service's own fence of names; images that show at once, and late.
const NATURES = [
  { name: "unique names, seen at once", duplicateNames: "submit+dryRun", visibilityDelayMs: 0 },
  { name: "no fence of names, seen late", duplicateNames: "never", visibilityDelayMs: 1_500 },
] as const

const WHOLE = image(
  "web",
  'family: web\ntags: { team: platform }\nsharedWith: ["100000000009"]\ndescription: the web image',
)

const IMPORT: readonly Boundary[] = [
  { hook: "arrives", action: "DescribeImages" },
  { hook: "arrives", action: "CreateTag" },
  { hook: "delivers", action: "CreateTag" },
  { hook: "arrives", action: "ImportImage", dryRun: true },
  { hook: "delivers", action: "ImportImage", dryRun: true },
  { hook: "arrives", action: "ImportImage" },
  { hook: "delivers", action: "ImportImage" },
  { hook: "arrives", action: "ModifyImageSharePermission" },
  { hook: "delivers", action: "ModifyImageSharePermission" },
]

describe.each(NATURES)("an import ($name)", ({ duplicateNames, visibilityDelayMs }) => {
  // Of what comes before the import, one nature is enough.
  test.each(visibilityDelayMs === 0 ? IMPORT : IMPORT.slice(-4))(
    "killed when $action $hook (dry run: $dryRun)",
    async (boundary) => {
      const w = await heldWorld({ duplicateNames, visibilityDelayMs })
      const accepted = boundary.hook === "delivers" && boundary.dryRun !== true
      const cwd = stackWith([WHOLE], accepted ? WIDE : undefined)
      await killAt(w, cwd, boundary)
      await converges(w, cwd)
      expect(w.emulator.ledger.filter(({ action }) => action === "ImportImage")).toHaveLength(1)
    },
  )

  test("killed while it waits, again and again", async () => {
    const w = await heldWorld({ duplicateNames, visibilityDelayMs, importMs: 600_000 })
    const cwd = stackWith([WHOLE], WIDE)
    await killAt(w, cwd, { hook: "delivers", action: "ImportImage" })
    for (let i = 0; i < 3; i += 1)
      await killAt(w, cwd, { hook: "arrives", action: "DescribeImages", nth: i + 1 })
    const [made] = w.emulator.world.images()
    w.emulator.world.changeImage(made?.id ?? "", { finishInMs: 500 })
    await converges(w, cwd)
  })
})
