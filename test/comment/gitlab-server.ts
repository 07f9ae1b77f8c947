/**
 * As much of GitLab's API as a comment needs, strict: the token, every path and parameter, pages of 20 unless asked for
 * more and never of more than 100, the limit of a note, rights, a hidden project.
 */
import { type Answer, type Asked, type HostServer, hostServer, links } from "./host-server.ts"

export interface Note {
  readonly id: number
  readonly author: number
  body: string
  readonly system?: boolean
}

export interface Gitlab extends HostServer {
  readonly notes: Note[]
  readonly labels: Set<string>
  add(author: number, body: string, system?: boolean): Note
  rights: { write: boolean; limit: number }
}

export const MY_ID = 77
export const GITLAB_TOKEN = "glpat-CANARYcanaryCANARY0123"

/** The project is 42, also `golden/images`; the merge request !5. Installed below `/gitlab`. */
export async function gitlab(): Promise<Gitlab> {
  let next = 500
  const notes: Note[] = []
  const labels = new Set<string>()
  const rights = { write: true, limit: 1_000_000 }
  const shown = ({ id, author, body, system = false }: Note) => ({
    id,
    body,
    system,
    author: { id: author, username: `user-${author}` },
    noteable_iid: 5,
  })
  const refuse = (status: number, message: unknown): Answer => ({ status, body: { message } })
  const add = (author: number, body: string, system = false): Note => {
    const note = { id: next++, author, body, system }
    notes.push(note)
    return note
  }
  const request = () => ({
    iid: 5,
    web_url: "https://gitlab.example/golden/images/-/merge_requests/5",
    labels: [...labels],
  })
  const written = (asked: Asked, then: (body: string) => Note, status: number): Answer => {
    if (!rights.write) return refuse(403, "403 Forbidden")
    const { body, ...rest } = JSON.parse(asked.body) as { body?: unknown }
    if (typeof body !== "string" || Object.keys(rest).length > 0)
      return { status: 400, body: { error: "body is missing" } }
    if (body.length > rights.limit) {
      return refuse(400, { note: [`is too long (maximum is ${rights.limit} characters)`] })
    }
    return { status, body: shown(then(body)) }
  }
  const server = await hostServer((asked) => {
    const { method, url, headers } = asked
    if (headers["private-token"] !== GITLAB_TOKEN) return refuse(401, "401 Unauthorized")
    if (asked.body !== "" && headers["content-type"] !== "application/json") return refuse(415, "no JSON")
    const path = /^\/gitlab\/api\/v4(\/.*)$/.exec(url.pathname)?.[1]
    if (path === undefined) return { status: 404, body: "<h1>404</h1>" }
    if (`${method} ${path}` === "GET /user") return { status: 200, body: { id: MY_ID, username: "images" } }
    const project = /^\/projects\/(42|golden%2Fimages)\/merge_requests\/5(\/.*)?$/.exec(path)
    if (project === null) return refuse(404, "404 Project Not Found")
    const route = `${method} ${project[2] ?? ""}`
    if (route === "GET ") return { status: 200, body: request() }
    if (route === "PUT ") {
      if (!rights.write) return refuse(403, "403 Forbidden")
      const {
        add_labels = "",
        remove_labels = "",
        ...rest
      } = JSON.parse(asked.body) as Record<string, string>
      if (Object.keys(rest).length > 0) return refuse(400, `unknown: ${Object.keys(rest)}`)
      for (const name of add_labels.split(",").filter((n) => n !== "")) labels.add(name)
      for (const name of remove_labels.split(",")) labels.delete(name)
      return { status: 200, body: request() }
    }
    if (route === "GET /notes") {
      const size = Math.min(100, Number(url.searchParams.get("per_page") ?? 20))
      const page = Number(url.searchParams.get("page") ?? 1)
      const sorted = url.searchParams.get("sort") === "asc" ? notes : notes.toReversed()
      if (url.searchParams.get("order_by") !== "created_at") return refuse(400, "order_by")
      const pages = Math.max(1, Math.ceil(notes.length / size))
      return {
        status: 200,
        body: sorted.slice((page - 1) * size, page * size).map(shown),
        headers: {
          link: links(url, server.origin, page, pages),
          "x-page": String(page),
          "x-per-page": String(size),
          "x-next-page": page < pages ? String(page + 1) : "",
          "x-total": String(notes.length),
          "x-total-pages": String(pages),
        },
      }
    }
    if (route === "POST /notes") return written(asked, (body) => add(MY_ID, body), 201)
    const edited = /^PUT \/notes\/(\d+)$/.exec(route)
    const note = notes.find(({ id }) => id === Number(edited?.[1]))
    if (note === undefined) return refuse(404, "404 Note Not Found")
    return written(
      asked,
      (body) => {
        note.body = body
        return note
      },
      200,
    )
  })
  return { ...server, notes, labels, add, rights }
}
