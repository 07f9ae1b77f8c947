/** What a comment is about: a document in parts, and what of it the next run remembers. */
import { hash } from "node:crypto"
import { comparePlacements, compareText } from "../model/placement.ts"
import type { Action, Plan } from "../model/plan.ts"
import type { Review } from "../model/review.ts"
import type { MarkdownParts } from "../report/markdown-room.ts"
import { scopeText } from "../report/plan-groups.ts"
import { planMarkdownParts } from "../report/plan-markdown.ts"
import { hasAccounts } from "../report/plan-rows.ts"
import { renderReviewJson } from "../report/review-json.ts"
import { reviewMarkdownParts } from "../report/review-markdown.ts"
import { isSame, reviewRows } from "../report/review-rows.ts"
import { planLabels } from "./labels.ts"
import type { CommentKind, Memory, MemoryRow } from "./marker.ts"

export interface Subject {
  readonly kind: CommentKind
  readonly stack: string
  readonly stackId: string
  readonly parts: MarkdownParts
  /** It says nothing: where no comment is, none is needed. */
  readonly empty: boolean
  readonly memory: Memory
  /** Its time is that of the run alone: for the same commit and content the first one counts. */
  readonly timeless?: boolean
}

/** `at`: when the plan was made, milliseconds since the epoch. */
export function planSubject(plan: Plan, at: number, commit: string | undefined): Subject {
  const labels = planLabels(plan)
  return {
    kind: "plan",
    stack: plan.stack,
    stackId: plan.stackId,
    parts: planMarkdownParts(plan),
    empty: plan.actions.every(({ action }) => action === "keep"),
    memory: {
      at,
      fingerprint: plan.fingerprint,
      rows: planRows(plan),
      labels,
      ...(commit === undefined ? {} : { commit }),
    },
  }
}

/**
 * `at`: when it is posted; a review has no time of its own. It names no stack id, since a pull request may change it: the
 * stack's directory tells its comments apart.
 */
export function reviewSubject(review: Review, at: number, commit: string | undefined): Subject {
  const { base: _, head: __, ...content } = JSON.parse(renderReviewJson(review)) as Record<string, unknown>
  const known = commit ?? review.head.commit
  return {
    kind: "review",
    stack: review.stack,
    stackId: digestOf(`review of ${review.directory}`),
    parts: reviewMarkdownParts(review),
    empty: isSame(review) && review.diagnostics.length === 0,
    timeless: true,
    memory: {
      at,
      fingerprint: hash("sha256", JSON.stringify(content), "hex"),
      rows: reviewRows(review).map((row) => ({
        image: row.subject,
        verb: row.what,
        scopes: [],
        digest: digestOf(JSON.stringify([row.effect, row.risk, row.risks, row.fields])),
      })),
      labels: [],
      ...(known === undefined ? {} : { commit: known }),
    },
  }
}

function digestOf(text: string): string {
  return hash("sha256", text, "hex").slice(0, 8)
}

/** A row for each image and verb, by name. */
export function planRows(plan: Plan): MemoryRow[] {
  const accounts = hasAccounts(plan)
  const groups = new Map<string, Action[]>()
  for (const action of plan.actions) {
    if (action.action === "keep") continue
    const key = JSON.stringify([action.image, action.action])
    groups.set(key, [...(groups.get(key) ?? []), action])
  }
  return Array.from(groups.values(), (unsorted) => {
    const actions = unsorted.sort(comparePlacements)
    const [first] = actions as [Action]
    const digests = actions.map(({ digest }) => digest).sort(compareText)
    return {
      image: first.image,
      verb: first.action,
      scopes: actions.map((action) => scopeText(action, accounts)),
      digest: digestOf(digests.join(" ")),
    }
  }).sort((a, b) => compareText(a.image, b.image) || compareText(a.verb, b.verb))
}
