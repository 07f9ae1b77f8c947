// Defaults, accounts, regions and placeholders: what a placement gets, and where each value comes from.
import { describe, expect, test } from "vitest"
import { stackIdOf } from "../../src/manifest/identity.ts"
import { image, load, STACK, told } from "./texts.ts"

const WIDE = `apiVersion: cvmimg/v1
kind: Stack
metadata: { name: golden, id: "0a1b2c3d" }
spec:
  site: cn
  accounts:
    prod: { vars: { appid: "1250000001" }, profile: prod, regions: [ap-guangzhou, ap-shanghai] }
    dev:
      vars: { appid: "1250000002" }
      assumeRole: { arn: "qcs::cam::uin/100000000001:roleName/cvmimg", externalId: x1 }
  defaults:
    regions: [ap-beijing]
    tags: { team: platform, tier: base }
    lifecycle: { retire: delete, keepPrevious: 3 }
  safety: { maxDeletes: 30%, maxReplaces: 7 }
  prune: { orphans: deprecate }
  provenance: { tags: false }
  apply: { concurrency: 4, maxImporting: 2, importTimeout: 90m, visibilityWindow: 45s }
  drift: { ignore: [{ image: ubuntu-*, account: dev, field: tags.owner, reason: billing, until: 2026-12-31 }] }
`

describe("the stack", () => {
  test("with everything", () => {
    const { desired } = load(WIDE, image())
    expect(desired?.stack).toEqual({
      name: "golden",
      id: "0a1b2c3d",
      site: "cn",
      accounts: [
        {
          name: "dev",
          vars: { appid: "1250000002" },
          assumeRole: { arn: "qcs::cam::uin/100000000001:roleName/cvmimg", externalId: "x1" },
        },
        {
          name: "prod",
          vars: { appid: "1250000001" },
          profile: "prod",
          regions: ["ap-guangzhou", "ap-shanghai"],
        },
      ],
      safety: {
        maxDeletes: { percent: 30 },
        maxReplaces: { count: 7 },
        maxFamilyMoves: { count: 5 },
        maxDeprecates: { count: 10 },
      },
      prune: { orphans: "deprecate" },
      provenance: { tags: false },
      apply: { concurrency: 4, maxImporting: 2, importTimeoutMs: 5_400_000, visibilityWindowMs: 45_000 },
      driftIgnore: [
        {
          image: "ubuntu-*",
          account: "dev",
          field: "tags.owner",
          reason: "billing",
          until: "2026-12-31",
          endsAt: Date.UTC(2027, 0, 1),
          at: { file: "cvmimg.yaml", line: 19, column: 21 },
        },
      ],
      at: { file: "cvmimg.yaml", line: 3, column: 19 },
    })
  })

  test("with nothing but a name", () => {
    const text = image("  regions: [ap-tokyo]\n").replace("{var.appid}", "1250000000")
    const { desired } = load("apiVersion: cvmimg/v1\nkind: Stack\nmetadata: { name: golden }\n", text)
    expect(desired?.stack).toMatchObject({
      id: stackIdOf("golden"),
      site: "intl",
      accounts: [{ name: "default", vars: {} }],
      safety: { maxDeletes: { count: 0 }, maxReplaces: { count: 2 } },
      prune: { orphans: "keep" },
      provenance: { tags: true },
      apply: { concurrency: 10, importTimeoutMs: 7_200_000, visibilityWindowMs: 1_800_000 },
    })
    expect(desired?.stack.id).toMatch(/^[0-9a-f]{8}$/)
  })
})

