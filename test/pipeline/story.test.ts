// The pipelines that init writes for GitHub, run as they are: their steps in real shells, in a real git repository, with
// the built binary installed by npm, against the emulator and a local API of GitHub.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { image } from "../cli/binary.ts"
import { secretsIn } from "../support/canary.ts"
import type { JobRun } from "./runner.ts"
import { APPLY, type Proposal, READ, type Scene, scene } from "./scene.ts"

let s: Scene

beforeAll(async () => {
  s = await scene()
})

afterAll(async () => {
  await s?.close()
})

/** Names of images that stand, with their families. */
function standing(): string[] {
  return s.emulator.world
    .images()
    .map(({ name, state }) => `${name} ${state}`)
    .sort()
}

function imports(): number {
  return s.emulator.ledger.filter(({ action }) => action === "ImportImage").length
}

function logOf(job: JobRun | undefined, step: string): string {
  return job?.steps.find(({ name }) => name === step)?.log ?? `no step ${step}`
}

/** The result of each job, and where one failed the log of the step that did. */
function results(jobs: Record<string, JobRun>): Record<string, string> {
  return Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, job.result]))
}

/** No step's log, environment or summary may hold what is not its own. */
function expectNoKeys(jobs: Record<string, JobRun>): void {
  for (const [name, job] of Object.entries(jobs)) {
    for (const step of job.steps) {
      const both = [READ.secretKey, APPLY.secretKey]
      expect(secretsIn(step.log + job.summary, both), `${name}: ${step.name}`).toEqual([])
      const keys = Object.values(step.env)
      expect(keys.includes(READ.secretKey), `${name}: ${step.name}`).toBe(
        ["Plan", "Look for drift"].includes(step.name),
      )
      expect(keys.includes(APPLY.secretKey), `${name}: ${step.name}`).toBe(step.name === "Apply")
    }
  }
}

const page = readFileSync(join(import.meta.dirname, "../../docs/ci.md"), "utf8")

/** What docs/ci.md shows under a title, in a fence of Markdown, must be what there is without its details; ids and times differ by run. */
function expectShown(title: string, text: string): void {
  const steady = (raw: string): string =>
    raw
      .replace(/<!--.*?-->\n?/gs, "")
      .replace(/img-[0-9a-z]{8}/g, "img-········")
      .replace(/\b[0-9a-f]{40}\b/g, "commit")
      .replace(/\b[0-9a-f]{12}\b/g, "digest")
      .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?UTC|Z)?/g, "time")
      .replace(/\b(\d+m ?)?\d+(\.\d+)? ?s\b/g, "duration")
      .replace(/ +\|/g, " |")
      .trim()
  const from = page.indexOf(`\n### ${title}\n`)
  const shown = /````markdown\n([\s\S]*?)\n````/.exec(page.slice(from < 0 ? page.length : from))?.[1] ?? ""
  expect(steady(shown), `docs/ci.md, ${title}`).toBe(steady(text.split("\n### Details\n")[0] ?? ""))
}

const OS = 'os: { type: Ubuntu, version: "22" }\n'

