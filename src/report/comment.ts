/** What became of a comment, as text and for machines. */
import type { CommentReport } from "../model/comment.ts"
import { terminalText } from "./escape.ts"
import { jsonText } from "./json.ts"
import { counted } from "./value.ts"

const OUTCOMES: Readonly<Record<CommentReport["outcome"], string>> = {
  created: "created",
  updated: "updated",
  unchanged: "unchanged",
  none: "none: there is nothing to say",
  superseded: "left alone: it shows a newer run",
}

export function renderComment(report: CommentReport): string {
  const { repo, number, host, folded, labels } = report
  const where = `${repo}${host === "github" ? "#" : "!"}${number}`
  const lines = [
    `Comment on ${where}: ${OUTCOMES[report.outcome]}.`,
    ...(report.url === undefined ? [] : [`  ${report.url}`]),
    ...(folded === 0 ? [] : [`  ${counted(folded, "earlier comment")} folded`]),
    ...(labels?.added ?? []).map((label) => `  + ${label}`),
    ...(labels?.removed ?? []).map((label) => `  - ${label}`),
  ]
  return lines.map((line) => `${terminalText(line)}\n`).join("")
}

/** In the shape of schemas/comment.schema.json. */
export function renderCommentJson(report: CommentReport): string {
  const { formatVersion, stack, kind, host, repo, number, outcome, id, url, commit, folded, labels } = report
  return jsonText({
    formatVersion,
    stack,
    kind,
    host,
    repo,
    number,
    outcome,
    id,
    url,
    commit,
    folded,
    labels: labels === undefined ? undefined : { added: labels.added, removed: labels.removed },
  })
}
