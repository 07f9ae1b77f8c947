/** docs/reliability.md names a test that exists for every row of the fault matrix. */
import { existsSync, readFileSync } from "node:fs"
import { expect, it } from "vitest"

const root = new URL("../../", import.meta.url)
const page = readFileSync(new URL("docs/reliability.md", root), "utf8")

it("every row of the fault matrix, in order, with tests that are there", () => {
  const rows = [...page.matchAll(/^\| (\d+|-) \| [^|]+ \| (`[^|]+`) \|$/gm)]
  const numbered = rows.flatMap(([, n]) => (n === "-" ? [] : [Number(n)]))
  expect(numbered).toEqual(Array.from({ length: 63 }, (_, i) => i + 1))
  const files = rows.flatMap(([, , list = ""]) =>
    [...list.matchAll(/`([^`]+)`/g)].map(([, file = ""]) => file),
  )
  expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([])
})
