/** Plans as files, and runs of the binary that must not print a token. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect } from "vitest"
import type { Action, Plan } from "../../src/model/plan.ts"
import { planFingerprint } from "../../src/plan/fingerprint.ts"
import { sealApprovalSet } from "../../src/plan/index.ts"
import { cvmimg, type Ended, folder } from "../cli/binary.ts"
import { aPlan } from "../report/build.ts"
import { GITHUB_TOKEN, type Github, github } from "./github-server.ts"
import { GITLAB_TOKEN, type Gitlab, gitlab } from "./gitlab-server.ts"

export const SHA_1: string = "1".repeat(40)
export const SHA_2: string = "2".repeat(40)

/** The text of an approval set of the plan. */
export function setOf(plan: Plan, createdAt = "2026-11-24T10:00:00.000Z"): string {
  return JSON.stringify(
    sealApprovalSet({
      formatVersion: 1,
      kind: "ApprovalSet",
      plan,
      choices: {
        images: [],
        regions: [],
        accounts: [],
        labels: [],
        prune: { orphans: false, retention: false },
        retryFailed: false,
        allow: {},
      },
      rehearsed: {},
      information: { tool: "cvmimg 0.1.0", createdAt, manifests: "0".repeat(64), accounts: {} },
    }),
  )
}

/** A plan of these actions, with the fingerprint that they have. */
export function planOf(actions: readonly Action[], over: Partial<Plan> = {}): Plan {
  const plan = { ...aPlan([...actions]), ...over }
  return { ...plan, fingerprint: planFingerprint(plan.stackId, plan.actions) }
}

export interface Scene {
  readonly cwd: string
  readonly env: Record<string, string>
  /** Writes a plan as plan.json, and what the runner says of the commit. */
  plan(plan: Plan, commit?: string, createdAt?: string): void
  /** `comment --plan plan.json` and more. */
  run(...args: readonly string[]): Promise<Ended>
}

function sceneOf(
  env: Record<string, string>,
  tell: (commit: string) => void,
  cwd: string,
  token: string,
): Scene {
  return {
    cwd,
    env,
    plan(plan, commit = SHA_1, createdAt) {
      writeFileSync(join(cwd, "plan.json"), setOf(plan, createdAt))
      tell(commit)
    },
    async run(...args) {
      const end = await cvmimg(["comment", "--plan", "plan.json", ...args], { cwd, env })
      for (const text of [end.stdout, end.stderr]) expect(text).not.toContain(token)
      return end
    },
  }
}

/** A job of GitHub Actions for pull request 7 of o/golden. */
export async function onGithub(base = ""): Promise<Scene & { readonly host: Github }> {
  const host = await github(base)
  const cwd = folder()
  const env = {
    GITHUB_ACTIONS: "true",
    GITHUB_REPOSITORY: "o/golden",
    GITHUB_API_URL: `${host.origin}${base}`,
    GITHUB_EVENT_PATH: join(cwd, "event.json"),
    GITHUB_SHA: "f".repeat(40),
    GITHUB_TOKEN,
  }
  const tell = (sha: string): void =>
    writeFileSync(join(cwd, "event.json"), JSON.stringify({ pull_request: { number: 7, head: { sha } } }))
  return { ...sceneOf(env, tell, cwd, GITHUB_TOKEN), host }
}

/** A job of a merge request pipeline for !5 of project 42. */
export async function onGitlab(): Promise<Scene & { readonly host: Gitlab }> {
  const host = await gitlab()
  const env: Record<string, string> = {
    GITLAB_CI: "true",
    CI_PROJECT_ID: "41",
    CI_MERGE_REQUEST_PROJECT_ID: "42",
    CI_MERGE_REQUEST_IID: "5",
    CI_API_V4_URL: `${host.origin}/gitlab/api/v4`,
    CI_JOB_TOKEN: "glcbt-job",
    GITLAB_TOKEN,
  }
  const tell = (sha: string): void => {
    env.CI_COMMIT_SHA = sha
  }
  return { ...sceneOf(env, tell, folder(), GITLAB_TOKEN), host }
}
