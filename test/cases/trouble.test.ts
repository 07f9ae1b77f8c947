// What goes wrong, what is left undone then, and how the next run takes it up.
import { describe, expect, test } from "vitest"
import { qcow2Image, rawImage } from "../../scripts/sample-images.mjs"
import { demoAccount } from "../../src/emulator/index.ts"
import { image, lines, SINGAPORE, STACK, story } from "./story.ts"

const TWO_REGIONS = "regions: [ap-singapore, eu-frankfurt]"
const BUCKET = "golden-ap-singapore-1250000000"
const GOOD = qcow2Image(rawImage("good"))

describe("an import that fails by its bytes", () => {
  test("is a failure with causes, is not tried again by itself, and goes on with a good file under a new key", async () => {
    const s = await story({
      manifests: [STACK, image("bad", "", "bad-1.qcow2"), image("good")],
      objects: { [`${BUCKET}/bad-1.qcow2`]: Buffer.alloc(4096, "no disk"), [`${BUCKET}/good.qcow2`]: GOOD },
    })
    const { outcomes, report } = await s.apply()
    expect(outcomes).toEqual([
      "import bad ap-singapore: failed (ImportFailed)",
      "import good ap-singapore: done",
    ])
    expect(report.results[0]?.error?.advice).toContain("Known causes")
    s.writes()
    expect(lines(await s.plan())).toEqual([
      "refuse bad ap-singapore: import_failed",
      "keep good ap-singapore: in_sync",
    ])
    expect((await s.apply()).outcomes).toEqual(["refuse bad ap-singapore: skipped (import_failed)"])
    expect(s.writes()).toEqual([])
    // Somebody takes the leftover away by hand, and mends the file.
    s.emulator.world.removeImage(report.results[0]?.imageId ?? "")
    s.manifests(STACK, image("bad", "", "good.qcow2"), image("good"))
    expect((await s.apply()).outcomes).toEqual(["import bad ap-singapore: done"])
    await s.settled()
  })

  test("a file that does not exist is found out the same way", async () => {
    const s = await story({ manifests: [STACK, image("web")], objects: { [`${BUCKET}/other.qcow2`]: GOOD } })
    expect((await s.apply()).outcomes).toEqual(["import web ap-singapore: failed (ImportFailed)"])
    s.emulator.world.removeImage(s.emulator.world.images()[0]?.id ?? "")
    s.manifests(STACK, image("web", "", "other.qcow2"))
    await s.apply()
    await s.settled()
  })
})

describe("a region", () => {
  test("that cannot be read is refused, and the others are carried out", async () => {
    let broken = true
    const s = await story({
      manifests: [STACK, image("web", TWO_REGIONS)],
      faults: {
        refuses: ({ action, region }) =>
          broken && region === "eu-frankfurt" && action === "DescribeImages"
            ? { code: "UnauthorizedOperation", message: "Not in this region." }
            : undefined,
      },
    })
    expect(lines(await s.plan())).toEqual([
      "import web ap-singapore: missing",
      "refuse web eu-frankfurt: not_observed",
    ])
    expect((await s.apply()).outcomes).toEqual([
      "import web ap-singapore: done",
      "refuse web eu-frankfurt: skipped (UnauthorizedOperation)",
    ])
    broken = false
    expect((await s.apply()).outcomes).toEqual(["import web eu-frankfurt: done"])
    await s.settled()
  })

  test("without room for more images: the rest of it is skipped, other regions go on", async () => {
    const accounts = (singapore: number) => [{ ...demoAccount, quota: { [SINGAPORE]: singapore } }]
    const s = await story({
      manifests: [STACK, ...["a", "b", "c"].map((name) => image(name, TWO_REGIONS))],
      accounts: accounts(1),
      images: [{ region: SINGAPORE, name: "somebody-elses" }],
    })
    expect((await s.apply()).outcomes.filter((line) => line.includes("singapore"))).toEqual([
      "import a ap-singapore: failed (ImageQuotaLimitExceeded)",
      "import b ap-singapore: failed (ImageQuotaLimitExceeded)",
      "import c ap-singapore: failed (ImageQuotaLimitExceeded)",
    ])
    // Rehearsed before anything is written: nothing was imported anywhere.
    expect(s.writes()).toEqual([])
    const { outcomes } = await s.apply({ keepGoing: true })
    expect(outcomes.filter((line) => line.includes("frankfurt"))).toEqual(
      ["a", "b", "c"].map((name) => `import ${name} eu-frankfurt: done`),
    )
    for (const account of accounts(10)) s.emulator.world.setAccount(account)
    await s.apply()
    await s.settled()
  })

  test("whose room ends in the middle: what was accepted is done, what was not is told", async () => {
    const s = await story({
      manifests: [STACK, ...["a", "b", "c"].map((name) => image(name))],
      accounts: [{ ...demoAccount, quota: 2 }],
    })
    const { outcomes } = await s.apply()
    expect(outcomes.filter((line) => line.endsWith(": done"))).toHaveLength(2)
    expect(outcomes.filter((line) => /ImageQuotaLimitExceeded|quota_exhausted/.test(line))).toHaveLength(1)
    s.emulator.world.setAccount({ ...demoAccount, quota: 3 })
    expect((await s.apply()).outcomes).toHaveLength(1)
    await s.settled()
  })
})