describe("a change, from its pull request to an empty plan", () => {
  let pull: Proposal

  test("what is pushed without a pull request is not applied", async () => {
    const jobs = await s.on("apply", { name: "push" })
    expect(results(jobs)).toEqual({ reviewed: "success", fresh: "skipped", apply: "skipped" })
    expect(logOf(jobs.reviewed, "Find the reviewed plan")).toContain("nothing was reviewed")
    expect(standing()).toEqual([])
  })

  test("a pull request is reviewed, planned with keys that read, and gets one comment", async () => {
    pull = s.propose("web", { "images/web.yaml": image("web", `${OS}family: web\n`) })
    const jobs = await s.on("review", pull.event)
    expect(results(jobs), JSON.stringify(jobs, null, 1)).toEqual({ review: "success", plan: "success" })
    expect(jobs.review?.summary).toContain("| `web` |")
    expect(jobs.plan?.summary).toContain("2 to import")
    expect(s.host.api.comments).toHaveLength(1)
    expect(s.host.api.comments[0]).toMatchObject({ issue: pull.number })
    expect(s.host.api.comments[0]?.body).toContain("| `web` | import |")
    expect(s.host.api.comments[0]?.body).toContain(pull.head)
    expect(s.host.api.artifacts.map(({ name }) => name)).toEqual([
      `cvmimg-review-${pull.head}`,
      `cvmimg-plan-${pull.head}`,
    ])
    expect(standing()).toEqual([])
    expectNoKeys(jobs)
    expectShown("The review", jobs.review?.summary ?? "")
    expectShown("The comment", s.host.api.comments[0]?.body ?? "")
    // Another push: the same comment.
    const again = await s.on("review", pull.event)
    expect(results(again)).toEqual({ review: "success", plan: "success" })
    expect(s.host.api.comments).toHaveLength(1)
  })

  test("the merge carries out exactly what was reviewed", async () => {
    const sha = s.merge(pull)
    const jobs = await s.on("apply", { name: "push", sha })
    expect(results(jobs), JSON.stringify(jobs, null, 1)).toEqual({
      reviewed: "success",
      fresh: "skipped",
      apply: "success",
    })
    expect(standing()).toEqual(["ubuntu-22.04-base NORMAL", "web NORMAL"])
    expectShown("The apply", jobs.apply?.summary ?? "")
    expect(s.host.caches.map(({ path, ref }) => `${path} ${ref}`)).toContain(".cvmimg refs/heads/main")
    expectNoKeys(jobs)
  })

  test("nothing drifted: no issue", async () => {
    const jobs = await s.on("drift", { name: "schedule" })
    expect(results(jobs), JSON.stringify(jobs, null, 1)).toEqual({ drift: "success" })
    expect(s.host.api.issues).toEqual([])
    expectNoKeys(jobs)
  })

  test("a change out of band opens one issue, and a second look leaves it the only one", async () => {
    const web = s.emulator.world.images().find(({ name }) => name === "web")
    s.emulator.world.changeImage(web?.id ?? "", { family: "taken" })
    for (const turn of [1, 2]) {
      const jobs = await s.on("drift", { name: "schedule" })
      expect(results(jobs), JSON.stringify(jobs, null, 1)).toEqual({ drift: "success" })
      expect(s.host.api.issues, `turn ${turn}`).toHaveLength(1)
      expect(logOf(jobs.drift, "Keep the issue")).toContain(turn === 1 ? "Opened #50" : "#50")
    }
    expect(s.host.api.issues[0]).toMatchObject({
      title: "Drift of golden: 1 placement",
      state: "open",
      labels: ["cvmimg-drift"],
      body: expect.stringContaining("`web`"),
    })
    expectShown("The issue", s.host.api.issues[0]?.body ?? "")
  })

  test("an apply that is started by hand heals it, and the issue is closed", async () => {
    const jobs = await s.on("apply", { name: "workflow_dispatch" })
    expect(results(jobs), JSON.stringify(jobs, null, 1)).toEqual({
      reviewed: "skipped",
      fresh: "success",
      apply: "success",
    })
    expect(s.emulator.world.images().find(({ name }) => name === "web")?.family).toBe("web")
    expect(results(await s.on("drift", { name: "schedule" }))).toEqual({ drift: "success" })
    expect(s.host.api.issues).toMatchObject([{ number: 50, state: "closed" }])
    expectNoKeys(jobs)
  })

  test("applied again there is nothing to do", async () => {
    const before = s.emulator.ledger.length
    const jobs = await s.on("apply", { name: "workflow_dispatch" })
    expect(results(jobs)).toEqual({ reviewed: "skipped", fresh: "success", apply: "success" })
    expect(jobs.fresh?.summary).toContain("2 unchanged")
    expect(s.emulator.ledger.length).toBe(before)
  })
})

