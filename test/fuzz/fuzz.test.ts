/**
 * What nobody meant, given to every reader of foreign bytes, for a moment; `npm run chaos` does it for a minute and
 * more. The inputs are the same in every run. `found/` holds what failed once, as short as it still did.
 */
import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { inPlace, inputOf } from "./fuzz.ts"
import { problemOf } from "./oracle.ts"
import { CANARY, type Reader } from "./reader.ts"
import { READERS } from "./readers/index.ts"

const INPUTS = 40
const FOUND = new URL("found/", import.meta.url)

describe("any input gives diagnostics or values", () => {
  it.each(READERS)("$name", async (reader) => {
    await inPlace(async (place) => {
      for (let n = 1; n <= INPUTS; n += 1) {
        const problem = await problemOf(reader, inputOf(reader, n), place)
        expect(problem, `input ${n}`).toBeUndefined()
      }
    })
  })
})

describe("what failed once", () => {
  const read = (name: string): Reader => {
    const reader = READERS.find((r) => r.name === (name.split(".")[0] ?? "").replaceAll("-", " "))
    if (reader === undefined) throw new Error(`no reader for ${name}`)
    return reader
  }
  it.each(readdirSync(FOUND))("%s", async (name) => {
    const input = readFileSync(new URL(name, FOUND))
    const problem = await inPlace((place) => problemOf(read(name), input, place))
    expect(problem).toBeUndefined()
  })
})

describe("the oracle sees", () => {
  const reader = (read: Reader["read"]): Reader => ({ name: "x", input: () => Buffer.alloc(0), read })
  const exit =
    (code: number): Reader["read"] =>
    () => ({ exit: { code, documented: [0, 1] } })
  it.each<[string, Reader["read"]]>([
    ["a throw", () => JSON.parse("{")],
    ["a rejection", () => Promise.reject(new TypeError("x"))],
    ["an internal error", () => ({ told: ["cvmimg: internal error: x\n"] })],
    ["a stack", () => ({ written: ["x\n    at f (file.ts:1:2)\n"] })],
    ["a secret", () => ({ written: [`key ${CANARY}`] })],
    ["what a terminal obeys", () => ({ told: ["\u001b[2J"] })],
    ["half a character", () => ({ told: ["\ud800"] })],
    ["an exit code that nobody documented", exit(7)],
  ])("%s", async (_, read) => {
    expect(await problemOf(reader(read), Buffer.alloc(0), { folder: "" })).toBeDefined()
  })

  it("nothing wrong in what is fine", async () => {
    const fine: Reader["read"] = () => ({ told: ["é \u{1f600}\n"], exit: { code: 1, documented: [0, 1] } })
    expect(await problemOf(reader(fine), Buffer.alloc(0), { folder: "" })).toBeUndefined()
  })
})
