/** The tour of the README is run, and what it shows must be what is printed; the same of pages that show commands. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { stepsOf, walk } from "./tour.ts"

const root = join(import.meta.dirname, "..")
const page = (path: string): string => readFileSync(join(root, path), "utf8")

test.each([
  ["README.md", 7],
  ["docs/drift.md", 7],
])("the tour of %s shows what is printed", async (path, least) => {
  const steps = stepsOf(page(path))
  expect(steps.length).toBeGreaterThanOrEqual(least)
  await walk(steps)
})

test("every page that it links to exists", () => {
  for (const [, target = ""] of page("README.md").matchAll(/\]\(([^)#]+)\)/g)) {
    expect(existsSync(join(root, target)), target).toBe(true)
  }
})
