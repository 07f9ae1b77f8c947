/**
 * What an action does, field by field. For an import it is the request itself that speaks, since that is what the
 * service will get; changes that the request does not show (a checksum, say) come after it.
 */
import type {
  Action,
  AwaitAction,
  Change,
  ImportAction,
  RefuseAction,
  ReplaceAction,
  RestoreAction,
} from "../model/plan.ts"
import type { Field } from "./field.ts"
import { removalFacts, replaceFacts, restoreFacts, retireFacts } from "./plan-fate.ts"
import { laterFields, requestFields } from "./plan-request.ts"

/** The fields of an action, in a fixed order. */
export function actionFields(action: Action): Field[] {
  switch (action.action) {
    case "import":
    case "retry":
      return [...importFields(action), ...removalFacts(action.remove)]
    case "replace":
      return [...replaceFields(action), ...replaceFacts(action)]
    case "restore":
      return [...restoreFields(action), ...restoreFacts(action)]
    case "deprecate":
    case "delete":
      return [...action.changes.map(changeField), ...retireFacts(action)]
    case "await": {
      const fields = [...awaitFacts(action), ...laterFields(action.afterwards, action.release)]
      return [...fields, ...uncovered(action.changes, fields)]
    }
    case "update":
    case "adopt":
      return action.changes.map(changeField)
    case "refuse":
      return [...action.changes.map(changeField), ...refusalFacts(action)]
    case "keep":
      return []
  }
}

function importFields(action: ImportAction): Field[] {
  const request = requestFields(action)
  const fields = [...request, ...laterFields(action.afterwards, action.release)]
  const rest = uncovered(
    action.changes.filter((c) => c.field !== "name"),
    fields,
  )
  const ofSource = (f: Field): boolean => isOfSource(f.name)
  return [
    ...fields.filter((f) => f.name === "name" || ofSource(f)),
    ...rest.filter(ofSource),
    ...fields.filter((f) => f.name !== "name" && !ofSource(f)),
    ...rest.filter((f) => !ofSource(f)),
  ]
}

/** What forces the replacement comes first; then what the new image is imported with, unless it stands already. */
function replaceFields(action: ReplaceAction): Field[] {
  const changes = action.changes.map(changeField)
  const forcing = changes.filter((f) => f.kind === "change" && f.warn === true)
  const named = new Set(changes.map((f) => f.name))
  const request = action.staged === undefined ? requestFields(action) : []
  const later = laterFields(action.afterwards, action.release)
  const rest = [...request, ...later].filter((f) => !named.has(f.name))
  const others = uncovered(action.changes, [...forcing, ...rest])
  const ofSource = (f: Field): boolean => isOfSource(f.name)
  return [...forcing, ...others.filter(ofSource), ...rest, ...others.filter((f) => !ofSource(f))]
}

/** The changes tell it; the name is told with the image's fate. */
function restoreFields(action: RestoreAction): Field[] {
  return action.changes.filter((change) => change.field !== "name").map(changeField)
}

function awaitFacts(action: AwaitAction): Field[] {
  return [
    { kind: "fact", name: "image", text: `${action.imageId} (${action.name})`, own: true },
    { kind: "fact", name: "state", text: action.state },
  ]
}

function refusalFacts(action: RefuseAction): Field[] {
  const fields: Field[] = []
  const fact = (name: string, text: string): void => {
    if (text !== "") fields.push({ kind: "fact", name, text })
  }
  if (action.wanted !== undefined) fact("asks for", action.wanted)
  const ids = action.imageIds.length > 0 ? action.imageIds : [action.imageId ?? ""]
  fact(ids.length === 1 ? "image" : "images", ids.join(", "))
  const { failure } = action
  if (failure !== undefined) {
    fact("error", `${failure.code}: ${failure.message}`)
    const call = [failure.action, failure.httpStatus === undefined ? undefined : `HTTP ${failure.httpStatus}`]
    fact("call", call.filter((part) => part !== undefined).join(", "))
    fact("request id", failure.requestId ?? "")
    if (failure.advice !== action.advice) fact("advice", failure.advice)
  }
  fact("advice", action.advice)
  return fields
}

/** A change as a field; one that needs a new image says so. */
function changeField(change: Change): Field {
  const { field: name, before, after, impact } = change
  if (name === "provenance") return markField(change)
  const plain = { kind: "change", name, before, after } as const
  return impact === "replacement" ? { ...plain, note: "forces replacement", warn: true } : plain
}

const MARK_PARTS = ["stack", "image", "spec", "source", "attributes"]

/** Two marks side by side are ten hashes: only those that differ are shown. */
function markField({ field: name, before, after }: Change): Field {
  const whole = { kind: "change", name, before, after } as const
  if (typeof before !== "string" || typeof after !== "string") return whole
  const [old, now] = [before.split(" "), after.split(" ")]
  if (old.length !== MARK_PARTS.length || now.length !== MARK_PARTS.length) return whole
  const differing = MARK_PARTS.flatMap((label, i) => (old[i] === now[i] ? [] : [{ label, i }]))
  const part = (values: readonly string[]): string => differing.map(({ i }) => values[i] ?? "").join(" ")
  return { ...whole, before: part(old), after: part(now), label: differing.map((d) => d.label).join(", ") }
}

/** Changes whose field has no line yet; marks are shown by updates only, since an import always has them. */
function uncovered(changes: readonly Change[], fields: readonly Field[]): Field[] {
  const shown = new Set(fields.flatMap((f) => (isOfSource(f.name) ? [f.name] : [root(f.name)])))
  // That the source forces a replacement does not say what the new image is imported from.
  const covered = (name: string): boolean =>
    name === "provenance" || shown.has(name) || (!isOfSource(name) && shown.has(root(name)))
  return changes.filter((change) => !covered(change.field)).map(changeField)
}

function isOfSource(name: string): boolean {
  return name.startsWith("source.")
}

/** `tags.app` -> `tags`, `dataDisks[0].url` -> `dataDisks`. */
function root(name: string): string {
  return name.split(/[.[]/, 1)[0] ?? name
}
