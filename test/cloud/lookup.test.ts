import { expect, it } from "vitest"
import { sharedLookup } from "../../src/cloud/lookup.ts"

const ADDRESSES = [
  { address: "10.0.0.1", family: 4 },
  { address: "10.0.0.2", family: 4 },
]

it("asks once for all who ask together, and again for those who come later", async () => {
  let asked = 0
  const lookup = sharedLookup((_host, _options, done) => {
    asked++
    setTimeout(() => done(null, ADDRESSES), 5)
  })
  const ask = (host: string, all: boolean) =>
    new Promise((resolve) => lookup(host, { all }, (...answer) => resolve(answer)))
  const answers = await Promise.all([ask("a", true), ask("a", false), ask("a", true), ask("b", true)])
  expect(answers).toEqual([
    [null, ADDRESSES],
    [null, "10.0.0.1", 4],
    [null, ADDRESSES],
    [null, ADDRESSES],
  ])
  expect(asked).toBe(2)
  await ask("a", true)
  expect(asked).toBe(3)
})

it("passes a failure on to all, and forgets it", async () => {
  let asked = 0
  const lookup = sharedLookup((_host, _options, done) => {
    asked++
    setTimeout(() => done(Object.assign(new Error("no such host"), { code: "ENOTFOUND" }), []), 1)
  })
  const ask = () =>
    new Promise<string | undefined>((resolve) => lookup("a", {}, (error) => resolve(error?.code)))
  expect(await Promise.all([ask(), ask()])).toEqual(["ENOTFOUND", "ENOTFOUND"])
  expect(await ask()).toBe("ENOTFOUND")
  expect(asked).toBe(2)
})
