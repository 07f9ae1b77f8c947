// --log-format json: standard error is events and nothing else; standard output is the result and nothing else.
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { expect, test } from "vitest"
import type { Faults } from "../../src/emulator/index.ts"
import { cvmimg, folder, image, STACK, stackOf, world } from "./binary.ts"

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../schemas/event.schema.json"), "utf8"),
) as object
const valid = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema)

/** Every line of standard error, each held to the schema. */
function eventsOf(stderr: string): Record<string, unknown>[] {
  expect(stderr.endsWith("\n")).toBe(true)
  return stderr
    .trimEnd()
    .split("\n")
    .map((line) => {
      const value = JSON.parse(line) as Record<string, unknown>
      expect(valid(value), `${line} ${JSON.stringify(valid.errors)}`).toBe(true)
      return value
    })
}

/** The first call of the action is turned away. */
function throttledOnce(name: string): Faults {
  let times = 0
  return {
    refuses: ({ action }) =>
      action === name && times++ === 0
        ? { code: "RequestLimitExceeded", message: "Your current request times equals to `11` in a second." }
        : undefined,
  }
}

test("a run as events, its result as JSON: two pure streams", async () => {
  const { url } = await world({
    behaviour: { importOutcomes: { "bad.qcow2": "VirtioNotInstall" } },
    faults: throttledOnce("DescribeImages"),
  })
  const cwd = stackOf(image("web"), image("bad"))
  const end = await cvmimg(["apply", "--yes", "--log-format", "json", "-o", "json", "--endpoint", url], {
    cwd,
  })
  expect(end.code).toBe(5)
  const events = eventsOf(end.stderr)
  const types = events.map((event) => event.type)
  expect(types.slice(-1)).toEqual(["run.settled"])
  for (const type of ["run.started", "import.accepted", "image.state", "placement.settled"]) {
    expect(types).toContain(type)
  }
  expect(events.find((event) => event.type === "call.retried")).toMatchObject({
    attempt: 1,
    error: { code: "RequestLimitExceeded", action: "DescribeImages", region: "ap-singapore" },
  })
  const result = JSON.parse(end.stdout) as { results: unknown[]; images: unknown[] }
  expect(result.results).toHaveLength(2)
  expect(result.images).toMatchObject([{ image: "web", imageId: expect.stringMatching(/^img-/) }])
  expect(events.at(-1)).toMatchObject({ outcomes: { done: 1, failed: 1 } })
})

test("errors that end the run are messages", async () => {
  const cwd = stackOf(image("web"))
  const end = await cvmimg(["apply", "--yes", "--log-format", "json", "--endpoint", "http://127.0.0.1:1"], {
    cwd,
  })
  expect(end.code).not.toBe(0)
  const events = eventsOf(end.stderr)
  expect(events.some((event) => event.type === "message")).toBe(true)
})

test("wrong usage: another format, and nowhere to ask", async () => {
  const cwd = stackOf(image("web"))
  expect(await cvmimg(["apply", "--yes", "--log-format", "yaml"], { cwd })).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("unknown log format 'yaml'"),
  })
  const asks = await cvmimg(["apply", "--log-format", "json"], { cwd })
  expect(asks.code).toBe(64)
  expect(eventsOf(asks.stderr)).toMatchObject([{ type: "message" }])
})

test("ids for consumers: what was imported, and what was there before", async () => {
  const { url } = await world()
  const args = [
    "apply",
    "--yes",
    "--endpoint",
    url,
    "-o",
    "tfvars=a.tfvars",
    "-o",
    "env=a.env",
    "-o",
    "github",
  ]
  const cwd = stackOf(image("web"))
  await cvmimg(args, { cwd })
  writeFileSync(join(cwd, "images/1.yaml"), image("db"))
  const summary = join(cwd, "summary.md")
  const end = await cvmimg(args, { cwd, env: { GITHUB_STEP_SUMMARY: summary } })
  expect(end).toMatchObject({ code: 0, stdout: "" })
  const env = readFileSync(join(cwd, "a.env"), "utf8")
  expect(env).toMatch(
    /^CVMIMG_IMAGE_DB_AP_SINGAPORE=img-[0-9a-z]{8}\nCVMIMG_IMAGE_WEB_AP_SINGAPORE=img-[0-9a-z]{8}\n$/,
  )
  const ids = env.match(/img-[0-9a-z]{8}/g) ?? []
  for (const id of ids)
    expect(readFileSync(join(cwd, "a.tfvars"), "utf8")).toContain(`"ap-singapore" = "${id}"`)
  expect(readFileSync(summary, "utf8")).toMatch(/^## Apply of `golden`\n\n\*\*1 done\.\*\*/)
})

test("a summary that cannot be written is said, and changes nothing", async () => {
  const { url } = await world()
  const env = { GITHUB_STEP_SUMMARY: join(folder(), "nowhere", "summary.md") }
  const end = await cvmimg(["apply", "--yes", "-o", "github", "--endpoint", url], {
    cwd: stackOf(image("web")),
    env,
  })
  expect(end).toMatchObject({ code: 0, stdout: "" })
  expect(end.stderr).toContain("The job's summary was not written: ")
  expect(existsSync(env.GITHUB_STEP_SUMMARY)).toBe(false)
})

test("names that env could not tell apart stop the run before it begins", async () => {
  const cwd = folder({ "cvmimg.yaml": STACK, "images.yaml": `${image("web-1")}---\n${image("web.1")}` })
  const end = await cvmimg(["apply", "--yes", "-o", "env", "--endpoint", "http://127.0.0.1:1"], { cwd })
  expect(end.code).toBe(64)
  expect(end.stderr).toContain("would both be CVMIMG_IMAGE_WEB_1_AP_SINGAPORE")
})
