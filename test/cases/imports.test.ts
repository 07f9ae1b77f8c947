// Images come into being: the samples, sites, accounts, time that passes.

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { writeSampleImages } from "../../scripts/sample-images.mjs"
import { demoAccount } from "../../src/emulator/index.ts"
import { FRANKFURT, image, lines, SINGAPORE, STACK, story, text } from "./story.ts"

const SAMPLES = join(import.meta.dirname, "../../manifests")
const MINUTE = 60_000

describe("the sample stack", () => {
  test("comes into an empty world, and is there", async () => {
    const objects = mkdtempSync(join(tmpdir(), "cvmimg-objects-"))
    onTestFinished(() => rmSync(objects, { recursive: true, force: true }))
    await writeSampleImages(objects)
    const s = await story({ manifests: { directory: SAMPLES }, objects })

    const plan = await s.plan()
    await expect(text(plan)).toMatchFileSnapshot("golden/sample-plan.txt")
    const { outcomes } = await s.apply({ plan })
    expect(outcomes).toEqual(plan.actions.map(({ image, region }) => `import ${image} ${region}: done`))
    const imported = s.writes()
    expect(imported.every((write) => write.startsWith("ImportImage "))).toBe(true)
    expect(imported).toHaveLength(outcomes.length)
    expect(s.emulator.world.images().every(({ state }) => state === "NORMAL")).toBe(true)
    await s.settled()
  })
})

describe("time that passes", () => {
  test("an import that nobody waits for any more is awaited by the next run, not made again", async () => {
    const s = await story({ manifests: [STACK, image("web")] })
    const cloud = await s.cloud()
    const [action] = (await s.plan()).actions
    if (action?.action !== "import") throw new Error("no import")
    await cloud.ensureTag("default", "cvmimg.stack", action.request.tags["cvmimg.stack"] ?? "")
    await cloud.ensureTag("default", "cvmimg.image", "web")
    await cloud.importImage(action, action.request)
    s.clock.advance(3_000)
    expect(lines(await s.plan())).toEqual(["await web ap-singapore: importing"])
    const { outcomes } = await s.apply()
    expect(outcomes).toEqual(["await web ap-singapore: done"])
    expect(s.writes()).toEqual(["ImportImage web ap-singapore"])
    await s.settled()
  })

  test("an import that is seen only after minutes is not made twice", async () => {
    const s = await story({ manifests: [STACK, image("web")], behaviour: { visibilityDelayMs: 5 * MINUTE } })
    const { outcomes } = await s.apply()
    expect(outcomes).toEqual(["import web ap-singapore: done"])
    expect(s.writes()).toEqual(["ImportImage web ap-singapore"])
    await s.settled()
  })

  test("tags that attach late are no difference; tags that never come are one, half an hour later", async () => {
    const s = await story({
      manifests: [STACK, image("web", "tags: { app: web }")],
      behaviour: { tagDelayMs: 10 * MINUTE },
    })
    expect((await s.apply()).outcomes).toEqual(["import web ap-singapore: done"])
    const [before] = s.emulator.world.images()
    expect(before?.tags).toEqual({})
    await s.settled()
    s.clock.advance(11 * MINUTE)
    await s.settled()
    const [after] = s.emulator.world.images()
    expect(after?.tags).toMatchObject({ app: "web", "cvmimg.image": "web" })
    s.emulator.world.changeImage(after?.id ?? "", { tags: {} })
    s.clock.advance(30 * MINUTE)
    expect(lines(await s.plan())).toEqual([
      "update web ap-singapore: tag_changed:app, provenance_missing:cvmimg.image, provenance_missing:cvmimg.stack {tags.app, tags.cvmimg.image, tags.cvmimg.stack}",
    ])
    await s.apply()
    expect(s.writes()).toContain("ModifyResourceTags +app +cvmimg.image +cvmimg.stack")
    await s.settled()
  })
})

describe("sites and accounts", () => {
  test("site cn: the reply names the image; arm_64 and data disks", async () => {
    const stack = `
apiVersion: cvmimg/v1
kind: Stack
metadata: { name: golden-cn }
spec:
  site: cn
  defaults: { regions: [ap-guangzhou, ap-beijing], os: { type: TencentOS, version: "4" } }
`
    const spec = `
architecture: arm_64
dataDisks: [{ url: "https://golden-{region}-1250000000.cos.{region}.myqcloud.com/data.raw" }]`
    const s = await story({ manifests: [stack, image("arm", spec)], site: "cn" })
    const { outcomes, events } = await s.apply()
    expect(outcomes).toEqual(["import arm ap-beijing: done", "import arm ap-guangzhou: done"])
    const accepted = events.filter((event) => event.type === "import.accepted")
    expect(accepted.map(({ imageId }) => imageId).sort()).toEqual(
      s.emulator.world
        .images()
        .map(({ id }) => id)
        .sort(),
    )
    for (const made of s.emulator.world.images()) {
      expect(made.architecture).toBe("arm")
      expect(made.snapshots.map(({ usage }) => usage)).toEqual(["SYSTEM_DISK", "DATA_DISK"])
      expect(made.job?.dataDisks).toEqual([
        `https://golden-${made.region}-1250000000.cos.${made.region}.myqcloud.com/data.raw`,
      ])
    }
    await s.settled()
  })

  test("two accounts, each with its own keys, variables and regions", async () => {
    const other = { secretId: "AKIDothersothersothers", secretKey: "another-key-of-the-emulator" }
    const stack = `
apiVersion: cvmimg/v1
kind: Stack
metadata: { name: golden }
spec:
  accounts:
    default: { vars: { appid: "1250000000" } }
    games: { profile: games, vars: { appid: "1260000000" }, regions: [eu-frankfurt] }
  defaults: { regions: [ap-singapore], os: { type: Ubuntu, version: "22" } }
`
    const web = `
apiVersion: cvmimg/v1
kind: Image
metadata: { name: web }
spec:
  source: { url: "https://golden-{region}-{var.appid}.cos.{region}.myqcloud.com/web.qcow2" }
`
    const s = await story({
      manifests: [stack, web],
      accounts: [demoAccount, { uin: "100000000002", appid: "1260000000", ...other }],
      keys: { games: other },
    })
    const { outcomes } = await s.apply()
    expect(outcomes).toEqual(["import web ap-singapore: done", "import web games/eu-frankfurt: done"])
    expect(s.emulator.world.images().map(({ owner, region, job }) => [owner, region, job?.url])).toEqual([
      [
        "100000000001",
        SINGAPORE,
        "https://golden-ap-singapore-1250000000.cos.ap-singapore.myqcloud.com/web.qcow2",
      ],
      [
        "100000000002",
        FRANKFURT,
        "https://golden-eu-frankfurt-1260000000.cos.eu-frankfurt.myqcloud.com/web.qcow2",
      ],
    ])
    await s.settled()
  })
})
