// The pipeline that init writes for GitLab: what it promises, and its scripts in real shells: plan, merge, apply of the
// plan that was kept, drift with its issue, against the emulator and a local API of GitLab.
import { spawn, spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { text } from "node:stream/consumers"
import { Ajv2020 } from "ajv/dist/2020.js"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { parse } from "yaml"
import { type Emulator, startEmulator } from "../../src/emulator/index.ts"
import { BINARY } from "../cli/binary.ts"
import { expectNoSecretBelow, secretsIn } from "../support/canary.ts"
import { writeNew } from "./written.ts"

interface Job {
  readonly rules: readonly { if: string; when?: string }[]
  readonly variables?: Readonly<Record<string, string>>
  readonly script: readonly string[]
  readonly cache?: readonly { key: string; policy?: string; when?: string; paths: string[] }[]
  readonly resource_group?: string
  readonly environment?: { name: string }
}

const JOBS = ["review", "plan", "fresh", "apply", "drift"] as const
const TOKEN = "glpat-canaryCanaryCanary"
const HEAD = "a".repeat(40)
const DIRECT = "d".repeat(40)
const MERGED = "b".repeat(40)

let at = ""
let pipeline: Record<string, Job> = {}
let emulator: Emulator
let gitlab: Awaited<ReturnType<typeof api>>

beforeAll(async () => {
  at = mkdtempSync(join(tmpdir(), "cvmimg-gitlab-"))
  writeNew(join(at, "work"), ["--ci", "gitlab"])
  pipeline = parse(readFileSync(join(at, "work/.gitlab-ci.yml"), "utf8"), { merge: true })
  mkdirSync(join(at, "bin"))
  symlinkSync(BINARY, join(at, "bin/cvmimg"))
  chmodSync(BINARY, 0o755)
  emulator = await startEmulator({
    publicImages: false,
    behaviour: { visibilityDelayMs: 0, importMs: 100, importMsPerGiB: 0 },
  })
  gitlab = await api()
})

afterAll(async () => {
  await emulator?.close()
  await gitlab?.close()
  rmSync(at, { recursive: true, force: true })
})

function job(name: (typeof JOBS)[number]): Job {
  const found = pipeline[name]
  if (found === undefined) throw new Error(`no job ${name}`)
  return found
}

/** As much of GitLab as the scripts ask; the plan job's artifact is the plan that the test's own plan job wrote. */
async function api() {
  const notes: { id: number; body: string }[] = []
  const issues: { iid: number; title: string; description: string; state: string }[] = []
  const refused: string[] = []
  const server = createServer((request, response) => {
    void text(request).then((raw) => {
      const url = new URL(request.url ?? "/", "http://localhost")
      const sent = (raw === "" ? {} : JSON.parse(raw)) as Record<string, string>
      const route = `${request.method} ${url.pathname.replace("/api/v4/projects/42", "")}`
      const answer = (body: unknown, status = 200): void => {
        response.writeHead(status, { "content-type": "application/json" })
        response.end(typeof body === "string" ? body : JSON.stringify(body))
      }
      if (request.headers["private-token"] !== TOKEN) return answer({ message: "401 Unauthorized" }, 401)
      const number = Number(/\d+$/.exec(url.pathname)?.[0])
      const shown = (issue: (typeof issues)[number] | undefined): object => ({
        ...issue,
        web_url: `https://gitlab.example/acme/images/-/issues/${issue?.iid}`,
      })
      const note = (n: (typeof notes)[number]): object => ({ ...n, system: false, author: { id: 7 } })
      switch (route.replace(/(notes|issues)\/\d+$/, "$1/N")) {
        case "GET /api/v4/user":
          return answer({ id: 7, username: "images" })
        case `GET /repository/commits/${MERGED}/merge_requests`:
          return answer([{ iid: 5, state: "merged", sha: HEAD, merge_commit_sha: MERGED }])
        case `GET /repository/commits/${DIRECT}/merge_requests`:
          return answer([])
        case "GET /merge_requests/5/pipelines":
          return answer([
            { id: 31, sha: HEAD, project_id: 42 },
            { id: 30, sha: "c".repeat(40), project_id: 42 },
          ])
        case "GET /pipelines/31/jobs":
          return answer([
            { id: 900, name: "review", artifacts_file: {} },
            { id: 901, name: "plan", artifacts_file: {} },
          ])
        case "GET /jobs/901/artifacts/plan.json":
          return answer(readFileSync(join(at, "kept-plan.json"), "utf8"))
        case "GET /merge_requests/5":
          return answer({
            iid: 5,
            labels: [],
            web_url: "https://gitlab.example/acme/images/-/merge_requests/5",
          })
        case "GET /merge_requests/5/notes":
          return answer(notes.map(note))
        case "POST /merge_requests/5/notes":
          notes.push({ id: 100 + notes.length, body: String(sent.body) })
          return answer(note(notes.at(-1) ?? { id: 0, body: "" }), 201)
        case "GET /issues":
          return answer(issues.filter(({ state }) => state === url.searchParams.get("state")).map(shown))
        case "POST /issues":
          issues.push({ iid: issues.length + 1, title: "", description: "", state: "opened", ...sent })
          return answer(shown(issues.at(-1)), 201)
        case "PUT /issues/N": {
          const issue = issues.find(({ iid }) => iid === number)
          Object.assign(issue ?? {}, sent, sent.state_event === "close" ? { state: "closed" } : {})
          return answer(shown(issue))
        }
        default:
          if (/^POST \/issues\/\d+\/notes$/.test(route)) return answer({}, 201)
          refused.push(route)
          return answer({ message: "404 Not Found" }, 404)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v4`,
    notes,
    issues,
    refused,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

/** Runs a job's script as a runner does: its lines one after the other in one shell that ends at the first failure. */
async function play(
  name: (typeof JOBS)[number],
  ci: Record<string, string>,
): Promise<{ code: number | null; log: string }> {
  const { TENCENTCLOUD_SECRET_ID: id = "", TENCENTCLOUD_SECRET_KEY: key = "", ...cloud } = emulator.env
  const given: Record<string, string> = {
    CI: "true",
    GITLAB_CI: "true",
    CI_API_V4_URL: gitlab.url,
    CI_PROJECT_ID: "42",
    CI_JOB_URL: "https://gitlab.example/acme/images/-/jobs/901",
    CVMIMG_GITLAB_TOKEN: TOKEN,
    CVMIMG_READ_SECRET_ID: id,
    CVMIMG_READ_SECRET_KEY: key,
    CVMIMG_APPLY_SECRET_ID: id,
    CVMIMG_APPLY_SECRET_KEY: key,
    ...ci,
  }
  const variables = Object.entries(job(name).variables ?? {}).map(([variable, value]) => [
    variable,
    value.replace(/\$(\w+)/g, (_, from: string) => given[from] ?? ""),
  ])
  const child = spawn("bash", ["-eo", "pipefail", "-c", job(name).script.join("\n")], {
    cwd: join(at, "work"),
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: `${join(at, "bin")}:${dirname(process.execPath)}:/usr/bin:/bin`,
      HOME: at,
      CVMIMG_METADATA: "off",
      ...cloud,
      ...given,
      ...Object.fromEntries(variables),
    },
  })
  let log = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => {
      log += part
    })
  }
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve))
  expect(secretsIn(log, [TOKEN, key])).toEqual([])
  expectNoSecretBelow(join(at, "work"), [TOKEN, key])
  return { code, log }
}

describe("the pipeline for GitLab", () => {
  test("fits the schema of what it uses", () => {
    const schema = JSON.parse(readFileSync(join(import.meta.dirname, "gitlab-ci.schema.json"), "utf8"))
    const valid = new Ajv2020({ strict: true }).compile(schema)
    expect(valid(pipeline), JSON.stringify(valid.errors)).toBe(true)
    expect(valid({ ...pipeline, plan: { ...pipeline.plan, onyl: [] } })).toBe(false)
  })

  test("has scripts that bash can read", () => {
    for (const name of JOBS) {
      expect(spawnSync("bash", ["-n"], { input: job(name).script.join("\n") }).status, name).toBe(0)
    }
  })

  test("plans only for branches of the project, applies one after the other, and keeps the journal", () => {
    expect(job("plan").rules.map((rule) => rule.if)).toEqual([
      '$CI_PIPELINE_SOURCE == "merge_request_event" && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID',
    ])
    expect(JSON.stringify(job("review"))).not.toMatch(/SECRET|TOKEN/)
    expect(job("apply")).toMatchObject({
      resource_group: "cvmimg-apply",
      environment: { name: "cvmimg-apply" },
      cache: [{ key: "cvmimg-journal", paths: [".cvmimg/"], policy: "pull-push", when: "always" }],
    })
    for (const name of JOBS) {
      expect(JSON.stringify(job(name)).includes("CVMIMG_APPLY_"), name).toBe(name === "apply")
    }
    for (const name of ["plan", "fresh", "drift"] as const) {
      expect(job(name).cache?.[0], name).toMatchObject({ key: "cvmimg-journal", policy: "pull" })
    }
  })

  test("plan, apply of the plan that was kept, drift with its one issue", async () => {
    const request = { CI_MERGE_REQUEST_IID: "5", CI_MERGE_REQUEST_PROJECT_ID: "42", CI_COMMIT_SHA: HEAD }
    const plan = await play("plan", request)
    expect(plan, plan.log).toMatchObject({ code: 0 })
    expect(gitlab.notes).toHaveLength(1)
    expect(gitlab.notes[0]?.body).toContain("ubuntu-22.04-base")
    spawnSync("mv", [join(at, "work/plan.json"), join(at, "kept-plan.json")])

    const apply = await play("apply", { CI_COMMIT_SHA: MERGED })
    expect(apply, apply.log).toMatchObject({ code: 0 })
    expect(existsSync(join(at, "work/plan.json"))).toBe(true)
    expect(emulator.world.images()).toMatchObject([{ name: "ubuntu-22.04-base", state: "NORMAL" }])

    expect(await play("drift", {})).toMatchObject({ code: 0 })
    expect(gitlab.issues).toEqual([])
    const [image] = emulator.world.images()
    emulator.world.changeImage(image?.id ?? "", { family: "taken" })
    for (let turn = 0; turn < 2; turn += 1) expect(await play("drift", {})).toMatchObject({ code: 0 })
    expect(gitlab.issues).toMatchObject([{ state: "opened", title: "Drift of golden: 1 placement" }])
    emulator.world.changeImage(image?.id ?? "", { family: "ubuntu-22.04" })
    expect(await play("drift", {})).toMatchObject({ code: 0 })
    expect(gitlab.issues).toMatchObject([{ state: "closed" }])

    // Applied again: what was approved is done. Another image's state of now: stale, and it says so.
    expect(await play("apply", { CI_COMMIT_SHA: MERGED })).toMatchObject({ code: 0 })
    emulator.world.removeImage(image?.id ?? "")
    emulator.world.addImage({ region: "ap-singapore", name: "ubuntu-22.04-base", description: "of somebody" })
    const stale = await play("apply", { CI_COMMIT_SHA: MERGED })
    expect(stale, stale.log).toMatchObject({
      code: 4,
      log: expect.stringContaining("The reviewed plan is stale"),
    })
    expect(gitlab.refused).toEqual([])
  })

  test("what no merge request merged is not applied", async () => {
    rmSync(join(at, "work/plan.json"), { force: true })
    const direct = await play("apply", { CI_COMMIT_SHA: DIRECT })
    expect(direct).toMatchObject({ code: 0, log: expect.stringContaining("nothing was reviewed") })
    const unknown = await play("apply", { CI_COMMIT_SHA: "e".repeat(40) })
    expect(unknown.code).toBe(1)
    expect(unknown.log).toMatch(
      /^GitLab answered 404 to .*: look at CVMIMG_GITLAB_TOKEN, its role and its scope\n$/,
    )
  })
})
