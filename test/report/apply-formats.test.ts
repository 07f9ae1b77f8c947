// Golden cases: one apply in every format. The files beside this one are read in review; `vitest -u` writes them anew.
import { expect, test } from "vitest"
import { envProblem } from "../../src/report/apply-env.ts"
import { applyOutput } from "../../src/report/apply-images.ts"
import { renderApplyMarkdown } from "../../src/report/apply-markdown.ts"
import { type ApplyFormat, applyFormats } from "../../src/report/formats.ts"
import { applied, inAccounts } from "./applied.ts"
import { aPlan, aResult } from "./build.ts"
import { loaded } from "./loaded.ts"
import { parseXml } from "./xml.ts"

const applyRenderers = await loaded(applyFormats)

const at100 = { color: false, width: 100 }
const FILES: Readonly<Record<ApplyFormat, string>> = {
  text: "txt",
  json: "json.golden",
  junit: "xml",
  markdown: "md",
  github: "github.txt",
  tfvars: "tfvars",
  env: "env",
}
const nothing = applyOutput({ plan: aPlan([]), results: [], accounts: false })

test.each(Object.entries(FILES))("the apply as %s", async (format, extension) => {
  const text = applyRenderers[format as ApplyFormat](applied, at100)
  await expect(text).toMatchFileSnapshot(`golden/applied.${extension}`)
  expect(text.endsWith("\n")).toBe(true)
})

test.each(Object.keys(FILES))("%s of an apply of nothing", (format) => {
  expect(applyRenderers[format as ApplyFormat](nothing, at100)).not.toMatch(/undefined|NaN|\[object/)
})

test("ids: kept, done and untouched ones; none of what failed, is running, stale, refused or not managed", () => {
  expect(applied.images.map((one) => [one.image, one.region, one.imageId])).toEqual([
    ["alma-9", "ap-singapore", "img-a1a00001"],
    ["debian-12-base", "eu-frankfurt", "img-deb00002"],
    ["rocky-9-base", "ap-singapore", "img-70c4a001"],
    ["rocky-9-base", "eu-frankfurt", "img-70c4a002"],
    ["ubuntu-22.04-base", "ap-singapore", "img-8toqc6s3"],
  ])
  for (const format of ["tfvars", "env"] as const) {
    const text = applyRenderers[format](applied, at100)
    for (const id of ["img-fa11ed00", "img-deb00001", "img-2022b701", "img-01d00001", "img-f07e1911"]) {
      expect(text).not.toContain(id)
    }
  }
})

test("several accounts have a level of their own, whatever the run was about", () => {
  expect(applyRenderers.tfvars(inAccounts, at100)).toBe(`\
# Images of the stack golden that are in place, as cvmimg apply left them.
cvmimg_images = {
  "db" = {
    "test" = {
      "ap-singapore" = "img-00000004"
    }
  }
  "web" = {
    "prod" = {
      "ap-singapore" = "img-00000001"
      "eu-frankfurt" = "img-00000002"
    }
    "test" = {
      "ap-singapore" = "img-00000003"
    }
  }
}
`)
  expect(applyRenderers.env(inAccounts, at100)).toBe(`\
CVMIMG_IMAGE_DB_TEST_AP_SINGAPORE=img-00000004
CVMIMG_IMAGE_WEB_PROD_AP_SINGAPORE=img-00000001
CVMIMG_IMAGE_WEB_PROD_EU_FRANKFURT=img-00000002
CVMIMG_IMAGE_WEB_TEST_AP_SINGAPORE=img-00000003
`)
})

test("variables that could not be told apart are an error, also where one of them has no id", () => {
  const place = { account: "default", region: "ap-singapore" }
  const placements = [
    { ...place, image: "web-1" },
    { ...place, image: "web.1" },
  ]
  expect(envProblem(placements, false)).toBe(
    "-o env: web-1 in ap-singapore and web.1 in ap-singapore would both be CVMIMG_IMAGE_WEB_1_AP_SINGAPORE; use tfvars or json",
  )
  expect(envProblem([...placements.slice(0, 1), ...placements.slice(0, 1)], false)).toBeUndefined()
  const [one, two] = placements.map((p) => ({ ...p, imageId: "img-1", action: "import" as const }))
  const clash = { ...nothing, images: one ? [one] : [], absent: two ? [two] : [] }
  expect(() => applyRenderers.env(clash, at100)).toThrow("would both be")
})

test("JUnit counts its cases; running fails, what was not started is skipped", () => {
  const suites = parseXml(applyRenderers.junit(applied, at100)).children
  const ends = suites.flatMap((suite) => {
    const having = (name: string) => suite.children.filter((c) => c.children.some((d) => d.name === name))
    expect(Number(suite.attributes.tests)).toBe(suite.children.length)
    expect(Number(suite.attributes.failures)).toBe(having("failure").length)
    expect(Number(suite.attributes.skipped)).toBe(having("skipped").length)
    return suite.children.map((one) => {
      const end = one.children.find((child) => child.name !== "system-out")
      return `${suite.attributes.name} ${one.attributes.name}: ${end?.attributes.type ?? end?.name ?? "passed"}`
    })
  })
  expect(ends).toEqual([
    "alma-9 default/ap-singapore: skipped",
    "debian-12-base default/ap-singapore: UnauthorizedOperation",
    "debian-12-base default/eu-frankfurt: passed",
    "rocky-9-base default/ap-singapore: passed",
    "rocky-9-base default/ap-singapore img-0ve2aaaa: passed",
    "rocky-9-base default/eu-frankfurt: passed",
    "ubuntu-22.04-base default/ap-singapore: passed",
    "ubuntu-22.04-base default/eu-frankfurt: ImportFailed",
    "web default/ap-singapore: stale",
    "web default/eu-frankfurt: ambiguous",
    "windows-2022-byol default/ap-singapore: running",
  ])
})

test("Markdown that does not fit leaves out what is done first, then every row", () => {
  const many = Array.from({ length: 300 }, (_, i) => aResult({ image: `image-${i}` }))
  const output = { ...applied, results: [...applied.results, ...many] }
  const whole = renderApplyMarkdown(output)
  expect(whole).toContain("`image-299`")
  const less = renderApplyMarkdown(output, { limit: 8000 })
  expect(less.length).toBeLessThanOrEqual(8000)
  expect(less).toContain("The rows of 303 actions done do not fit here.")
  expect(less).toContain("| update | ap-singapore | **failed** |")
  expect(less).toContain("ImportFailed")
  expect(renderApplyMarkdown(output, { limit: 10 }).length).toBeLessThan(500)
})
