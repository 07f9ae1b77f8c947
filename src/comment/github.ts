/** GitHub and GitHub Enterprise through @octokit/rest, which is loaded here and only when it is asked for. */
import { errorOf, hostError, replyError } from "./failure.ts"
import { type Host, type HostComment, HostError } from "./host.ts"
import { LABELS } from "./labels.ts"
import type { Place } from "./place.ts"
import { type HttpReply, NoReply, type Send } from "./send.ts"

/** The account of the token that GitHub Actions gives a job. */
const ACTIONS_LOGIN = "github-actions[bot]"

const WHOSE = `query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on IssueComment { id viewerDidAuthor } }
}`
const MINIMIZE = `mutation ($id: ID!) {
  minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { minimizedComment { isMinimized } }
}`
/** Ids that one query may name. */
const MOST_IDS = 100

type Client = InstanceType<typeof import("@octokit/rest")["Octokit"]>

export async function openGithub(place: Place, send: Send): Promise<Host> {
  const octokit = await client(place, send)
  const [owner = "", repo = ""] = place.repo.split("/")
  const request = { owner, repo, issue_number: place.number }
  // By id of the REST API, as GraphQL knows them.
  const nodes = new Map<string, string>()
  const seen = (c: {
    id: number
    node_id: string
    body?: string | undefined
    html_url: string
  }): HostComment => {
    nodes.set(String(c.id), c.node_id)
    return { id: String(c.id), body: c.body ?? "", url: c.html_url }
  }
  const { issues } = octokit.rest
  return {
    own: (prefix) =>
      attempt(async () => {
        const all = await octokit.paginate(issues.listComments, { ...request, per_page: 100 })
        const marked = all.filter(({ body }) => body?.startsWith(prefix) === true)
        const isOurs = await authorship(octokit, marked, place.actions)
        return marked
          .filter(isOurs)
          .sort((a, b) => a.id - b.id)
          .map(seen)
      }),
    create: (body) => attempt(async () => seen((await issues.createComment({ ...request, body })).data)),
    edit: (id, body) =>
      attempt(async () =>
        seen((await issues.updateComment({ owner, repo, comment_id: Number(id), body })).data),
      ),
    async fold(id) {
      try {
        await attempt(() => octokit.graphql(MINIMIZE, { id: nodes.get(id) }))
      } catch (error) {
        // Its text says already that it is superseded; folding takes rights that a token need not have.
        if (!(error instanceof HostError)) throw error
      }
    },
    labels: () =>
      attempt(async () => {
        const all = await octokit.paginate(issues.listLabelsOnIssue, { ...request, per_page: 100 })
        return all.map(({ name }) => name)
      }),
    async changeLabels(add, remove) {
      for (const name of add) await attempt(() => ensureLabel(octokit, owner, repo, name))
      if (add.length > 0) await attempt(() => issues.addLabels({ ...request, labels: [...add] }))
      for (const name of remove) {
        await unless("comment_not_found", () => attempt(() => issues.removeLabel({ ...request, name })))
      }
    },
  }
}

async function client({ apiUrl, token }: Place, send: Send): Promise<Client> {
  let octokit: typeof import("@octokit/rest")
  try {
    octokit = await import("@octokit/rest")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error
    throw hostError("github", "comment_client_missing", undefined)
  }
  const quiet = (): void => {}
  return new octokit.Octokit({
    auth: token,
    baseUrl: apiUrl,
    userAgent: "cvmimg",
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    request: { fetch: fetchOf(send) },
  })
}

/** As much of fetch as the client uses. A failure leaves it as ours, since the client forgets headers of some. */
function fetchOf(send: Send) {
  return async (
    url: string,
    { method, headers, body }: { method: string; headers: Record<string, string>; body?: string },
  ): Promise<Response> => {
    const reply = await send({ method, url, headers, ...(body === undefined ? {} : { body }) })
    if (reply.status >= 300) throw new Refused(reply)
    const bodiless = reply.status === 204 || reply.status === 205
    return new Response(bodiless ? null : reply.body, { status: reply.status, headers: reply.headers })
  }
}

/** A reply that is no success, on its way through the client. */
class Refused extends Error {
  readonly reply: HttpReply
  constructor(reply: HttpReply) {
    super("refused")
    this.reply = reply
  }
}

async function attempt<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const { cause, errors } = error as { cause?: unknown; errors?: readonly { message?: unknown }[] }
    if (cause instanceof Refused) throw replyError("github", cause.reply)
    if (cause instanceof NoReply) throw errorOf("github", cause)
    // What GraphQL refuses comes with status 200.
    if (Array.isArray(errors)) {
      throw hostError("github", "comment_refused", errors.map(({ message }) => String(message)).join("; "))
    }
    throw cause instanceof Error && cause.name === "AbortError" ? cause : error
  }
}

async function unless(code: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call()
  } catch (error) {
    if (!(error instanceof HostError) || error.code !== code) throw error
  }
}

interface Authored {
  readonly node_id: string
  readonly user?: { readonly id: number; readonly login: string; readonly type?: string } | null
}

/**
 * Who wrote a comment. A token of an app or a job has no user to ask for, but GraphQL knows whether the viewer is the
 * author. Where that is refused, the user of the token is asked for, and on GitHub Actions taken for granted.
 */
async function authorship(
  octokit: Client,
  comments: readonly Authored[],
  actions: boolean,
): Promise<(comment: Authored) => boolean> {
  if (comments.length === 0) return () => false
  try {
    const ours = new Set<string>()
    for (let i = 0; i < comments.length; i += MOST_IDS) {
      const ids = comments.slice(i, i + MOST_IDS).map(({ node_id }) => node_id)
      const { nodes } = await attempt(() =>
        octokit.graphql<{ nodes: ({ id?: string; viewerDidAuthor?: boolean } | null)[] }>(WHOSE, { ids }),
      )
      for (const node of nodes) if (node?.viewerDidAuthor === true && node.id !== undefined) ours.add(node.id)
    }
    return ({ node_id }) => ours.has(node_id)
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
  try {
    const { data } = await attempt(() => octokit.rest.users.getAuthenticated())
    return ({ user }) => user?.id === data.id
  } catch (error) {
    if (!isRefusal(error) || !actions) throw error
    return ({ user }) => user?.login === ACTIONS_LOGIN && user.type === "Bot"
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof HostError && /forbidden|not_found|refused/.test(error.code)
}

/** A label that is there is left as it is. Whoever may not make one can still give it, in a colour of the host's. */
async function ensureLabel(octokit: Client, owner: string, repo: string, name: string): Promise<void> {
  const { description = "", color = "" } = LABELS[name] ?? {}
  try {
    await attempt(() => octokit.rest.issues.getLabel({ owner, repo, name }))
    return
  } catch (error) {
    if (!(error instanceof HostError) || error.code !== "comment_not_found") throw error
  }
  try {
    await attempt(() => octokit.rest.issues.createLabel({ owner, repo, name, color, description }))
  } catch (error) {
    // Another run made it, or this one may not.
    if (!isRefusal(error)) throw error
  }
}
