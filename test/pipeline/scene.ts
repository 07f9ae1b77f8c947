/** A manifests repository of `init` on a GitHub of its own, with the emulator as its cloud: what the story runs in. */
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { build } from "esbuild"
import { type Emulator, startEmulator } from "../../src/emulator/index.ts"
import { githubApi } from "./github-api.ts"
import { type Event, type Host, type JobRun, run } from "./runner.ts"
import { type Workflow, workflowsIn, writeNew } from "./written.ts"

const root = join(import.meta.dirname, "../..")

export const READ = { secretId: "AKIDcanaryreads", secretKey: "readingCanaryThatMustNotBeSeen01" } as const
export const APPLY = {
  secretId: "AKIDcanaryapplies",
  secretKey: "applyingCanaryThatMustNotBeSeen01",
} as const
const WRITES = ["ImportImage", "ModifyImageAttribute", "ModifyImageSharePermission", "DeleteImages"]

export interface Scene {
  readonly host: Host
  readonly emulator: Emulator
  readonly workflows: Readonly<Record<string, Workflow>>
  /** The work tree of somebody who changes manifests. */
  readonly tree: string
  git(...args: string[]): string
  /** Commits these files on a branch from main, and opens a pull request of it. */
  propose(branch: string, files: Readonly<Record<string, string>>): Proposal
  /** Merges it; returns the commit on main. */
  merge(pull: Proposal): string
  /** Runs a workflow for an event of the repository. */
  on(workflow: string, event: Partial<Event> & Pick<Event, "name">): Promise<Record<string, JobRun>>
  close(): Promise<void>
}

export interface Proposal {
  readonly number: number
  readonly branch: string
  /** The commit that the branch ends with. */
  readonly head: string
  readonly event: Pick<Event, "name" | "ref" | "sha" | "payload">
}

export async function scene(): Promise<Scene> {
  const place = mkdtempSync(join(tmpdir(), "cvmimg-pipeline-"))
  const emulator = await startEmulator({
    accounts: [
      {
        uin: "100000000001",
        keys: [
          { ...READ, denied: [...WRITES.map((w) => `cvm:${w}`), "tag:CreateTag", "tag:ModifyResourceTags"] },
          APPLY,
        ],
      },
    ],
    publicImages: false,
    behaviour: { visibilityDelayMs: 0, importMs: 200, importMsPerGiB: 0, failAfterMs: 50 },
  })
  const api = await githubApi()
  const bare = join(place, "images.git")
  const tree = join(place, "tree")
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: tree, encoding: "utf8" }).trim()

  execFileSync("git", ["init", "-q", "--bare", "-b", "main", bare])
  execFileSync("git", ["clone", "-q", bare, tree], { stdio: "ignore" })
  git("checkout", "-q", "-b", "main")
  git("config", "user.name", "somebody")
  git("config", "user.email", "somebody@example.com")
  writeNew(tree, ["--package", packed(place)])
  git("add", "-A")
  git("commit", "-q", "-m", "Begin")
  git("push", "-q", "origin", "main")

  const keys = (name: string, { secretId, secretKey }: { secretId: string; secretKey: string }) => ({
    [`CVMIMG_${name}_SECRET_ID`]: secretId,
    [`CVMIMG_${name}_SECRET_KEY`]: secretKey,
  })
  const { TENCENTCLOUD_SECRET_ID: _, TENCENTCLOUD_SECRET_KEY: __, ...cloud } = emulator.env
  const host: Host = {
    place,
    bare,
    api,
    secrets: keys("READ", READ),
    environments: { "cvmimg-apply": keys("APPLY", APPLY) },
    env: {
      ...cloud,
      CVMIMG_METADATA: "off",
      CVMIMG_CLIENT: await client(place),
      // What is installed are copies of folders, and nobody is asked for more.
      NPM_CONFIG_INSTALL_LINKS: "true",
      NPM_CONFIG_OFFLINE: "true",
      NPM_CONFIG_CACHE: join(place, "npm-cache"),
      NPM_CONFIG_UPDATE_NOTIFIER: "false",
    },
    caches: [],
    artifacts: new Map(),
  }
  let runs = 700
  const workflows = Object.fromEntries(
    Object.entries(workflowsIn(tree)).map(([name, { workflow }]) => [name, workflow]),
  )

  return {
    host,
    emulator,
    workflows,
    tree,
    git,
    propose(branch, files) {
      git("checkout", "-q", "-b", branch, "origin/main")
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(tree, path)), { recursive: true })
        writeFileSync(join(tree, path), text)
      }
      git("add", "-A")
      git("commit", "-q", "-m", `Change on ${branch}`)
      const head = git("rev-parse", "HEAD")
      const number = api.pulls.length + 1
      // GitHub makes the merge that the pull request would be.
      git("checkout", "-q", "--detach", "origin/main")
      git("merge", "-q", "--no-ff", "-m", "Merge", head)
      const sha = git("rev-parse", "HEAD")
      git("push", "-q", "origin", branch, `HEAD:refs/pull/${number}/merge`)
      api.pulls.push({ number, head: { sha: head }, merged_at: null, merge_commit_sha: null })
      const pull_request = {
        number,
        base: { ref: "main", repo: { full_name: "acme/images" } },
        head: { ref: branch, sha: head, repo: { full_name: "acme/images" } },
      }
      const payload = { number, pull_request, repository: { full_name: "acme/images" } }
      return {
        number,
        branch,
        head,
        event: { name: "pull_request", ref: `refs/pull/${number}/merge`, sha, payload },
      }
    },
    merge({ number, branch }) {
      git("checkout", "-q", "main")
      git("merge", "-q", "--no-ff", "-m", `Merge #${number}`, branch)
      git("push", "-q", "origin", "main")
      const sha = git("rev-parse", "HEAD")
      const pull = api.pulls.find((p) => p.number === number)
      Object.assign(pull ?? {}, { merged_at: "2026-11-24T12:00:00Z", merge_commit_sha: sha })
      return sha
    },
    on(name, event) {
      const workflow = workflows[name]
      if (workflow === undefined) throw new Error(`no workflow ${name}`)
      const ref = "refs/heads/main"
      return run(host, workflow, { ref, sha: git("rev-parse", "origin/main"), runId: runs++, ...event })
    },
    async close() {
      await emulator.close()
      await api.close()
      rmSync(place, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** The package as it is published, as a folder. */
export function packed(place: string): string {
  const folder = join(place, "package")
  const { name, version, type, bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  mkdirSync(folder)
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version, type, bin }))
  for (const path of ["dist/bin", "schemas", "templates"]) {
    cpSync(join(root, path), join(folder, path), { recursive: true })
  }
  return folder
}

/** The client of the comment, in one file: nothing has to be downloaded for it. */
async function client(place: string): Promise<string> {
  const folder = join(place, "client")
  await build({
    stdin: { contents: 'export * from "@octokit/rest"', resolveDir: root },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: join(folder, "index.js"),
    logLevel: "silent",
  })
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "@octokit/rest", version: "22.0.1", type: "module", exports: "./index.js" }),
  )
  return folder
}
