import { describe, expect, it } from "vitest"
import { systemClock } from "../../src/cloud/clock.ts"
import { CloudError, failureOf } from "../../src/cloud/failure.ts"
import { observe } from "../../src/cloud/observe.ts"
import type { DesiredPlacement } from "../../src/model/desired.ts"
import type { CloudImage } from "../../src/model/observed.ts"
import type { Scope } from "../../src/model/placement.ts"
import { stampDescription } from "../../src/model/provenance.ts"

const STAMPED = stampDescription("", {
  version: 1,
  stack: "00000000",
  image: "11111111",
  spec: "2222222222222222",
  source: "333333333333",
  attributes: "44444444",
})

function image(id: string, name: string, more: Partial<CloudImage> = {}): CloudImage {
  return {
    id,
    name,
    description: "",
    family: "",
    deprecated: false,
    state: "NORMAL",
    architecture: "x86_64",
    tags: {},
    snapshotIds: [],
    ...more,
  }
}

const placement = (name: string, region: string, more: Partial<DesiredPlacement> = {}): DesiredPlacement =>
  ({ image: name, account: "default", region, match: "name", ...more }) as DesiredPlacement

function reader(images: Record<string, CloudImage[] | Error>, shares: Record<string, string[] | Error> = {}) {
  const asked: string[] = []
  return {
    asked,
    listImages: async ({ region }: Scope) => {
      asked.push(region)
      const found = images[region] ?? []
      if (found instanceof Error) throw found
      return found
    },
    listShares: async (_: Scope, id: string) => {
      asked.push(id)
      const found = shares[id] ?? []
      if (found instanceof Error) throw found
      return found
    },
  }
}

const failed = (code: string) => new CloudError(failureOf(code, { message: "x" }))

describe("observe", () => {
  it("lists each account and region once, sorted", async () => {
    const source = reader({ b: [image("img-1", "x")] })
    const seen = await observe({
      reader: source,
      clock: { ...systemClock, now: () => 42 },
      placements: [placement("x", "b"), placement("y", "b"), placement("x", "a")],
    })
    expect(seen).toEqual({
      at: 42,
      scopes: [
        { account: "default", region: "a", images: [] },
        { account: "default", region: "b", images: [image("img-1", "x")] },
      ],
    })
    expect(source.asked.sort()).toEqual(["a", "b"])
  })

  it("keeps the failure of one scope from the others", async () => {
    const source = reader({ a: failed("UnsupportedRegion"), b: [image("img-1", "x")] })
    const placements = [placement("x", "a"), placement("x", "b")]
    const { scopes } = await observe({ reader: source, clock: systemClock, placements })
    expect(scopes[0]).toMatchObject({ region: "a", failure: { code: "UnsupportedRegion" } })
    expect(scopes[1]).toMatchObject({ region: "b", images: [{ id: "img-1" }] })
  })

  it("asks for the shares of the images that a manifest has a word on, and of no others", async () => {
    const source = reader(
      {
        a: [
          image("img-1", "app"),
          image("img-2", "app-2"),
          image("img-3", "silent"),
          image("img-4", "fam-0123abcd", { description: STAMPED }),
          image("img-5", "whatever", { description: STAMPED, family: "f" }),
          image("img-6", "fam-0123abcd"),
          image("img-7", "other", { description: STAMPED }),
        ],
      },
      { "img-1": ["100"], "img-4": ["200"] },
    )
    const { scopes } = await observe({
      reader: source,
      clock: systemClock,
      placements: [
        placement("app", "a", { sharedWith: [] }),
        placement("silent", "a"),
        placement("fam", "a", { match: "family", family: "f", sharedWith: ["1"] }),
      ],
    })
    expect(source.asked.filter((x) => x !== "a").sort()).toEqual(["img-1", "img-4", "img-5"])
    const [scope] = scopes
    const images = scope !== undefined && "images" in scope ? scope.images : []
    expect(images.map((i) => i.sharedWith)).toEqual([
      ["100"],
      undefined,
      undefined,
      ["200"],
      [],
      undefined,
      undefined,
    ])
  })

  it("takes an image that went meanwhile as it is, and any other trouble with shares as the scope's failure", async () => {
    const gone = reader({ a: [image("img-1", "app")] }, { "img-1": failed("InvalidImageId.NotFound") })
    const placements = [placement("app", "a", { sharedWith: ["1"] })]
    expect((await observe({ reader: gone, clock: systemClock, placements })).scopes).toEqual([
      { account: "default", region: "a", images: [image("img-1", "app")] },
    ])
    const denied = reader({ a: [image("img-1", "app")] }, { "img-1": failed("UnauthorizedOperation") })
    expect((await observe({ reader: denied, clock: systemClock, placements })).scopes[0]).toMatchObject({
      failure: { code: "UnauthorizedOperation" },
    })
  })

  it("ends with the signal's reason", async () => {
    const controller = new AbortController()
    controller.abort(new Error("stop"))
    const source = reader({ a: new Error("stop") })
    const options = {
      reader: source,
      clock: systemClock,
      placements: [placement("x", "a")],
      signal: controller.signal,
    }
    await expect(observe(options)).rejects.toThrow("stop")
  })
})
