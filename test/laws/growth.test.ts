// Nothing grows faster than its input: manifests, documents, keys, errors, images, actions. Work is counted, not timed.
import { describe, expect, test } from "vitest"
import type { DesiredPlacement } from "../../src/model/desired.ts"
import type { CloudImage } from "../../src/model/observed.ts"
import type { Plan } from "../../src/model/plan.ts"
import { plan } from "../../src/plan/index.ts"
import { renderDiagnostics, renderDiagnosticsGithub } from "../../src/report/diagnostics.ts"
import { planFormats } from "../../src/report/formats.ts"
import { image, load, STACK } from "../manifest/texts.ts"
import { anImage, aPlacement, desired, observed, ours } from "../plan/build.ts"
import { loaded } from "../report/loaded.ts"
import { workOf } from "../support/work.ts"

const planRenderers = await loaded(planFormats)

/**
 * What twice the increase costs by what the increase costs: 2 is linear, 4 quadratic, whatever is paid only once. Sorting
 * adds a little.
 */
async function growth(size: number, use: (n: number) => () => unknown): Promise<number> {
  const [one, two, four] = [use(size), use(2 * size), use(4 * size)]
  // What is made once and kept is made before it is counted.
  await one()
  const work = [await workOf(one), await workOf(two), await workOf(four)] as const
  expect(work[0]).toBeGreaterThan(size)
  return (work[2] - work[1]) / (work[1] - work[0])
}

const LINEAR = 2.2

const numbered = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i))
const named = (i: number): string => `{ name: image-${String(i).padStart(4, "0")} }`

test("the count sees a quadratic step, of ours and of a built-in method", async () => {
  const looked = await growth(50, (n) => () => {
    const names = numbered(n, String)
    for (const name of names) names.includes(name)
    load(STACK, image())
  })
  expect(looked).toBeGreaterThan(3)
})

describe("loading", () => {
  const kinds: Record<string, (n: number) => readonly string[]> = {
    manifests: (n) => numbered(n, (i) => image("", named(i))),
    "documents of a file": (n) => [numbered(n, (i) => image("", named(i))).join("---\n")],
    "keys of a mapping": (n) => [image("", `{ name: base, labels: { ${pairs(n)} } }`)],
    "keys of tags, one a line": (n) => [
      image(`  tags:\n${numbered(n, (i) => `    k${i}: ${i}`).join("\n")}\n`),
    ],
    "unknown keys": (n) => [image(numbered(n, (i) => `  unknown-${i}: 1\n`).join(""))],
    "manifests with an error": (n) => numbered(n, (i) => image("  bootMode: legacy\n", named(i))),
    "images of one name": (n) => numbered(n, () => image()),
    "references to an anchor": (n) => [
      image(`  tags: &t { app: web }\n${numbered(n, (i) => `  x-${i}: *t\n`).join("")}`),
    ],
  }
  test.each(Object.keys(kinds))("%s", async (kind) => {
    const texts = kinds[kind] as (typeof kinds)[string]
    const found = await growth(40, (n) => {
      const files = texts(n)
      return () => load(STACK, ...files)
    })
    expect(found).toBeLessThan(LINEAR)
  })

  test("errors, as they are shown", async () => {
    const shown = await growth(40, (n) => {
      const { diagnostics } = load(STACK, image(numbered(n, (i) => `  unknown-${i}: 1\n`).join("")))
      const options = { color: true, width: 100 }
      return () => [renderDiagnostics(diagnostics, new Map(), options), renderDiagnosticsGithub(diagnostics)]
    })
    expect(shown).toBeLessThan(LINEAR)
  })
})

describe("planning", () => {
  const scenes: Record<string, (n: number) => [DesiredPlacement[], CloudImage[]]> = {
    "images that are missing": (n) => [numbered(n, placement), []],
    "images as they should be": (n) => [numbered(n, placement), numbered(n, (i) => ours(placement(i)))],
    "images that differ": (n) => [
      numbered(n, placement),
      numbered(n, (i) => ours({ ...placement(i), bootMode: "UEFI", tags: { app: "old" } })),
    ],
    "images that nobody asks for any more": (n) => [[], numbered(n, (i) => ours(placement(i)))],
    "images of one name": (n) => [[placement(0)], numbered(n, () => ours(placement(0)))],
    "members of one family": (n) => [
      [aPlacement({ image: "member", match: "family", family: "f" })],
      numbered(n, () => ours(aPlacement({ image: "member", match: "family", family: "f" }))),
    ],
    "somebody's images": (n) => [[placement(0)], numbered(n, (i) => anImage({ name: `other-${i}` }))],
  }
  test.each(Object.keys(scenes))("%s", async (scene) => {
    const made = scenes[scene] as (typeof scenes)[string]
    const found = await growth(100, (n) => {
      const [placements, images] = made(n)
      return () => planned(placements, images)
    })
    expect(found).toBeLessThan(LINEAR)
  })
})

describe("showing a plan as", () => {
  const formats = Object.keys(planFormats) as (keyof typeof planFormats)[]

  test.each(formats)(
    "%s: imports, replacements and updates, with the same warning for all",
    async (format) => {
      const found = await growth(50, (n) => {
        const value = planned(
          numbered(3 * n, placement),
          numbered(2 * n, (i) =>
            ours({ ...placement(i), ...(i % 2 === 0 ? { bootMode: "UEFI" } : { tags: { app: "old" } }) }),
          ),
        )
        const checks = [{ name: "os", status: "warning", code: "os_unknown", message: "It is not listed." }]
        const actions = value.actions.map((action) => ({ ...action, checks })) as Plan["actions"]
        return () => planRenderers[format]({ ...value, actions }, { color: true, width: 100 })
      })
      expect(found).toBeLessThan(LINEAR)
    },
  )

  test.each(formats)("%s: families that move", async (format) => {
    const found = await growth(50, (n) => {
      const value = planned(
        numbered(n, (i) => ({ ...placement(i), match: "family" as const, family: `family-${i}` })),
        [],
      )
      expect(value.families.filter(({ before, after }) => before !== after)).toHaveLength(n)
      return () => planRenderers[format](value, { color: true, width: 100 })
    })
    expect(found).toBeLessThan(LINEAR)
  })
})

function placement(i: number): DesiredPlacement {
  const image = `image-${String(i).padStart(4, "0")}`
  return aPlacement({ image, tags: { app: "web" }, at: { file: `${image}.yaml`, line: 4, column: 9 } })
}

function planned(placements: readonly DesiredPlacement[], images: readonly CloudImage[]): Plan {
  return plan(desired(...placements), observed(images), { prune: { orphans: true, retention: true } })
}

function pairs(n: number): string {
  return numbered(n, (i) => `k${i}: "${i}"`).join(", ")
}
