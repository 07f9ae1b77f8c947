/** GitLab, also self-hosted, through @gitbeaker/rest, which is loaded here and only when it is asked for. */
import { errorOf, hostError, replyError } from "./failure.ts"
import type { Host, HostComment } from "./host.ts"
import type { Place } from "./place.ts"
import type { HttpReply, Send } from "./send.ts"

type Gitbeaker = typeof import("@gitbeaker/rest")

export async function openGitlab(place: Place, send: Send): Promise<Host> {
  const gitbeaker = await load()
  const settings = {
    host: place.apiUrl.replace(/\/api\/v4$/, ""),
    token: place.token,
    // The client's own requester knows no proxy, repeats 429 within milliseconds, and follows redirects.
    requesterFn: (resource: Resource) => requesterOf(resource, send),
  }
  const notes = new gitbeaker.MergeRequestNotes(settings)
  const requests = new gitbeaker.MergeRequests(settings)
  const users = new gitbeaker.Users(settings)
  const { repo, number } = place
  const page = `${settings.host}/${encodeURI(repo)}/-/merge_requests/${number}`
  let webUrl: string | undefined
  const seen = ({ id, body }: { id: number; body: string }): HostComment => ({
    id: String(id),
    body,
    url: `${webUrl ?? page}#note_${id}`,
  })
  let me: Promise<number> | undefined
  return {
    async own(prefix) {
      webUrl ??= String((await requests.show(repo, number)).web_url)
      const all = await notes.all(repo, number, { perPage: 100, sort: "asc", orderBy: "created_at" })
      const marked = all.filter(({ body, system }) => !system && body.startsWith(prefix))
      if (marked.length === 0) return []
      me ??= users.showCurrentUser().then(({ id }) => id)
      const own = await me
      return marked
        .filter(({ author }) => author.id === own)
        .sort((a, b) => a.id - b.id)
        .map(seen)
    },
    create: async (body) => seen(await notes.create(repo, number, body)),
    edit: async (id, body) => seen(await notes.edit(repo, number, Number(id), { body })),
    // A note has no state of its own: its text says that it is superseded.
    fold: async () => {},
    labels: async () => ((await requests.show(repo, number)).labels ?? []).map(String),
    async changeLabels(add, remove) {
      if (add.length + remove.length === 0) return
      // GitLab makes labels that are not there.
      await requests.edit(repo, number, { addLabels: add.join(","), removeLabels: remove.join(",") })
    },
  }
}

async function load(): Promise<Gitbeaker> {
  try {
    return await import("@gitbeaker/rest")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error
    throw hostError("gitlab", "comment_client_missing", undefined)
  }
}

/** What the client tells of a resource. */
interface Resource {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly authHeaders: Readonly<Record<string, () => Promise<string>>>
}

interface Asked {
  readonly body?: FormData | Record<string, unknown>
  readonly searchParams?: Record<string, unknown>
}

interface Answered<T> {
  readonly body: T
  readonly headers: Record<string, string>
  readonly status: number
}

/** As much of the client's requester as is used here. Rejects with a HostError. */
function requesterOf({ url, headers, authHeaders }: Resource, send: Send) {
  const requestBy =
    (method: string) =>
    async <T>(endpoint: string, { body, searchParams }: Asked = {}): Promise<Answered<T>> => {
      const target = new URL(`${url.replace(/\/*$/, "")}/${endpoint}`)
      for (const [key, value] of Object.entries(searchParams ?? {})) {
        if (value !== undefined) target.searchParams.set(snake(key), String(value))
      }
      const all: Record<string, string> = { ...headers, "user-agent": "cvmimg", accept: "application/json" }
      for (const [name, value] of Object.entries(authHeaders)) all[name] = await value()
      const text = body === undefined || body instanceof FormData ? undefined : JSON.stringify(snakes(body))
      if (text !== undefined) all["content-type"] = "application/json"
      let reply: HttpReply
      try {
        reply = await send({
          method,
          url: target.href,
          headers: all,
          ...(text === undefined ? {} : { body: text }),
        })
      } catch (error) {
        throw errorOf("gitlab", error)
      }
      if (reply.status >= 300) throw replyError("gitlab", reply)
      return { body: parsed<T>(reply), headers: { ...reply.headers }, status: reply.status }
    }
  return {
    get: requestBy("GET"),
    post: requestBy("POST"),
    put: requestBy("PUT"),
    patch: requestBy("PATCH"),
    delete: requestBy("DELETE"),
  }
}

function parsed<T>({ status, body }: HttpReply): T {
  if (status === 204) return null as T
  try {
    return JSON.parse(body) as T
  } catch {
    throw hostError(
      "gitlab",
      "comment_unreachable",
      "the answer is not JSON: is this the API of GitLab?",
      true,
    )
  }
}

/** The client's names to those of the API. */
function snake(key: string): string {
  return key.replace(/[A-Z]/g, (char) => `_${char.toLowerCase()}`)
}

function snakes(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [snake(key), value]))
}
