import { join } from "node:path"
import { expect, test } from "vitest"
import { type Emulator, type EmulatorOptions, ManualClock } from "../../src/emulator/index.ts"
import { temporaryDirectory } from "./files.ts"
import { good, start } from "./helpers.ts"
import { wire } from "./wire.ts"

const seconds = 1000
const tagged = {
  ...good,
  TagSpecification: [{ ResourceType: "image", Tags: [{ Key: "app", Value: "web" }] }],
}

interface Listed {
  code: string | undefined
  total: number
  names: string[]
  ids: string[]
  states: string[]
  tags: number
}

async function list(emulator: Emulator, offset: number = 0, limit: number = 100): Promise<Listed> {
  const parameters = {
    Offset: offset,
    Limit: limit,
    Filters: [{ Name: "image-type", Values: ["PRIVATE_IMAGE"] }],
  }
  const { Response: reply } = JSON.parse((await wire(emulator, "DescribeImages", parameters)).text)
  // biome-ignore lint/suspicious/noExplicitAny: a reply
  const images: any[] = reply.ImageSet ?? []
  return {
    code: reply.Error?.Code,
    total: reply.TotalCount,
    names: images.map((image) => image.ImageName),
    ids: images.map((image) => image.ImageId),
    states: images.map((image) => image.ImageState),
    tags: images.reduce((sum, image) => sum + (image.Tags?.length ?? 0), 0),
  }
}

/** A world with one accepted import, visible at once, done after 100 s. */
async function imported(fault: string, options: EmulatorOptions = {}) {
  const clock = new ManualClock()
  const behaviour = { visibilityDelayMs: 0, importMs: 100 * seconds, importMsPerGiB: 0, tagDelayMs: 0 }
  const emulator = await start({ clock, behaviour, faults: [fault], ...options })
  emulator.world.createTag("app", "web")
  await wire(emulator, "ImportImage", tagged)
  const after = async (step: number): Promise<string> => {
    clock.advance(step * seconds)
    const { names, states, tags } = await list(emulator)
    return names
      .map((name, index) => `${name === good.ImageName ? "it" : name} ${states[index]} ${tags}`)
      .join()
  }
  return { emulator, clock, after }
}

const lives: readonly [fault: string, steps: [number, string][]][] = [
  [
    "import:2:never-ends",
    [
      [0, "it IMPORTING 0"],
      [100, "it NORMAL 1"],
    ],
  ],
  [
    "import:*:fail=VirtioNotInstall",
    [
      [99, "it IMPORTING 0"],
      [1, "it IMPORTFAILED 0"],
    ],
  ],
  ["import:*:fail=InternalError,after=5s", [[5, "it IMPORTFAILED 0"]]],
  ["import:*:never-ends", [[1e6, "it IMPORTING 0"]]],
  [
    "import:*:takes=10s",
    [
      [9, "it IMPORTING 0"],
      [1, "it NORMAL 1"],
    ],
  ],
  [
    "import:*:late=15m",
    [
      [899, ""],
      [1, "it NORMAL 1"],
    ],
  ],
  ["import:*:never-visible", [[1e6, ""]]],
  [
    "import:*:flicker=10s,gone=5s,times=2",
    [
      [9, "it IMPORTING 0"],
      [1, ""],
      [5, "it IMPORTING 0"],
      [10, ""],
      [5, "it IMPORTING 0"],
      [1000, "it NORMAL 1"],
    ],
  ],
  [
    "import:*:tags-late=30s",
    [
      [129, "it NORMAL 0"],
      [1, "it NORMAL 1"],
    ],
  ],
  ["import:*:tags-never", [[1e6, "it NORMAL 0"]]],
  [
    "import:*:state=PONDERING,after=10s,for=20s",
    [
      [9, "it IMPORTING 0"],
      [1, "it PONDERING 0"],
      [20, "it IMPORTING 0"],
      [100, "it NORMAL 1"],
    ],
  ],
  [
    "import:*:state=CREATEFAILED",
    [
      [0, "it CREATEFAILED 0"],
      [1e6, "it CREATEFAILED 0"],
    ],
  ],
  [
    "import:*:state=SYNCING,after=200s",
    [
      [150, "it NORMAL 1"],
      [50, "it SYNCING 1"],
    ],
  ],
  [
    "import:*:delete,after=20s",
    [
      [19, "it IMPORTING 0"],
      [1, ""],
    ],
  ],
  [
    "import:*:rename=other,after=20s",
    [
      [20, "other IMPORTING 0"],
      [80, "other NORMAL 1"],
    ],
  ],
  ["import:ubuntu-*,region=ap-tokyo:never-ends", [[100, "it NORMAL 1"]]],
  ["import:ubuntu-*,region=ap-s*:never-ends", [[100, "it IMPORTING 0"]]],
]