describe("what goes wrong", () => {
  test("a fork is reviewed, and no secret is near", async () => {
    const { event } = s.propose("fork", { "images/fork.yaml": image("fork", OS) })
    const payload = structuredClone(event.payload) as {
      pull_request: { head: { repo: { full_name: string } } }
    }
    payload.pull_request.head.repo.full_name = "stranger/images"
    const jobs = await s.on("review", { ...event, payload, fork: true })
    expect(results(jobs)).toEqual({ review: "success", plan: "skipped" })
    expect(jobs.review?.summary).toContain("| `fork` |")
    for (const { env, log } of jobs.review?.steps ?? []) {
      const seen = `${JSON.stringify(env)}${log}`
      for (const secret of [READ.secretId, READ.secretKey, APPLY.secretId, APPLY.secretKey, "ghs_"]) {
        expect(seen).not.toContain(secret)
      }
    }
  })

  test("an invalid manifest stops at the review", async () => {
    const { event } = s.propose("broken", {
      "images/broken.yaml": image("broken", "os: { type: Ubuntu }\nfoo: 1\n"),
    })
    const jobs = await s.on("review", event)
    expect(results(jobs)).toEqual({ review: "failure", plan: "skipped" })
    expect(logOf(jobs.review, "Review")).toContain("::error file=images/broken.yaml,line=")
  })

  test("a plan that became stale is left alone with exit code 4, and the workflow says so", async () => {
    const change = image("web", `${OS}family: web\ndescription: New\n`)
    const pull = s.propose("describe", { "images/web.yaml": change })
    expect(results(await s.on("review", pull.event))).toEqual({ review: "success", plan: "success" })
    const web = s.emulator.world.images().find(({ name }) => name === "web")
    s.emulator.world.changeImage(web?.id ?? "", { description: `Mine ${web?.description}` })
    const before = s.emulator.ledger.length
    const jobs = await s.on("apply", { name: "push", sha: s.merge(pull) })
    expect(results(jobs), JSON.stringify(jobs, null, 1)).toEqual({
      reviewed: "success",
      fresh: "skipped",
      apply: "failure",
    })
    expect(logOf(jobs.apply, "Apply")).toContain("::error file=images/web.yaml")
    expect(logOf(jobs.apply, "Say that the plan is stale")).toContain(
      "::error title=The reviewed plan is stale::",
    )
    expect(jobs.apply?.steps.find(({ name }) => name === "Keep the journal")?.outcome).toBe("success")
    expect(s.emulator.ledger.length).toBe(before)
    // As it says: by hand.
    expect(results(await s.on("apply", { name: "workflow_dispatch" }))).toMatchObject({ apply: "success" })
    expect(s.emulator.world.image(web?.id ?? "")?.description).toMatch(/^New /)
  })

  test("an apply that was killed goes on from the journal that was kept, and imports nothing twice", async () => {
    const pull = s.propose("db", { "images/db.yaml": image("db", OS) })
    expect(results(await s.on("review", pull.event))).toEqual({ review: "success", plan: "success" })
    const sha = s.merge(pull)
    const before = imports()
    // It goes on until the job was killed, however long that takes.
    s.emulator.setBehaviour({ importMs: 36_000_000 })
    const killed = await s.on("apply", {
      name: "push",
      sha,
      runId: 990,
      kill: { step: "Apply", when: /accepted|importing/i },
    })
    expect(results(killed)).toEqual({ reviewed: "success", fresh: "skipped", apply: "cancelled" })
    expect(s.host.caches.at(-1)).toMatchObject({ path: ".cvmimg", key: "cvmimg-journal-990-1" })
    expect(imports()).toBe(before + 1)
    expect(logOf(killed.apply, "Apply")).not.toContain("Apply: 1 done")
    s.emulator.setBehaviour({ importMs: 200 })
    for (const { id, state } of s.emulator.world.images())
      if (state !== "NORMAL") s.emulator.world.changeImage(id, { finishInMs: 0 })
    const again = await s.on("apply", { name: "push", sha, runId: 990, attempt: 2 })
    expect(results(again), JSON.stringify(again, null, 1)).toMatchObject({ apply: "success" })
    expect(imports()).toBe(before + 1)
    expect(standing()).toContain("db NORMAL")
    expect(results(await s.on("drift", { name: "schedule" }))).toEqual({ drift: "success" })
  })

  test("a merge of which no plan was kept applies nothing, and says what to do", async () => {
    const pull = s.propose("late", { "images/late.yaml": image("late", OS) })
    const jobs = await s.on("apply", { name: "push", sha: s.merge(pull) })
    expect(results(jobs)).toEqual({ reviewed: "failure", fresh: "skipped", apply: "skipped" })
    expect(logOf(jobs.reviewed, "Find the reviewed plan")).toMatch(
      /::error::No plan of .*run this workflow by hand/,
    )
    expect(standing()).not.toContain("late NORMAL")
  })

  test("nobody asked the host for what its job may not do", () => {
    expect(s.host.api.refused).toEqual([])
  })
})
