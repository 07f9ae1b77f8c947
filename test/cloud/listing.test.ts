import { describe, expect, it } from "vitest"
import { listAll, type Page } from "../../src/cloud/listing.ts"
import { failureOf, SCOPE } from "./support.ts"

interface Counted {
  calls: number
  list(): Promise<string[]>
}

function over(page: (offset: number, call: number) => Page<string>): Counted {
  const counted: Counted = {
    calls: 0,
    list: () =>
      listAll({
        pageSize: 100,
        scope: SCOPE,
        id: (id) => id,
        page: async (offset) => page(offset, counted.calls++),
      }),
  }
  return counted
}

const ids = (n: number): string[] => Array.from({ length: n }, (_, i) => `img-${i}`)
const slice = (all: readonly string[], offset: number): Page<string> => ({
  total: all.length,
  items: all.slice(offset, offset + 100),
})

describe("a complete listing", () => {
  it.each([0, 1, 99, 100, 101, 500, 10_000])("of %i images takes max(1, ceil(n/100)) calls", async (n) => {
    const source = over((offset) => slice(ids(n), offset))
    expect(await source.list()).toEqual(ids(n))
    expect(source.calls).toBe(Math.max(1, Math.ceil(n / 100)))
  })

  it("is read again when an image comes in between two pages", async () => {
    const before = ids(250)
    const after = ["img-new", ...before]
    const source = over((offset, call) => slice(call < 2 ? before : after, offset))
    expect(new Set(await source.list())).toEqual(new Set(after))
    expect(source.calls).toBe(6)
  })

  it("is read again when one image is seen twice and another not at all", async () => {
    const first = ids(150)
    const moved = [...first.slice(99), ...first.slice(0, 99)]
    const source = over((offset, call) => slice(call === 1 ? moved : first, offset))
    expect(await source.list()).toEqual(first)
    expect(source.calls).toBe(4)
  })

  it("is given up after three more tries if images keep moving", async () => {
    const source = over((offset, call) => slice(ids(150 + call), offset))
    expect(await failureOf(source.list())).toMatchObject({ code: "ClientError.ListingUnstable", ...SCOPE })
    expect(source.calls).toBe(8)
  })

  it.each<[string, (offset: number) => Page<string>]>([
    ["a total that is too high", (offset) => ({ ...slice(ids(120), offset), total: 150 })],
    ["a total that is too low", (offset) => ({ ...slice(ids(120), offset), total: 110 })],
    ["a total beyond reason", (offset) => ({ ...slice(ids(100), offset), total: 1e9 })],
    ["a first page that is short", () => ({ total: 300, items: ids(50) })],
    ["an empty page with a total", () => ({ total: 300, items: [] })],
    ["the same page again and again", () => ({ total: 300, items: ids(100) })],
    ["more than a page", () => ({ total: 150, items: ids(150) })],
  ])("%s is found out in a bounded number of calls", async (_, page) => {
    const source = over(page)
    expect((await failureOf(source.list())).code).toBe("ClientError.ListingUnstable")
    expect(source.calls).toBeLessThanOrEqual(6)
  })

  it("asks for the later pages side by side", async () => {
    let open = 0
    let most = 0
    const items = await listAll<string>({
      pageSize: 100,
      scope: SCOPE,
      id: (id) => id,
      page: async (offset) => {
        most = Math.max(most, ++open)
        await new Promise((resolve) => setTimeout(resolve, 5))
        open--
        return slice(ids(500), offset)
      },
    })
    expect(items).toHaveLength(500)
    expect(most).toBe(4)
  })
})