test.each(lives)("%s", async (fault, steps) => {
  const { emulator, after } = await imported(fault)
  for (const [step, expected] of steps) expect([step, await after(step)]).toEqual([step, expected])
  expect(emulator.ledger.map((entry) => entry.action)).toEqual(["ImportImage"])
  expect(emulator.faults[0]?.fired).toBe(fault.includes(":2:") || fault.includes("tokyo") ? 0 : 1)
})

test("a decree holds after a restart", async () => {
  const state = join(temporaryDirectory(), "world.json")
  const { emulator, clock } = await imported("import:*:fail=InvalidFormatSize", { state })
  await emulator.close()
  clock.advance(200 * seconds)
  const again = await start({ state, clock })
  expect(again.world.images()).toMatchObject([{ state: "IMPORTFAILED", reason: "InvalidFormatSize" }])
})

const region = "ap-singapore"
const images = ["a", "b", "c", "d", "e"].map((name, index) => ({
  region,
  name,
  id: `img-1000000${index}`,
  tags: { app: "web" },
}))

const listings: readonly [fault: string, expected: Partial<Listed>][] = [
  ["DescribeImages:*:total=7", { total: 7, names: ["a", "b", "c"] }],
  ["DescribeImages:*:total-off=-1", { total: 4 }],
  ["DescribeImages:*:short=2", { total: 5, names: ["a", "b"] }],
  ["DescribeImages:*:repeat", { total: 5, names: ["a", "b", "a"] }],
  ["reads:*:show-state=PONDERING", { states: ["PONDERING", "PONDERING", "PONDERING"] }],
  ["DescribeImages:*:hide=[bc]", { total: 5, names: ["a", "b", "c"] }],
  ["DescribeImages:*:hide=b", { total: 4, names: ["a", "c"] }],
  ["*:*:hide-tags", { tags: 0, total: 5 }],
]

test.each(listings)("%s", async (fault, expected) => {
  const emulator = await start({ images, faults: [fault] })
  expect(await list(emulator, 0, 3)).toMatchObject(expected)
  const [status] = emulator.faults
  expect([status?.seen, status?.fired]).toEqual([1, fault.includes("[bc]") ? 0 : 1])
  emulator.clearFaults()
  const { names, tags } = await list(emulator, 0, 3)
  expect([names, tags]).toEqual([["a", "b", "c"], 3])
})

test("pages shift: something is inserted or deleted between them", async () => {
  const emulator = await start({ images, faults: ["DescribeImages:2:shift-insert"] })
  expect((await list(emulator, 0, 3)).names).toEqual(["a", "b", "c"])
  expect(await list(emulator, 3, 3)).toMatchObject({ names: ["c", "d", "e"], total: 6 })
  emulator.clearFaults()
  emulator.fault("DescribeImages:*:shift-delete=?")
  expect((await list(emulator, 0, 3)).names).toMatchObject(
    [/^someone-/, "a", "b"].map((name) => (typeof name === "string" ? name : expect.stringMatching(name))),
  )
  expect(await list(emulator, 3, 3)).toMatchObject({ names: ["d", "e"], total: 5 })
  expect(emulator.faults).toMatchObject([{ seen: 2, fired: 1 }])
  expect(emulator.ledger).toEqual([])
})

test("somebody takes the name before the import, or creates, deletes, renames, untags at any call", async () => {
  const emulator = await start({
    images,
    faults: [
      "ImportImage:1:someone-creates",
      "DescribeImageQuota:1:someone-deletes=a",
      "DescribeImageQuota:2:someone-renames=b,to=z",
      "DescribeImageQuota:3:someone-untags=[c]",
      "DescribeImageQuota:3:someone-untags=c",
      "DescribeImageQuota:4:someone-creates=y,state=IMPORTING",
    ],
  })
  const rehearsal = await wire(emulator, "ImportImage", { ...good, DryRun: true })
  expect(rehearsal.text).not.toContain("Error")
  expect((await wire(emulator, "ImportImage", good)).text).toContain("InvalidImageName.Duplicate")
  for (let call = 1; call <= 4; call += 1) await wire(emulator, "DescribeImageQuota")
  const { names, tags } = await list(emulator)
  expect(names.sort()).toEqual(["c", "d", "e", good.ImageName, "y", "z"].sort())
  expect(tags).toBe(3)
  expect(emulator.ledger).toEqual([])
  expect(emulator.faults.map(({ fired }) => fired)).toEqual([1, 1, 1, 0, 1, 1])
})

test("without the fence of names the name exists twice", async () => {
  const emulator = await start({
    behaviour: { duplicateNames: "never", visibilityDelayMs: 0 },
    faults: ["ImportImage:1:someone-creates"],
  })
  await wire(emulator, "ImportImage", good)
  expect((await list(emulator)).names).toEqual([good.ImageName, good.ImageName])
  expect(emulator.ledger).toHaveLength(1)
})
