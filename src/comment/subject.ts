/** What a comment is about: a document in parts, and what of it the next run remembers. */
import { hash } from "node:crypto"
import { comparePlacements, compareText } from "../model/placement.ts"
import type { Action, Plan } from "../model/plan.ts"
import type { MarkdownParts } from "../report/markdown-room.ts"
import { scopeText } from "../report/plan-groups.ts"
import { planMarkdownParts } from "../report/plan-markdown.ts"
import { hasAccounts } from "../report/plan-rows.ts"
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
      digest: hash("sha256", digests.join(" "), "hex").slice(0, 8),
    }
  }).sort((a, b) => compareText(a.image, b.image) || compareText(a.verb, b.verb))
}
