// docs/import-image.md held against the wire: its stacks are applied, and each row of its table must stand in the
// bytes that arrived.
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { expect, test } from "vitest"
import { type StoryOptions, story } from "./story.ts"

const DOCS = join(import.meta.dirname, "../../docs")
const PAGE = readFileSync(join(DOCS, "import-image.md"), "utf8")
const [INTL = "", CN = ""] = Array.from(PAGE.matchAll(/^```yaml\n(.*?)^```$/gms), (match) => match[1])

interface Row {
  parameter: string
  sites: string
  manifest: string
  received: string
}

const ROWS: readonly Row[] = PAGE.split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => {
    const [parameter = "", sites = "", manifest = "", received = ""] = line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim())
    return { parameter: inner(parameter), sites, manifest, received: inner(received) }
  })

/** The official page of the international site, in its order. */
const OFFICIAL = (
  "Action Version Region Architecture OsType OsVersion ImageUrl ImageName ImageDescription DryRun Force " +
  "TagSpecification LicenseType BootMode ImageFamily"
).split(" ")
const CN_ONLY = ["ImportImageDataDiskList"]

/** One ImportImage as it arrived: the lines of its head that count, and its body. */
interface Arrived {
  readonly text: string
  readonly parameters: Readonly<Record<string, unknown>>
}

async function arriving(manifests: string, site: NonNullable<StoryOptions["site"]>): Promise<Arrived[]> {
  const arrived: Arrived[] = []
  const s = await story({
    manifests: [manifests],
    site,
    faults: {
      arrives({ headers, body }) {
        if (headers["x-tc-action"] !== "ImportImage") return false
        const head = ["Action", "Version", "Region"].map(
          (name) => `X-TC-${name}: ${String(headers[`x-tc-${name.toLowerCase()}`])}\n`,
        )
        const text = Buffer.from(body).toString("utf8")
        arrived.push({ text: head.join("") + text, parameters: JSON.parse(text) })
        return false
      },
    },
  })
  const { outcomes } = await s.apply()
  expect(outcomes.filter((line) => !line.endsWith(": done"))).toEqual([])
  await s.settled()
  return arrived
}

test("the page lists each parameter of the API, and no other", () => {
  expect(ROWS.map(({ parameter }) => parameter)).toEqual([...OFFICIAL, ...CN_ONLY])
  expect(ROWS.filter(({ sites }) => sites !== "both").map(({ parameter }) => parameter)).toEqual(CN_ONLY)
})

test("the vendor's SDK knows the same parameters", () => {
  const models = createRequire(import.meta.url).resolve(
    "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/index.js",
  )
  const types = readFileSync(join(dirname(models), "v20170312/cvm_models.d.ts"), "utf8")
  const request = /export interface ImportImageRequest \{(.*?)^\}/ms.exec(types)?.[1] ?? ""
  const inSdk = Array.from(request.matchAll(/^ {4}(\w+)\??:/gm), (match) => match[1])
  const inBody = [...OFFICIAL.slice(3), ...CN_ONLY]
  expect(inSdk.sort()).toEqual(inBody.sort())
})

test("each row is what arrives", async () => {
  const [intl, cn] = await Promise.all([arriving(INTL, "intl"), arriving(CN, "cn")])
  expect([intl.length, cn.length]).toEqual([2, 2])
  for (const { parameter, sites, received } of ROWS) {
    const here = sites === "cn" ? cn : intl
    expect(received, parameter).not.toBe("")
    expect(
      here.some(({ text }) => text.includes(received)),
      `${parameter}: ${received} in ${here.map(({ text }) => text).join("\n")}`,
    ).toBe(true)
  }
  // Nothing else arrives, and nothing of cn on intl.
  const keys = (of: readonly Arrived[]): string[] => [
    ...new Set(of.flatMap((a) => Object.keys(a.parameters))),
  ]
  expect(keys(intl).sort()).toEqual(OFFICIAL.slice(3).sort())
  expect(keys(cn).filter((key) => ![...OFFICIAL, ...CN_ONLY].includes(key))).toEqual([])
})

test("the rehearsal is the import with DryRun, and nothing but that", async () => {
  for (const [manifests, site] of [
    [INTL, "intl"],
    [CN, "cn"],
  ] as const) {
    const [rehearsal, real] = await arriving(manifests, site)
    expect(real?.parameters).not.toHaveProperty("DryRun")
    expect(rehearsal?.parameters).toEqual({ ...real?.parameters, DryRun: true })
  }
})

test("every value of the manifest arrives as it is written, and what is not written does not", async () => {
  const [, full] = await arriving(INTL, "intl")
  expect(full?.parameters).toEqual({
    Architecture: "x86_64",
    OsType: "Ubuntu",
    OsVersion: "22",
    ImageUrl: "https://golden-ap-singapore-1250000000.cos.ap-singapore.myqcloud.com/jammy.qcow2",
    ImageName: "ubuntu-22.04-base",
    ImageDescription: expect.stringMatching(
      /^Ubuntu 22\.04 LTS, hardened \[cvmimg:1 [0-9a-f]{8} [0-9a-f]{8} [0-9a-f]{16} [0-9a-f]{12} [0-9a-f]{8}\]$/,
    ),
    Force: true,
    TagSpecification: [
      {
        ResourceType: "image",
        Tags: [
          { Key: "app", Value: "base" },
          { Key: "cvmimg.image", Value: "ubuntu-22.04-base" },
          { Key: "cvmimg.stack", Value: expect.stringMatching(/^[0-9a-f]{8}$/) },
        ],
      },
    ],
    LicenseType: "BYOL",
    BootMode: "UEFI",
    ImageFamily: "ubuntu-22.04",
  })
  const [, arm] = await arriving(CN, "cn")
  expect(arm?.parameters).toMatchObject({ Architecture: "arm_64", OsType: "TencentOS", OsVersion: "4" })
  for (const name of ["Force", "LicenseType", "BootMode", "ImageFamily"]) {
    expect(arm?.parameters).not.toHaveProperty(name)
  }
})

test("every link of the page leads somewhere", () => {
  const links = Array.from(PAGE.matchAll(/\]\((?!https?:)([^)#]+)\)/g), (match) => match[1] ?? "")
  expect(links.length).toBeGreaterThan(2)
  for (const link of links) expect(() => readFileSync(join(DOCS, link)), link).not.toThrow(/ENOENT/)
})

/** What stands between the backticks of a cell; a space at the end counts. */
function inner(cell: string): string {
  return /`(.*)`/.exec(cell)?.[1] ?? ""
}