describe("an image", () => {
  test("gets the format's defaults, and their places are not told", () => {
    const placement = load(STACK, image()).desired?.placements[0]
    expect(placement).toEqual({
      image: "base",
      account: "default",
      region: "ap-singapore",
      match: "name",
      formerNames: [],
      labels: {},
      source: {
        url: "https://golden-ap-singapore-1250000000.cos.ap-singapore.myqcloud.com/a.qcow2",
        template: "https://golden-{region}-{var.appid}.cos.{region}.myqcloud.com/a.qcow2",
        format: "qcow2",
        sign: false,
        onChange: "notice",
      },
      os: { type: "Ubuntu", version: "22" },
      architecture: "x86_64",
      force: false,
      dataDisks: [],
      tags: {},
      release: "perRegion",
      lifecycle: {
        state: "managed",
        onChange: "replace",
        retire: "deprecate",
        keepPrevious: 1,
        deleteSnapshots: true,
        protect: false,
        adopt: false,
        allowLostShares: false,
      },
      at: { file: "1.yaml", line: 3, column: 19 },
      origins: {
        regions: { file: "cvmimg.yaml", line: 8, column: 14 },
        "source.url": { file: "1.yaml", line: 5, column: 18 },
        "os.type": { file: "1.yaml", line: 6, column: 15 },
        "os.version": { file: "1.yaml", line: 6, column: 32 },
      },
    })
  })

  test("absent, empty and null are told apart", () => {
    const text = image(
      '  description: ""\n  family: ""\n  sharedWith: []\n  deprecated: false\n  tags: { old: null, new: ~ }\n',
    )
    const placement = load(STACK, text).desired?.placements[0]
    expect(placement).toMatchObject({
      description: "",
      family: "",
      sharedWith: [],
      deprecated: false,
      tags: { old: null, new: null },
    })
    const absent = load(STACK, image()).desired?.placements[0]
    for (const key of ["description", "family", "sharedWith", "deprecated", "bootMode", "licenseType"]) {
      expect(absent).not.toHaveProperty(key)
    }
  })

  test("maps merge with the defaults at every depth, lists and values are replaced", () => {
    const text = image(
      "  tags: { tier: null, app: web }\n  lifecycle: { keepPrevious: 0 }\n  regions: [ap-nanjing]\n",
    )
    const placement = load(WIDE, text).desired?.placements[0]
    expect(placement).toMatchObject({
      region: "ap-nanjing",
      tags: { team: "platform", tier: null, app: "web" },
      lifecycle: { retire: "delete", keepPrevious: 0, onChange: "replace" },
    })
    expect(placement?.origins["tags.team"]).toEqual({ file: "cvmimg.yaml", line: 13, column: 19 })
    expect(placement?.origins["tags.tier"]).toMatchObject({ file: "1.yaml" })
    expect(placement?.origins["lifecycle.retire"]).toMatchObject({ file: "cvmimg.yaml" })
  })

  test("what is required may come from the defaults", () => {
    const stack = `${STACK}    os: { type: Ubuntu }\n    source: { sign: true }\n`
    const { desired, diagnostics } = load(stack, image().replace("type: Ubuntu, ", ""))
    expect(diagnostics).toEqual([])
    expect(desired?.placements[0]).toMatchObject({
      os: { type: "Ubuntu", version: "22" },
      source: { sign: true },
    })
  })

  test("regions: the image's own, else the account's, else those of the defaults", () => {
    const rows = (text: string) => load(WIDE, text).desired?.placements.map((p) => `${p.account} ${p.region}`)
    expect(rows(image())).toEqual(["dev ap-beijing", "prod ap-guangzhou", "prod ap-shanghai"])
    expect(rows(image("  regions: [ap-nanjing]\n"))).toEqual(["dev ap-nanjing", "prod ap-nanjing"])
    expect(rows(image("  accounts: [prod]\n"))).toEqual(["prod ap-guangzhou", "prod ap-shanghai"])
    const [dev, prod] = load(WIDE, image()).desired?.placements ?? []
    expect(dev?.origins.regions).toEqual({ file: "cvmimg.yaml", line: 12, column: 14 })
    expect(prod?.origins.regions).toEqual({ file: "cvmimg.yaml", line: 7, column: 68 })
  })

  test("placeholders are filled in URLs, description and tags", () => {
    const text = image(
      '  description: " {account} in {region} of {var.appid} "\n  tags: { at: "{region}" }\n  dataDisks: [{ url: "https://d-{var.appid}.cos.{region}.myqcloud.com/d.raw" }]\n  accounts: [dev]\n',
    )
    expect(load(WIDE, text).desired?.placements[0]).toMatchObject({
      description: "dev in ap-beijing of 1250000002",
      tags: { at: "ap-beijing" },
      dataDisks: [
        {
          url: "https://d-1250000002.cos.ap-beijing.myqcloud.com/d.raw",
          template: "https://d-{var.appid}.cos.{region}.myqcloud.com/d.raw",
        },
      ],
    })
  })

  test("checksums are brought into one form", () => {
    const text = image().replace('qcow2" }', `qcow2", crc64: "0042", sha256: ${"AB".repeat(32)} }`)
    expect(load(STACK, text).desired?.placements[0]?.source).toMatchObject({
      crc64: "42",
      sha256: "ab".repeat(32),
    })
  })

  test("what is wrong in several placements is said once", () => {
    const text = image("  regions: [ap-tokyo, ap-seoul, ap-jakarta]\n").replace(
      "cos.{region}",
      "cos.ap-tokyo",
    )
    const { diagnostics } = load(STACK, text)
    expect(diagnostics.map((d) => d.message)).toEqual([
      "The bucket lies in ap-tokyo, and ap-seoul imports only from buckets of its own (account default, ap-seoul, and 1 more placement).",
    ])
  })

  test("one name may stand in two manifests for different regions", () => {
    const { desired, diagnostics } = load(
      STACK,
      image("  regions: [ap-tokyo]\n"),
      image("  regions: [ap-seoul]\n"),
    )
    expect(diagnostics).toEqual([])
    expect(desired?.placements.map((p) => p.region)).toEqual(["ap-seoul", "ap-tokyo"])
  })
})

test("a Stack that is broken does not make good images look broken", () => {
  const broken = STACK.replace('"1250000000"', "1250000000").replace("[ap-singapore]", "ap-singapore")
  expect(told(load(broken, image("  accounts: [x]\n")).diagnostics)).toEqual([
    "cvmimg.yaml:6:31 error quote_this",
    "cvmimg.yaml:8:14 error wrong_type",
  ])
})

test("the order of files does not matter", () => {
  const files = [
    image(),
    image("", "{ name: b }"),
    image("", "{ name: a }"),
    "apiVersion: cvmimg/v1\nkind: Family\nmetadata: { name: f }\nspec: { retain: { within: 90d } }\n",
  ]
  const { desired } = load(STACK, ...files)
  expect(desired?.placements.map((p) => p.image)).toEqual(["a", "b", "base"])
  expect(desired?.families).toEqual([
    {
      name: "f",
      retain: { withinMs: 7_776_000_000 },
      beyond: "deprecate",
      at: { file: "4.yaml", line: 3, column: 19 },
    },
  ])
})
