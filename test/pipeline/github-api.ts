/**
 * As much of GitHub's API as the pipelines ask: pull requests of a commit, artifacts, comments, issues. Strict: a token
 * for each job, with the rights that the job has and no others.
 */
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"

export const REPOSITORY = "acme/images"
export const BOT = "github-actions[bot]"

export interface Pull {
  readonly number: number
  readonly head: { readonly sha: string }
  merged_at: string | null
  merge_commit_sha: string | null
}

export interface Artifact {
  readonly id: number
  readonly name: string
  readonly expired: boolean
  readonly workflow_run: {
    readonly id: number
    readonly head_sha: string
    readonly repository_id: number
    readonly head_repository_id: number
  }
}

export interface Comment {
  readonly id: number
  readonly issue: number
  readonly login: string
  body: string
}

export interface Issue {
  readonly number: number
  title: string
  body: string
  state: "open" | "closed"
  readonly labels: string[]
}

export interface GithubApi {
  readonly url: string
  readonly pulls: Pull[]
  readonly artifacts: Artifact[]
  readonly comments: Comment[]
  readonly issues: Issue[]
  /** Everything that was asked for and not granted. */
  readonly refused: string[]
  /** A token with these rights, as a job gets one. */
  tokenFor(permissions: Readonly<Record<string, string>>): string
  close(): Promise<void>
}

export async function githubApi(): Promise<GithubApi> {
  const pulls: Pull[] = []
  const artifacts: Artifact[] = []
  const comments: Comment[] = []
  const issues: Issue[] = []
  const refused: string[] = []
  const tokens = new Map<string, Readonly<Record<string, string>>>()
  let next = 100

  const answer = async (request: IncomingMessage): Promise<{ status: number; body: unknown }> => {
    const url = new URL(request.url ?? "/", "http://localhost")
    const rights = tokens.get((request.headers.authorization ?? "").replace(/^(token|bearer) /i, ""))
    if (rights === undefined) return { status: 401, body: { message: "Bad credentials" } }
    const text = (await buffer(request)).toString("utf8")
    const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>
    const may = (area: string, level: "read" | "write"): boolean =>
      rights[area] === "write" || rights[area] === level
    const route = `${request.method} ${url.pathname}`.replace(`/repos/${REPOSITORY}`, "")
    const found = routes({ route, url, body, may })
    if (found !== undefined) return found
    refused.push(route)
    return { status: 403, body: { message: "Resource not accessible by integration" } }
  }

  interface Asked {
    readonly route: string
    readonly url: URL
    readonly body: Record<string, unknown>
    may(area: string, level: "read" | "write"): boolean
  }

  const routes = ({ route, url, body, may }: Asked): { status: number; body: unknown } | undefined => {
    const [, number = ""] = /\/(?:issues|comments)\/(\d+)/.exec(route) ?? []
    if (/^GET \/commits\/[0-9a-f]{40}\/pulls$/.test(route) && may("pull-requests", "read")) {
      const sha = route.split("/")[2]
      return { status: 200, body: pulls.filter((p) => p.merge_commit_sha === sha || p.head.sha === sha) }
    }
    if (route === "GET /actions/artifacts" && may("actions", "read")) {
      const those = artifacts.filter(({ name }) => name === url.searchParams.get("name"))
      return { status: 200, body: { total_count: those.length, artifacts: those.toReversed() } }
    }
    if (/^GET \/issues\/\d+\/comments$/.test(route) && may("pull-requests", "read")) {
      return { status: 200, body: comments.filter((c) => c.issue === Number(number)).map(shownComment) }
    }
    if (
      /^POST \/issues\/\d+\/comments$/.test(route) &&
      (may("pull-requests", "write") || may("issues", "write"))
    ) {
      const comment = { id: next++, issue: Number(number), login: BOT, body: String(body.body) }
      comments.push(comment)
      return { status: 201, body: shownComment(comment) }
    }
    if (/^PATCH \/issues\/comments\/\d+$/.test(route) && may("pull-requests", "write")) {
      const comment = comments.find(({ id }) => id === Number(/\d+$/.exec(route)?.[0]))
      if (comment === undefined) return { status: 404, body: { message: "Not Found" } }
      comment.body = String(body.body)
      return { status: 200, body: shownComment(comment) }
    }
    if (route === "POST /graphql") {
      const { ids = [] } = (body.variables ?? {}) as { ids?: string[] }
      const nodes = ids.map((id) => ({
        id,
        viewerDidAuthor: comments.some((c) => `IC_${c.id}` === id && c.login === BOT),
      }))
      return { status: 200, body: { data: { nodes } } }
    }
    if (route === "GET /issues" && may("issues", "read")) {
      const label = url.searchParams.get("labels") ?? ""
      const open = issues.filter((i) => i.state === url.searchParams.get("state") && i.labels.includes(label))
      return { status: 200, body: open.map(shownIssue) }
    }
    if (route === "POST /issues" && may("issues", "write")) {
      const { title, body: text, labels } = body as unknown as Issue
      const issue: Issue = { number: issues.length + 50, title, body: text, state: "open", labels }
      issues.push(issue)
      return { status: 201, body: shownIssue(issue) }
    }
    if (/^PATCH \/issues\/\d+$/.test(route) && may("issues", "write")) {
      const issue = issues.find((i) => i.number === Number(number))
      if (issue === undefined) return { status: 404, body: { message: "Not Found" } }
      for (const key of ["title", "body", "state"] as const) {
        if (typeof body[key] === "string") Object.assign(issue, { [key]: body[key] })
      }
      return { status: 200, body: shownIssue(issue) }
    }
    return undefined
  }

  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json; charset=utf-8" })
      response.end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    pulls,
    artifacts,
    comments,
    issues,
    refused,
    tokenFor: (permissions) => {
      const token = `ghs_canaryOfAJob${String(next++).padStart(8, "0")}`
      tokens.set(token, permissions)
      return token
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function shownComment({ id, issue, login, body }: Comment): object {
  return {
    id,
    node_id: `IC_${id}`,
    body,
    html_url: `https://github.example/${REPOSITORY}/pull/${issue}#issuecomment-${id}`,
    user: { login, id: 41_898_282, type: "Bot" },
  }
}

function shownIssue({ number, title, body, state, labels }: Issue): object {
  return {
    number,
    title,
    body,
    state,
    labels: labels.map((name) => ({ name })),
    html_url: `https://github.example/${REPOSITORY}/issues/${number}`,
  }
}
