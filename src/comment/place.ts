/**
 * Which pull or merge request is meant: from the variables that GitHub Actions and GitLab CI set, each of which an
 * option may override. The token comes from the environment alone, and only its variable's name is ever told.
 */
import type { HostKind } from "./host.ts"

export interface PlaceChoices {
  readonly host?: string
  /** GitHub: `owner/name`. GitLab: id or path of the project. */
  readonly repo?: string
  readonly pr?: number
  readonly apiUrl?: string
  readonly commit?: string
  /** Name of the variable that holds the token. */
  readonly tokenEnv?: string
  /** Send the token over plain http to other machines too. */
  readonly allowHttp?: boolean
}

export interface Place {
  readonly host: HostKind
  /** Without a slash at its end. */
  readonly apiUrl: string
  readonly repo: string
  readonly number: number
  readonly token: string
  readonly commit?: string
  /** The job runs on GitHub Actions with the token of the job, whose account cannot be asked for everywhere. */
  readonly actions: boolean
}

export interface PlaceProblem {
  readonly problem: string
}

type Env = Readonly<Record<string, string | undefined>>

/** Undefined: neither an option nor the environment says. */
export function hostOf(env: Env, choices: PlaceChoices): HostKind | undefined | PlaceProblem {
  if (choices.host !== undefined) {
    if (choices.host === "github" || choices.host === "gitlab") return choices.host
    return { problem: "--host is github or gitlab" }
  }
  if (has(env.GITHUB_REPOSITORY)) return "github"
  return has(env.CI_PROJECT_ID) || has(env.CI_API_V4_URL) ? "gitlab" : undefined
}

/** The commit that is commented on, where somebody says. `event`: the document of GITHUB_EVENT_PATH, if any. */
export function commitOf(env: Env, event: unknown, choices: PlaceChoices): string | undefined {
  const candidates = [
    choices.commit,
    // GITHUB_SHA is a merge that nobody sees; the head is what was pushed.
    text(at(event, "pull_request", "head", "sha")),
    text(at(event, "workflow_run", "head_sha")),
    env.CI_MERGE_REQUEST_SOURCE_BRANCH_SHA,
    env.CI_COMMIT_SHA,
    env.GITHUB_SHA,
  ]
  return candidates.find((sha) => sha !== undefined && /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(sha))
}

/** The place, or what is missing or wrong, in words that hold no secret. */
export function placeOf(env: Env, event: unknown, choices: PlaceChoices): Place | PlaceProblem {
  const host = hostOf(env, choices)
  if (typeof host === "object") return host
  if (host === undefined) {
    return {
      problem:
        "where to comment is not known: neither GITHUB_REPOSITORY nor CI_PROJECT_ID is set; give --host, --repo and --pr, or --dry-run",
    }
  }
  const found = host === "github" ? githubPlace(env, event, choices) : gitlabPlace(env, choices)
  if ("problem" in found) return found
  const api = addressOf(found.apiUrl, choices.allowHttp === true)
  if (typeof api === "object") return api
  const commit = commitOf(env, event, choices)
  return {
    host,
    ...found,
    apiUrl: api,
    actions: host === "github" && env.GITHUB_ACTIONS === "true",
    ...(commit === undefined ? {} : { commit }),
  }
}

type Found = Pick<Place, "apiUrl" | "repo" | "number" | "token">

function githubPlace(env: Env, event: unknown, choices: PlaceChoices): Found | PlaceProblem {
  const repo = choices.repo ?? env.GITHUB_REPOSITORY ?? ""
  if (!/^[\w.-]+\/[\w.-]+$/.test(repo)) return { problem: "--repo (or GITHUB_REPOSITORY) is owner/name" }
  const number = choices.pr ?? eventNumber(event) ?? refNumber(env.GITHUB_REF)
  if (number === undefined) {
    return {
      problem:
        "the pull request is not known: the event of GITHUB_EVENT_PATH is not about one; give --pr NUMBER",
    }
  }
  const token = tokenOf(env, choices, ["GITHUB_TOKEN", "GH_TOKEN"])
  if (typeof token === "object") return token
  const apiUrl = choices.apiUrl ?? (has(env.GITHUB_API_URL) ? env.GITHUB_API_URL : "https://api.github.com")
  return { apiUrl, repo, number, token }
}

function gitlabPlace(env: Env, choices: PlaceChoices): Found | PlaceProblem {
  // In a pipeline of a fork CI_PROJECT_ID is the fork; the merge request is of its target.
  const repo = choices.repo ?? env.CI_MERGE_REQUEST_PROJECT_ID ?? env.CI_PROJECT_ID ?? ""
  if (!/^[\w.-]+(?:\/[\w.-]+)*$/.test(repo)) {
    return { problem: "--repo (or CI_PROJECT_ID) is the id or the path of a project" }
  }
  const number = choices.pr ?? positive(env.CI_MERGE_REQUEST_IID)
  if (number === undefined) {
    return {
      problem:
        "the merge request is not known: CI_MERGE_REQUEST_IID is set in merge request pipelines only; give --pr NUMBER",
    }
  }
  const token = tokenOf(env, choices, ["GITLAB_TOKEN"])
  if (typeof token === "object") return token
  const apiUrl = choices.apiUrl ?? (has(env.CI_API_V4_URL) ? env.CI_API_V4_URL : "https://gitlab.com/api/v4")
  if (!/\/api\/v4\/?$/.test(apiUrl)) return { problem: "--api-url of GitLab ends with /api/v4" }
  return { apiUrl, repo, number, token }
}

function tokenOf(env: Env, choices: PlaceChoices, usual: readonly string[]): string | PlaceProblem {
  const names = choices.tokenEnv === undefined ? usual : [choices.tokenEnv]
  const token = names.map((name) => env[name]?.trim()).find(has)
  if (token !== undefined) {
    // It goes into a header as it is.
    return /^[!-~]+$/.test(token) ? token : { problem: `${names[0]} holds what is no token` }
  }
  const job = has(env.CI_JOB_TOKEN) ? "; CI_JOB_TOKEN cannot write comments, use a project access token" : ""
  return { problem: `no token: ${names.join(" or ")} is not set${job}` }
}

function addressOf(address: string, allowHttp: boolean): string | PlaceProblem {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    return { problem: "--api-url (or the variable of the CI) is no https:// address" }
  }
  if (url.protocol === "http:" && !allowHttp && !isLoopback(url.hostname)) {
    return {
      problem: `the API at ${url.host} is plain http, where everybody on the way can read the token; use https, or --allow-http`,
    }
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

function eventNumber(event: unknown): number | undefined {
  const run = at(event, "workflow_run", "pull_requests")
  const candidates = [
    at(event, "pull_request", "number"),
    at(event, "issue", "pull_request") === undefined ? undefined : at(event, "issue", "number"),
    Array.isArray(run) && run.length === 1 ? at(run[0], "number") : undefined,
  ]
  return candidates.find((n): n is number => Number.isSafeInteger(n) && (n as number) > 0)
}

function refNumber(ref: string | undefined): number | undefined {
  return positive(/^refs\/pull\/(\d+)\//.exec(ref ?? "")?.[1])
}

function positive(digits: string | undefined): number | undefined {
  return /^[1-9]\d{0,14}$/.test(digits ?? "") ? Number(digits) : undefined
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value
  for (const key of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, key)) return undefined
    here = (here as Record<string, unknown>)[key]
  }
  return here
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined
}

function has(value: string | undefined): value is string {
  return value !== undefined && value !== ""
}