describe("a rehearsal that fails", () => {
  const manifests = [STACK, image("good"), image("odd", 'os: { type: "BeOS", version: "5" }')]

  test("stops everything: nothing is imported at all", async () => {
    const s = await story({ manifests })
    expect((await s.apply()).outcomes).toEqual([
      "import good ap-singapore: skipped (rehearsal_failed)",
      "import odd ap-singapore: failed (InvalidImageOsType.Unsupported)",
    ])
    expect(s.writes()).toEqual([])
    expect(s.emulator.world.images()).toEqual([])
    s.manifests(...manifests.slice(0, 2))
    await s.apply()
    await s.settled()
  })

  test("with keepGoing the others go on", async () => {
    const s = await story({ manifests })
    expect((await s.apply({ keepGoing: true })).outcomes).toEqual([
      "import good ap-singapore: done",
      "import odd ap-singapore: failed (InvalidImageOsType.Unsupported)",
    ])
    expect(s.writes()).toEqual(["ImportImage good ap-singapore"])
    s.manifests(...manifests.slice(0, 2))
    await s.settled()
  })
})

describe("between plan and apply", () => {
  test("somebody takes the name: a failure, and their image is not touched", async () => {
    const s = await story({ manifests: [STACK, image("web")] })
    const plan = await s.plan()
    const id = s.emulator.world.addImage({ region: SINGAPORE, name: "web", description: "mine" })
    expect((await s.apply({ plan })).outcomes).toEqual([
      "import web ap-singapore: failed (InvalidImageName.Duplicate)",
    ])
    expect(s.writes()).toEqual([])
    expect(s.emulator.world.image(id)).toMatchObject({ description: "mine", tags: {} })
    await s.settled()
  })

  test("another run imports the same: it is waited for, not imported twice", async () => {
    const s = await story({ manifests: [STACK, image("web")] })
    const plan = await s.plan()
    const both = await Promise.all([s.apply({ plan }), s.apply({ plan })])
    expect(both.map(({ outcomes }) => outcomes)).toEqual(Array(2).fill(["import web ap-singapore: done"]))
    expect(s.writes()).toEqual(["ImportImage web ap-singapore"])
    await s.settled()
  })

  test("the image to change goes away: a failure, and the next plan imports it", async () => {
    const s = await story({ manifests: [STACK, image("web")] })
    await s.apply()
    s.manifests(STACK, image("web", "description: New"))
    const plan = await s.plan()
    s.emulator.world.removeImage(s.emulator.world.images()[0]?.id ?? "")
    const { outcomes } = await s.apply({ plan })
    expect(outcomes).toHaveLength(1)
    expect(outcomes[0]).toMatch(/^update web ap-singapore: failed /)
    expect((await s.apply()).outcomes).toEqual(["import web ap-singapore: done"])
    await s.settled()
  })
})
