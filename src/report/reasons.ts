/** Reason codes as sentences. The sentences are the model's; nothing is added to them but the detail of the code. */
import { DRIFT_REASONS, type DriftReason } from "../model/drift.ts"
import { type Action, REASONS, type Reason } from "../model/plan.ts"

const SENTENCES: Readonly<Record<string, string>> = { ...REASONS, ...DRIFT_REASONS }

interface Parts {
  readonly code: string
  readonly detail: string | undefined
}

function parts(reason: DriftReason): Parts {
  const colon = reason.indexOf(":")
  return colon < 0
    ? { code: reason, detail: undefined }
    : { code: reason.slice(0, colon), detail: reason.slice(colon + 1) }
}

/** The sentence of a code; a code that this version does not know stands for itself. */
function sentence(code: string): string {
  return Object.hasOwn(SENTENCES, code) ? (SENTENCES[code] ?? code) : code
}

/** One reason: its sentence, and its detail after a colon. */
export function reasonText(reason: DriftReason): string {
  return reasonsText([reason])
}

/** Several reasons in their order, details of one code together: `an attribute differs …: description, family`. */
export function reasonsText(reasons: readonly DriftReason[]): string {
  const details = new Map<string, string[]>()
  for (const reason of reasons) {
    const { code, detail } = parts(reason)
    const known = details.get(code) ?? []
    details.set(code, detail === undefined ? known : [...known, detail])
  }
  return Array.from(details, ([code, list]) =>
    list.length === 0 ? sentence(code) : `${sentence(code)}: ${list.join(", ")}`,
  ).join("; ")
}

/** Why an action has its verb. The mark always follows what else changes; it is a reason only where it is the only one. */
export function whyText(action: Pick<Action, "reasons">): string {
  return reasonsText(whyReasons(action))
}

/** The reasons of `whyText`. */
export function whyReasons({ reasons }: Pick<Action, "reasons">): readonly Reason[] {
  const others = reasons.filter((reason) => reason !== "provenance_outdated")
  return others.length > 0 ? others : reasons
}
