/** Issues of GitHub and GitLab, as far as one sticky issue needs them. The token is sent and never shown. */
import { UsageError } from "./exit.ts"

export interface Issue {
  readonly title: string
  readonly body: string
}

export interface OpenIssue extends Issue {
  readonly number: number
  readonly url: string
}

/** A host's issues with the label of drift. Every call rejects with HostError. */
export interface IssueHost {
  /** Most characters of a body. */
  readonly limit: number
  open(): Promise<OpenIssue[]>
  create(issue: Issue): Promise<OpenIssue>
  update(number: number, issue: Issue): Promise<void>
  /** `why` is said in a comment first. */
  close(number: number, why: string): Promise<void>
}

/** The host did not do it. The message says what to look at. */
export class HostError extends Error {}

export const LABEL = "cvmimg-drift"

const TIMEOUT_MS = 20_000
const ATTEMPTS = 3
const PAGE = 100
/** Pages of issues with our label; nobody has that many open. */
const MOST_PAGES = 20

/** The host whose pipeline this is. Throws UsageError outside of one, or without a token. */
export function hostOf(env: NodeJS.ProcessEnv): IssueHost {
  const { GITHUB_REPOSITORY, GITHUB_API_URL, CI_PROJECT_ID, CI_API_V4_URL } = env
  if (GITHUB_REPOSITORY) {
    const api = GITHUB_API_URL || "https://api.github.com"
    return github(
      `${api}/repos/${GITHUB_REPOSITORY}`,
      tokenOf(env, "GITHUB_TOKEN", "permissions: issues: write"),
    )
  }
  if (CI_PROJECT_ID && CI_API_V4_URL) {
    const token = tokenOf(env, "GITLAB_TOKEN", "the scope api and the role Reporter")
    return gitlab(`${CI_API_V4_URL}/projects/${encodeURIComponent(CI_PROJECT_ID)}`, token)
  }
  throw new UsageError(
    "this is no pipeline of GitHub or GitLab: set GITHUB_REPOSITORY, or CI_PROJECT_ID and CI_API_V4_URL",
  )
}

function tokenOf(env: NodeJS.ProcessEnv, name: string, rights: string): string {
  const token = env[name]
  if (token) return token
  throw new UsageError(`${name} is not set: give this step a token with ${rights}`)
}

function github(base: string, token: string): IssueHost {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
  }
  const call = caller(base, headers, "GitHub", "issues: write in the job's permissions")
  return {
    limit: 65_536,
    async open() {
      const query = `labels=${LABEL}&state=open&sort=created&direction=asc&per_page=${PAGE}`
      const rows = await pages<GithubIssue>((page) => call("GET", `issues?${query}&page=${page}`))
      return rows.filter((row) => row.pull_request === undefined).map(fromGithub)
    },
    async create(issue) {
      return fromGithub((await call("POST", "issues", { ...issue, labels: [LABEL] })) as GithubIssue)
    },
    async update(number, issue) {
      await call("PATCH", `issues/${number}`, issue)
    },
    async close(number, why) {
      await call("POST", `issues/${number}/comments`, { body: why })
      await call("PATCH", `issues/${number}`, { state: "closed", state_reason: "completed" })
    },
  }
}

interface GithubIssue {
  readonly number: number
  readonly title: string
  readonly body?: string | null
  readonly html_url: string
  readonly pull_request?: object
}

function fromGithub({ number, title, body, html_url: url }: GithubIssue): OpenIssue {
  return { number, title, body: body ?? "", url }
}

function gitlab(base: string, token: string): IssueHost {
  const call = caller(base, { "private-token": token }, "GitLab", "its scope api and the role Reporter")
  const shape = ({ title, body: description }: Issue): object => ({ title, description })
  return {
    limit: 1_000_000,
    async open() {
      const query = `labels=${LABEL}&state=opened&order_by=created_at&sort=asc&per_page=${PAGE}`
      return (await pages<GitlabIssue>((page) => call("GET", `issues?${query}&page=${page}`))).map(fromGitlab)
    },
    async create(issue) {
      return fromGitlab((await call("POST", "issues", { ...shape(issue), labels: LABEL })) as GitlabIssue)
    },
    async update(number, issue) {
      await call("PUT", `issues/${number}`, shape(issue))
    },
    async close(number, why) {
      await call("POST", `issues/${number}/notes`, { body: why })
      await call("PUT", `issues/${number}`, { state_event: "close" })
    },
  }
}

interface GitlabIssue {
  readonly iid: number
  readonly title: string
  readonly description?: string | null
  readonly web_url: string
}

function fromGitlab({ iid, title, description, web_url: url }: GitlabIssue): OpenIssue {
  return { number: iid, title, body: description ?? "", url }
}

async function pages<T>(get: (page: number) => Promise<unknown>): Promise<T[]> {
  const all: T[] = []
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const rows = await get(page)
    if (!Array.isArray(rows))
      throw new HostError("the answer is no list of issues: is the API's address right?")
    all.push(...(rows as T[]))
    if (rows.length < PAGE) break
  }
  return all
}

type Call = (method: string, path: string, body?: object) => Promise<unknown>

function caller(base: string, headers: Record<string, string>, host: string, rights: string): Call {
  return async (method, path, body) => {
    for (let attempt = 1; ; attempt += 1) {
      const reply = await sent(method, `${base}/${path}`, headers, body).catch(() => undefined)
      if (reply?.ok === true) return reply.json()
      // A POST that was lost may have been carried out: the next run sees whether it was.
      const again = method !== "POST" && (reply === undefined || reply.status === 429 || reply.status >= 500)
      if (!again || attempt >= ATTEMPTS)
        throw new HostError(problem(host, rights, method, path, reply?.status))
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** (attempt - 1)))
    }
  }
}

function sent(
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: object,
): Promise<Response> {
  return fetch(url, {
    method,
    headers: { ...headers, "content-type": "application/json", "user-agent": "cvmimg" },
    // The token goes to nobody else.
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

function problem(host: string, rights: string, method: string, path: string, status?: number): string {
  const what = `${method} ${path.replace(/\?.*/, "")}`
  if (status === undefined) return `${host} did not answer to ${what}: can this machine reach its API?`
  const advice =
    status === 401 || status === 403
      ? `the token may not do that; it needs ${rights}`
      : status === 404 || status === 410
        ? "the token does not see the project, or its issues are switched off"
        : "try again later"
  return `${host} answered ${status} to ${what}: ${advice}`
}
