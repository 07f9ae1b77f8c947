// docs/fault-matrix.md names every row, and only tests that exist.
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"

const root = fileURLToPath(new URL("../../", import.meta.url))
const page = readFileSync(`${root}docs/fault-matrix.md`, "utf8")

interface Named {
  readonly row: string
  readonly file: string
  readonly name: string
}

const rows = [...page.matchAll(/^\| (?!row )(\w+) \| .+? \| (.+) \|$/gm)]
const named: readonly Named[] = rows.flatMap(([, row = "", cell = ""]) =>
  cell.split("<br>").flatMap((part) => {
    const file = /^`([^`]+)`: /.exec(part)?.[1]
    if (file === undefined) return []
    return [...part.matchAll(/“([^”]+)”/g)].map(([, name = ""]) => ({ row, file, name }))
  }),
)

describe("docs/fault-matrix.md", () => {
  test("has every row from 1 to 63, each with a test or open", () => {
    const numbers = rows.flatMap(([, row = ""]) => (/^\d+$/.test(row) ? [Number(row)] : []))
    expect(numbers).toEqual(Array.from({ length: 63 }, (_, i) => i + 1))
    for (const [, row = "", cell = ""] of rows)
      expect({ row, ok: cell === "open" || named.some((n) => n.row === row) }).toEqual({ row, ok: true })
  })

  test("names only tests that exist", () => {
    const texts = new Map<string, string>()
    const missing = named.filter(({ file, name }) => {
      if (!texts.has(file)) texts.set(file, existsSync(root + file) ? readFileSync(root + file, "utf8") : "")
      return !titles(texts.get(file) ?? "").includes(name)
    })
    expect(missing).toEqual([])
    expect(named.length).toBeGreaterThan(100)
  })

  test("tells what is expected to fail", () => {
    const unmet = page.slice(page.indexOf("## What is not met"), page.indexOf("## What is met in part"))
    const told = [...unmet.matchAll(/^\| (\d+) \|/gm)].map(([, row = ""]) => row)
    const files = [...new Set(named.map(({ file }) => file))].filter((f) => f.startsWith("test/faults/"))
    const failing = files.flatMap((file) =>
      [...readFileSync(root + file, "utf8").matchAll(/test\.fails\(\s*"([^"]+)"/g)].map(
        ([, name = ""]) => named.find((n) => n.name === name)?.row,
      ),
    )
    expect(failing.toSorted()).toEqual(told.toSorted())
  })
})

/** Titles and parts of tables of tests: every text in quotes. */
function titles(text: string): readonly string[] {
  return [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"|`([^`]*)`/g)].map(
    ([, plain, template]) => plain ?? template ?? "",
  )
}
