// docs/comment.md: its codes, labels, options and install lines are those of the command.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { CLIENTS, COMMENT_CODES } from "../../src/comment/failure.ts"
import { LIMITS } from "../../src/comment/host.ts"
import { LABELS } from "../../src/comment/labels.ts"
import { cvmimg } from "../cli/binary.ts"

const root = join(import.meta.dirname, "../..")
const page = readFileSync(join(root, "docs/comment.md"), "utf8")

test("has a row for every code, and every label", () => {
  const rows = Array.from(page.matchAll(/^\| `(comment_\w+)` \|/gm), ([, code]) => code)
  expect(rows.toSorted()).toEqual(Object.keys(COMMENT_CODES).toSorted())
  const labels = Array.from(page.matchAll(/`(cvmimg\/[\w-]+)`/g), ([, label]) => label)
  expect(labels).toEqual(Object.keys(LABELS))
})

test("installs what the package asks for", () => {
  const { peerDependencies, peerDependenciesMeta } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  )
  for (const client of Object.values(CLIENTS)) {
    expect(page).toContain(`npm install --save-dev ${client} `)
    const [, name = "", major] = /^(@.+)@(\d+)$/.exec(client) ?? []
    expect(peerDependencies[name]).toBe(`^${major}.0.0`)
    expect(peerDependenciesMeta[name]).toEqual({ optional: true })
  }
  for (const limit of Object.values(LIMITS)) expect(page).toContain(limit.toLocaleString("en"))
})

test("names options that there are", async () => {
  const { stdout } = await cvmimg(["comment", "--help"])
  const named = new Set(page.replace(/^npm .*|^cvmimg plan .*/gm, "").match(/--[a-z][a-z-]+/g))
  for (const option of named) expect(stdout).toContain(option)
})
