/** From what a host answered to a failure that says what to do next. Pure. */
import { type CommentCode, HostError, type HostKind } from "./host.ts"
import { type HttpReply, isRateLimit, NoReply } from "./send.ts"

/** Every code with its sentence; docs/comment.md has a row for each. */
export const COMMENT_CODES: Readonly<Record<CommentCode, string>> = {
  comment_busy: "the host takes no more for now",
  comment_client_missing: "the host's client is not installed",
  comment_forbidden: "the token may not do this",
  comment_moved: "the repository has another address by now",
  comment_not_found: "the host knows no such request, or hides it from this token",
  comment_refused: "the host does not take it",
  comment_too_long: "the comment is too long for the host",
  comment_unauthorized: "the token is not valid",
  comment_unreachable: "the host did not answer, or not with a readable answer",
}

const RIGHTS: Readonly<Record<HostKind, string>> = {
  github:
    "the job needs `permissions: pull-requests: write`; pull requests from forks get a token that only reads, so that another workflow has to comment (workflow_run, with --pr)",
  gitlab: "the token needs the scope api and at least the role Reporter in the project",
}

const ADVICE: Readonly<Record<CommentCode, (host: HostKind) => string>> = {
  comment_busy: () => "run it again in a few minutes",
  comment_client_missing: (host) => `npm install --save-dev ${CLIENTS[host]}`,
  comment_forbidden: (host) => RIGHTS[host],
  comment_moved: () => "give its present address: --api-url and --repo",
  comment_not_found: (host) =>
    `look at --repo, --pr and --api-url; if they are right, ${RIGHTS[host].replace(/;.*/, "")}`,
  comment_refused: () => "the message says what the host thinks",
  comment_too_long: () => "this host takes less than usual: --limit, and --artifact-url for the rest",
  comment_unauthorized: () => "is it expired, revoked, or of another host?",
  comment_unreachable: () => "look at --api-url, the network and the proxy, and run it again",
}

/** What has to be installed beside cvmimg, by host. */
export const CLIENTS: Readonly<Record<HostKind, string>> = {
  github: "@octokit/rest@22",
  gitlab: "@gitbeaker/rest@43",
}

export function hostError(
  host: HostKind,
  code: CommentCode,
  detail: string | undefined,
  ambiguous = false,
): HostError {
  const more = detail === undefined || detail === "" ? "" : `: ${detail.slice(0, MOST)}`
  return new HostError(code, `${COMMENT_CODES[code]}${more}`, ADVICE[code](host), ambiguous)
}

const MOST = 300

/** The failure of a reply that is no success. */
export function replyError(host: HostKind, reply: HttpReply): HostError {
  const { status } = reply
  // GitLab's messages begin with the status.
  const detail = `${status} ${messageOf(reply.body).replace(new RegExp(`^${status} `), "")}`.trim()
  if (isRateLimit(reply)) return hostError(host, "comment_busy", detail)
  if (status >= 500) return hostError(host, "comment_unreachable", detail, true)
  if (status >= 300 && status < 400) return hostError(host, "comment_moved", String(status))
  if (status === 401) return hostError(host, "comment_unauthorized", detail)
  if (status === 403) return hostError(host, "comment_forbidden", detail)
  if (status === 404) return hostError(host, "comment_not_found", detail)
  const long =
    status === 413 || ((status === 422 || status === 400) && /too (?:long|large)/i.test(reply.body))
  return hostError(host, long ? "comment_too_long" : "comment_refused", detail)
}

/** The failure of a request without a reply; anything else comes back as it is. */
export function errorOf(host: HostKind, error: unknown): unknown {
  if (!(error instanceof NoReply)) return error
  return hostError(host, "comment_unreachable", error.message, error.sent)
}

/** What the host says, where it is its own JSON and no page of something between. */
function messageOf(body: string): string {
  try {
    const { message, error, errors } = JSON.parse(body) as Record<string, unknown>
    const parts = [message, error, errors].filter((part) => part !== undefined)
    return parts.map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join(" ")
  } catch {
    return ""
  }
}
