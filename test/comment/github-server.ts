/**
 * As much of GitHub's REST and GraphQL API as a comment needs, strict: the token, the headers, every path and parameter,
 * pages of 30 unless asked for more and never of more than 100, the limit of a body, rights, a hidden repository.
 */
import { type Answer, type Asked, type HostServer, hostServer, links } from "./host-server.ts"

export interface GithubComment {
  readonly id: number
  readonly login: string
  body: string
  minimized?: string
}

export interface Github extends HostServer {
  readonly comments: GithubComment[]
  readonly repoLabels: Map<string, { color: string; description: string }>
  readonly labels: Set<string>
  add(login: string, body: string): GithubComment
  /** Changed by tests: what this token may do. */
  rights: { write: boolean; graphql: boolean; user: boolean; minimize: boolean; createLabels: boolean }
}

export const ME = "image-bot"
export const GITHUB_TOKEN = "ghs_CANARYcanaryCANARYcanary0123456789ab"

/** `base`: `/api/v3` for an Enterprise server. */
export async function github(base = ""): Promise<Github> {
  let next = 1_000
  const comments: GithubComment[] = []
  const repoLabels: Github["repoLabels"] = new Map()
  const labels = new Set<string>()
  const rights = { write: true, graphql: true, user: true, minimize: true, createLabels: true }
  const nodeId = ({ id }: GithubComment): string => `IC_${id}`
  const shown = (c: GithubComment) => ({
    id: c.id,
    node_id: nodeId(c),
    body: c.body,
    html_url: `https://github.example/o/golden/pull/7#issuecomment-${c.id}`,
    user: { login: c.login, id: c.login.length * 1_000, type: c.login.endsWith("[bot]") ? "Bot" : "User" },
  })
  const refuse = (status: number, message: string): Answer => ({
    status,
    body: { message, documentation_url: "https://docs.example", status: String(status) },
  })
  const add = (login: string, body: string): GithubComment => {
    const comment = { id: next++, login, body }
    comments.push(comment)
    return comment
  }
  const bodyOf = (asked: Asked): string | Answer => {
    const { body, ...rest } = JSON.parse(asked.body) as { body?: unknown }
    if (typeof body !== "string" || Object.keys(rest).length > 0) return refuse(422, "Invalid request.")
    if (body === "") return refuse(422, "Validation Failed")
    if (body.length <= 65_536) return body
    return {
      status: 422,
      body: { message: "Validation Failed", errors: ["body is too long (maximum is 65536 characters)"] },
    }
  }
  const readonly = (): Answer | undefined =>
    rights.write ? undefined : refuse(403, "Resource not accessible by integration")

  const rest = (asked: Asked, path: string): Answer => {
    const { method, url } = asked
    const route = `${method} ${path}`
    if (route === "GET /user") {
      return rights.user
        ? { status: 200, body: { login: ME, id: ME.length * 1_000 } }
        : refuse(403, "Resource not accessible by integration")
    }
    if (!path.startsWith("/repos/o/golden/")) return refuse(404, "Not Found")
    const tail = `${method} ${path.slice("/repos/o/golden".length)}`
    if (tail === "GET /issues/7/comments") {
      const size = Math.min(100, Number(url.searchParams.get("per_page") ?? 30))
      const page = Number(url.searchParams.get("page") ?? 1)
      const pages = Math.max(1, Math.ceil(comments.length / size))
      const link = pages > 1 ? { link: links(url, server.origin, page, pages) } : {}
      return {
        status: 200,
        body: comments.slice((page - 1) * size, page * size).map(shown),
        headers: link as Record<string, string>,
      }
    }
    if (tail === "POST /issues/7/comments") {
      const body = readonly() ?? bodyOf(asked)
      return typeof body === "string" ? { status: 201, body: shown(add(ME, body)) } : body
    }
    const edited = /^PATCH \/issues\/comments\/(\d+)$/.exec(tail)
    if (edited !== null) {
      const comment = comments.find(({ id }) => id === Number(edited[1]))
      if (comment === undefined) return refuse(404, "Not Found")
      const body = readonly() ?? bodyOf(asked)
      if (typeof body !== "string") return body
      comment.body = body
      return { status: 200, body: shown(comment) }
    }
    if (tail === "GET /issues/7/labels") return { status: 200, body: [...labels].map((name) => ({ name })) }
    if (tail === "POST /issues/7/labels") {
      const no = readonly()
      if (no !== undefined) return no
      for (const name of (JSON.parse(asked.body) as { labels: string[] }).labels) {
        if (!repoLabels.has(name)) repoLabels.set(name, { color: "ededed", description: "" })
        labels.add(name)
      }
      return { status: 200, body: [...labels].map((name) => ({ name })) }
    }
    const taken = /^DELETE \/issues\/7\/labels\/(.+)$/.exec(tail)
    if (taken !== null) {
      if (!labels.delete(decodeURIComponent(taken[1] ?? ""))) return refuse(404, "Label does not exist")
      return { status: 200, body: [...labels].map((name) => ({ name })) }
    }
    const looked = /^GET \/labels\/(.+)$/.exec(tail)
    if (looked !== null) {
      const name = decodeURIComponent(looked[1] ?? "")
      return repoLabels.has(name) ? { status: 200, body: { name } } : refuse(404, "Not Found")
    }
    if (tail === "POST /labels") {
      if (!rights.createLabels) return refuse(403, "Resource not accessible by integration")
      const { name, color, description } = JSON.parse(asked.body) as Record<string, string>
      if (!/^[0-9a-f]{6}$/.test(color ?? "") || (description ?? "").length > 100)
        return refuse(422, "Invalid")
      repoLabels.set(name ?? "", { color: color ?? "", description: description ?? "" })
      return { status: 201, body: { name } }
    }
    return refuse(404, "Not Found")
  }

  const graphql = (asked: Asked): Answer => {
    if (!rights.graphql) return refuse(403, "Resource not accessible by integration")
    const { query, variables } = JSON.parse(asked.body) as {
      query: string
      variables: { ids?: string[]; id?: string }
    }
    if (query.startsWith("query ($ids: [ID!]!)")) {
      const { ids = [] } = variables
      if (ids.length > 100) return { status: 200, body: { errors: [{ message: "too many ids" }] } }
      const nodes = ids.map((id) => {
        const found = comments.find((c) => nodeId(c) === id)
        return found === undefined ? null : { id, viewerDidAuthor: found.login === ME }
      })
      return { status: 200, body: { data: { nodes } } }
    }
    const found = comments.find((c) => nodeId(c) === variables.id)
    if (!query.includes("minimizeComment") || found === undefined || !rights.minimize) {
      return { status: 200, body: { data: null, errors: [{ type: "FORBIDDEN", message: "may not" }] } }
    }
    found.minimized = "OUTDATED"
    return { status: 200, body: { data: { minimizeComment: { minimizedComment: { isMinimized: true } } } } }
  }

  const server = await hostServer((asked) => {
    const { method, url, headers } = asked
    if (headers.authorization !== `token ${GITHUB_TOKEN}`) return refuse(401, "Bad credentials")
    if (headers["user-agent"]?.startsWith("cvmimg") !== true) return refuse(403, "A user agent is needed")
    if (asked.body !== "" && headers["content-type"]?.startsWith("application/json") !== true) {
      return refuse(400, "Problems parsing JSON")
    }
    if (method === "POST" && url.pathname === (base === "" ? "/graphql" : "/api/graphql"))
      return graphql(asked)
    if (!url.pathname.startsWith(`${base}/`)) return refuse(404, "Not Found")
    return rest(asked, url.pathname.slice(base.length))
  })
  return { ...server, comments, repoLabels, labels, add, rights }
}
