/**
 * A small runner of GitHub Actions for tests: jobs in the order of their needs, conditions, steps in real shells with the
 * environment that GitHub gives them, files for outputs and summaries. The actions that the workflows use are played
 * here: checkout is git, a cache and an artifact are folders, a script runs with the real client against a local API.
 */
import { spawn, spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { Octokit } from "@octokit/rest"
import { filled, holds, type Scope } from "./expressions.ts"
import { type Artifact, type GithubApi, REPOSITORY } from "./github-api.ts"
import type { Job, Step, Workflow } from "./written.ts"

/** One GitHub with one repository. */
export interface Host {
  /** A folder for everything. */
  readonly place: string
  /** The bare repository. */
  readonly bare: string
  readonly api: GithubApi
  /** Of the repository: every branch of it may use them. */
  readonly secrets: Readonly<Record<string, string>>
  /** Of environments: for the default branch alone. */
  readonly environments: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** In every step's environment: where the cloud is, how npm installs. */
  readonly env: Readonly<Record<string, string>>
  readonly caches: {
    readonly key: string
    readonly ref: string
    readonly path: string
    readonly folder: string
  }[]
  readonly artifacts: Map<number, string>
}

export interface Event {
  readonly name: "pull_request" | "push" | "schedule" | "workflow_dispatch"
  /** What the run is about: `refs/heads/main`, `refs/pull/1/merge`. */
  readonly ref: string
  readonly sha: string
  readonly payload?: object
  /** A pull request of another repository. */
  readonly fork?: boolean
  readonly runId: number
  readonly attempt?: number
  /** Kills the step of this name, and everything it started, once it has written what matches. */
  readonly kill?: { readonly step: string; readonly when: RegExp }
}

export interface StepRun {
  readonly name: string
  readonly outcome: "success" | "failure" | "cancelled" | "skipped"
  readonly log: string
  readonly env: Readonly<Record<string, string>>
}

export interface JobRun {
  readonly result: "success" | "failure" | "cancelled" | "skipped"
  readonly outputs: Readonly<Record<string, string>>
  readonly steps: readonly StepRun[]
  /** The job's summary, as Markdown. */
  readonly summary: string
}

/** Runs a workflow to its end. */
export async function run(host: Host, workflow: Workflow, event: Event): Promise<Record<string, JobRun>> {
  const done: Record<string, JobRun> = {}
  const names = Object.keys(workflow.jobs)
  while (Object.keys(done).length < names.length) {
    const next = names.find((name) => !(name in done) && needsOf(workflow.jobs[name]).every((n) => n in done))
    const job = next === undefined ? undefined : workflow.jobs[next]
    if (next === undefined || job === undefined) throw new Error("the jobs need one another")
    done[next] = await new JobRunner(host, workflow, job, event, done).run()
  }
  return done
}

function needsOf(job: Job | undefined): readonly string[] {
  const needs = job?.needs ?? []
  return typeof needs === "string" ? [needs] : needs
}

class JobRunner {
  readonly #host: Host
  readonly #workflow: Workflow
  readonly #job: Job
  readonly #event: Event
  readonly #done: Readonly<Record<string, JobRun>>
  readonly #home: string
  readonly #workspace: string
  readonly #token: string
  readonly #steps: Record<string, { outputs: Record<string, string>; outcome: string }> = {}
  readonly #runs: StepRun[] = []
  readonly #added: Record<string, string> = {}
  #summary = ""
  #status: "success" | "failure" | "cancelled" = "success"

  constructor(
    host: Host,
    workflow: Workflow,
    job: Job,
    event: Event,
    done: Readonly<Record<string, JobRun>>,
  ) {
    this.#host = host
    this.#workflow = workflow
    this.#job = job
    this.#event = event
    this.#done = done
    this.#home = mkdtempSync(join(host.place, "job-"))
    this.#workspace = join(this.#home, "work")
    mkdirSync(this.#workspace)
    const rights = Object.entries(job.permissions ?? {})
    // A fork's token reads, whatever the job asks for.
    const granted = rights.map(([area, level]) => [area, event.fork === true ? "read" : level])
    this.#token = host.api.tokenFor(Object.fromEntries(granted) as Record<string, string>)
  }

  async run(): Promise<JobRun> {
    const needed = needsOf(this.#job).map((name) => this.#done[name]?.result)
    const before = needed.includes("cancelled")
      ? "cancelled"
      : needed.every((r) => r === "success")
        ? "success"
        : "failure"
    if (!holds(this.#job.if, this.#scope(before)))
      return { result: "skipped", outputs: {}, steps: [], summary: "" }
    for (const step of this.#job.steps) await this.#step(step)
    const scope = this.#scope(this.#status)
    const outputs = Object.entries(this.#job.outputs ?? {}).map(([key, text]) => [key, filled(text, scope)])
    return {
      result: this.#status,
      outputs: Object.fromEntries(outputs),
      steps: this.#runs,
      summary: this.#summary,
    }
  }

  async #step(step: Step): Promise<void> {
    const name = step.name ?? step.uses?.replace(/@.*/, "") ?? ""
    if (!holds(step.if, this.#scope(this.#status))) {
      this.#record(step, { name, outcome: "skipped", log: "", env: {} }, {})
      return
    }
    const scope = this.#scope(this.#status)
    const fill = (texts: Readonly<Record<string, unknown>> = {}): Record<string, string> =>
      Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, filled(String(text), scope)]))
    const env = {
      ...this.#base(),
      ...fill(this.#workflow.env),
      ...this.#host.env,
      ...this.#added,
      ...fill(step.env),
    }
    const { outcome, log, outputs } =
      step.run === undefined
        ? await this.#action(step.uses ?? "", fill(step.with))
        : await this.#shell(name, step.run, env)
    this.#record(step, { name, outcome, log, env: step.run === undefined ? {} : env }, outputs)
    if (outcome !== "success" && this.#status === "success") this.#status = outcome
  }

  #record(step: Step, run: StepRun, outputs: Record<string, string>): void {
    this.#runs.push(run)
    if (step.id !== undefined) this.#steps[step.id] = { outputs, outcome: run.outcome }
  }

  #scope(status: string): Scope {
    const event = this.#event
    const own = event.fork === true ? {} : this.#host.secrets
    const { environment } = this.#job
    const guarded =
      environment !== undefined && event.ref === "refs/heads/main" ? this.#host.environments[environment] : {}
    return {
      contexts: {
        github: {
          event_name: event.name,
          event: event.payload ?? {},
          ref: event.ref,
          sha: event.sha,
          repository: REPOSITORY,
          run_id: event.runId,
          run_attempt: event.attempt ?? 1,
          actor: "somebody",
          token: this.#token,
        },
        secrets: { ...own, ...guarded },
        steps: this.#steps,
        needs: this.#done,
        env: this.#workflow.env ?? {},
      },
      functions: {
        always: () => true,
        success: () => status === "success",
        failure: () => status === "failure",
        cancelled: () => status === "cancelled",
        hashFiles: (pattern) => (filesBelow(this.#workspace, String(pattern)).length > 0 ? "hash" : ""),
      },
    }
  }

  #base(): Record<string, string> {
    const { name, ref, sha, runId, attempt = 1, payload } = this.#event
    const path = join(this.#home, "event.json")
    writeFileSync(path, JSON.stringify(payload ?? {}))
    const pull = (payload as { pull_request?: { base: { ref: string }; head: { ref: string } } } | undefined)
      ?.pull_request
    const prefix = join(this.#home, "npm")
    return {
      PATH: `${join(prefix, "bin")}:${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      HOME: this.#home,
      NPM_CONFIG_PREFIX: prefix,
      RUNNER_TEMP: this.#home,
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_REPOSITORY: REPOSITORY,
      GITHUB_API_URL: this.#host.api.url,
      GITHUB_GRAPHQL_URL: `${this.#host.api.url}/graphql`,
      GITHUB_SERVER_URL: "https://github.example",
      GITHUB_EVENT_NAME: name,
      GITHUB_EVENT_PATH: path,
      GITHUB_REF: ref,
      GITHUB_SHA: sha,
      GITHUB_RUN_ID: String(runId),
      GITHUB_RUN_ATTEMPT: String(attempt),
      GITHUB_WORKSPACE: this.#workspace,
      ...(pull === undefined ? {} : { GITHUB_BASE_REF: pull.base.ref, GITHUB_HEAD_REF: pull.head.ref }),
    }
  }

  async #shell(name: string, script: string, env: Record<string, string>): Promise<Played> {
    const at = mkdtempSync(join(this.#home, "step-"))
    const files = ["OUTPUT", "ENV", "STEP_SUMMARY"].map((key) => [`GITHUB_${key}`, join(at, key)] as const)
    for (const [, file] of files) writeFileSync(file, "")
    writeFileSync(join(at, "run.sh"), script)
    const child = spawn("bash", ["-e", join(at, "run.sh")], {
      cwd: this.#workspace,
      env: { ...env, ...Object.fromEntries(files) },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    })
    const kill = this.#event.kill?.step === name ? this.#event.kill.when : undefined
    let log = ""
    let killed = false
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        log += text
        if (kill?.test(log) !== true || killed || child.pid === undefined) return
        killed = true
        process.kill(-child.pid, "SIGKILL")
      })
    }
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve))
    this.#summary += readFileSync(join(at, "STEP_SUMMARY"), "utf8")
    Object.assign(this.#added, pairsIn(join(at, "ENV")))
    const outcome = killed ? "cancelled" : code === 0 ? "success" : "failure"
    return { outcome, log, outputs: pairsIn(join(at, "OUTPUT")) }
  }

  async #action(uses: string, given: Record<string, string>): Promise<Played> {
    const [, action = ""] = /^actions\/([a-z-]+(?:\/[a-z]+)?)@/.exec(uses) ?? []
    switch (action) {
      case "checkout":
        return this.#checkout(given)
      case "setup-node":
        return success()
      case "cache/restore":
        return this.#restore(given)
      case "cache/save":
        return this.#save(given)
      case "upload-artifact":
        return this.#upload(given)
      case "download-artifact":
        return this.#download(given)
      case "github-script":
        return await this.#script(given)
      default:
        throw new Error(`nobody plays ${uses}`)
    }
  }

  #checkout({ ref = this.#event.ref, "fetch-depth": depth = "1" }: Record<string, string>): Played {
    const git = (...args: string[]): void => {
      const { status, stderr } = spawnSync("git", args, { cwd: this.#workspace, encoding: "utf8" })
      if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`)
    }
    git("init", "-q")
    git("remote", "add", "origin", `file://${this.#host.bare}`)
    if (depth === "0") git("fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*")
    git("fetch", "-q", ...(depth === "0" ? [] : ["--depth", depth]), "origin", ref)
    git("checkout", "-q", "--detach", "FETCH_HEAD")
    return success()
  }

  #restore({ path = "", key = "", "restore-keys": prefix }: Record<string, string>): Played {
    // What the base branch saved can be read from everywhere, and nothing else of other branches.
    const seen = this.#host.caches.filter(
      (c) => c.path === path && ["refs/heads/main", this.#event.ref].includes(c.ref),
    )
    const found =
      seen.find((c) => c.key === key) ??
      seen.findLast((c) => prefix !== undefined && c.key.startsWith(prefix))
    if (found !== undefined) cpSync(found.folder, join(this.#workspace, path), { recursive: true })
    return success({ "cache-hit": String(found?.key === key) })
  }

  #save({ path = "", key = "" }: Record<string, string>): Played {
    const from = join(this.#workspace, path)
    if (!existsSync(from) || this.#host.caches.some((c) => c.key === key && c.path === path)) return success()
    const folder = join(mkdtempSync(join(this.#host.place, "cache-")), basename(path))
    cpSync(from, folder, { recursive: true })
    this.#host.caches.push({ key, ref: this.#event.ref, path, folder })
    return success()
  }

  #upload({ name = "", path = "", "if-no-files-found": missing, overwrite }: Record<string, string>): Played {
    const found = path.split("\n").flatMap((pattern) => filesBelow(this.#workspace, pattern.trim()))
    if (found.length === 0) return missing === "error" ? failure(`no file for ${name}`) : success()
    const { api, artifacts } = this.#host
    const same = api.artifacts.findIndex((a) => a.name === name && a.workflow_run.id === this.#event.runId)
    if (same >= 0 && overwrite !== "true") return failure(`an artifact ${name} exists already`)
    if (same >= 0) api.artifacts.splice(same, 1)
    const id = 9_000 + artifacts.size
    const folder = mkdtempSync(join(this.#host.place, "artifact-"))
    for (const file of found) cpSync(join(this.#workspace, file), join(folder, file), { recursive: true })
    artifacts.set(id, folder)
    const pull = (this.#event.payload as { pull_request?: { head: { sha: string } } } | undefined)
      ?.pull_request
    api.artifacts.push({
      id,
      name,
      expired: false,
      workflow_run: {
        id: this.#event.runId,
        head_sha: pull?.head.sha ?? this.#event.sha,
        repository_id: 1,
        head_repository_id: this.#event.fork === true ? 2 : 1,
      },
    })
    return success({
      "artifact-id": String(id),
      "artifact-url": `https://github.example/${REPOSITORY}/actions/runs/${this.#event.runId}/artifacts/${id}`,
    })
  }

  #download({ name = "", "run-id": run = String(this.#event.runId) }: Record<string, string>): Played {
    const fits = (a: Artifact): boolean => a.name === name && String(a.workflow_run.id) === run
    const folder = this.#host.artifacts.get(this.#host.api.artifacts.findLast(fits)?.id ?? -1)
    if (folder === undefined) return failure(`no artifact ${name} in run ${run}`)
    cpSync(folder, this.#workspace, { recursive: true })
    return success()
  }

  async #script({
    script = "",
    "github-token": token = this.#token,
  }: Record<string, string>): Promise<Played> {
    const played: { outcome: "success" | "failure"; log: string; outputs: Record<string, string> } = {
      outcome: "success",
      log: "",
      outputs: {},
    }
    const core = {
      notice: (text: string) => {
        played.log += `::notice::${text}\n`
      },
      setOutput: (key: string, value: unknown) => {
        played.outputs[key] = String(value)
      },
      setFailed: (text: string) => {
        played.outcome = "failure"
        played.log += `::error::${text}\n`
      },
    }
    const [owner, repo] = REPOSITORY.split("/")
    const github = new Octokit({ auth: token, baseUrl: this.#host.api.url })
    const AsyncFunction = (async () => {}).constructor as new (
      ...args: string[]
    ) => (...args: unknown[]) => Promise<void>
    try {
      await new AsyncFunction("github", "context", "core", script)(
        github,
        { repo: { owner, repo }, sha: this.#event.sha, payload: this.#event.payload },
        core,
      )
    } catch (error) {
      core.setFailed(String(error))
    }
    return played
  }
}

interface Played {
  readonly outcome: "success" | "failure" | "cancelled"
  readonly log: string
  readonly outputs: Record<string, string>
}

function success(outputs: Record<string, string> = {}): Played {
  return { outcome: "success", log: "", outputs }
}

function failure(log: string): Played {
  return { outcome: "failure", log, outputs: {} }
}

/** `KEY=VALUE` lines of a file that a step wrote. */
function pairsIn(file: string): Record<string, string> {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.includes("="))
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  )
}

/** Files at the top of a folder whose name fits a pattern with `*`. */
function filesBelow(folder: string, pattern: string): string[] {
  const glob = new RegExp(`^${pattern.replace(/[.+^$()|[\]{}\\]/g, "\\$&").replaceAll("*", ".*")}$`)
  return readdirSync(folder).filter((name) => glob.test(name))
}
