/**
 * What an action does, field by field. For an import it is the request itself that speaks, since that is what the
 * service will get; changes that the request does not show (a checksum, say) come after it.
 */
import type { Action, AwaitAction, Change, FieldValue, ImportAction, RefuseAction } from "../model/plan.ts"
import { IMAGE_TAG, STACK_TAG, splitDescription } from "../model/provenance.ts"
import type { InPlaceUpdate } from "../model/request.ts"
import type { Field } from "./field.ts"

/** When the rest is given to an image that is still to become usable. */
const AFTERWARDS = {
  perRegion: "once the image is NORMAL",
  together: "once every placement of the image is NORMAL",
} as const

/** The fields of an action, in a fixed order. */
export function actionFields(action: Action): Field[] {
  switch (action.action) {
    case "import":
      return importFields(action)
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
  const ofSource = (f: Field): boolean => f.name.startsWith("source.")
  return [
    ...fields.filter((f) => f.name === "name" || ofSource(f)),
    ...rest.filter(ofSource),
    ...fields.filter((f) => f.name !== "name" && !ofSource(f)),
    ...rest.filter((f) => !ofSource(f)),
  ]
}

function added(name: string, after: FieldValue): Field {
  return { kind: "change", name, before: null, after }
}

function requestFields({ image, request: r }: ImportAction): Field[] {
  const fields: Field[] = []
  if (r.name !== image) fields.push(added("name", r.name))
  fields.push(added("source.url", r.url))
  if (r.sign) {
    const by = r.signAs === undefined ? "" : ` by account ${r.signAs}`
    fields.push(added("source.sign", `at the time of each call${by}`))
  }
  const version = r.osVersion === "-" || r.osVersion === "" ? "" : ` ${r.osVersion}`
  fields.push(added("os", `${r.osType}${version}`), added("architecture", r.architecture))
  if (r.bootMode !== undefined) fields.push(added("bootMode", r.bootMode))
  if (r.licenseType !== undefined) fields.push(added("licenseType", r.licenseType))
  if (r.force) fields.push(added("force", true))
  r.dataDiskUrls.forEach((url, i) => {
    fields.push(added(`dataDisks[${i}].url`, url))
  })
  const { text } = splitDescription(r.description)
  if (text !== "") fields.push(added("description", text))
  if (r.family !== undefined && r.family !== "") fields.push(added("family", r.family))
  const tags = Object.entries(r.tags).filter(([key]) => !isMark(key))
  if (tags.length > 0) fields.push(added("tags", tags.map(([key, value]) => `${key}=${value}`).sort()))
  return fields
}

/** What is given to an image that is still to become usable. */
function laterFields({ attributes, tags, shares }: InPlaceUpdate, release: keyof typeof AFTERWARDS): Field[] {
  const fields: Field[] = []
  const later = (name: string, before: FieldValue, after: FieldValue): void => {
    fields.push({ kind: "change", name, before, after, note: AFTERWARDS[release] })
  }
  if (attributes?.name !== undefined) later("name", null, attributes.name)
  const text = splitDescription(attributes?.description ?? "").text
  if (text !== "") later("description", null, text)
  if (attributes?.family !== undefined) later("family", null, attributes.family)
  if (attributes?.deprecated !== undefined) later("deprecated", null, attributes.deprecated)
  const set = Object.entries(tags?.set ?? {}).filter(([key]) => !isMark(key))
  if (set.length > 0) later("tags", null, set.map(([key, value]) => `${key}=${value}`).sort())
  if (tags !== undefined && tags.remove.length > 0) later("tags", tags.remove, null)
  if (shares !== undefined && shares.add.length > 0) later("sharedWith", null, shares.add)
  if (shares !== undefined && shares.remove.length > 0) later("sharedWith", shares.remove, null)
  return fields
}

function isMark(tag: string): boolean {
  return tag === STACK_TAG || tag === IMAGE_TAG
}

function awaitFacts(action: AwaitAction): Field[] {
  return [
    { kind: "fact", name: "image", text: `${action.imageId} (${action.name})` },
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
  const shown = new Set(fields.flatMap((f) => (f.name.startsWith("source.") ? [f.name] : [root(f.name)])))
  const covered = (name: string): boolean => name === "provenance" || shown.has(name) || shown.has(root(name))
  return changes.filter((change) => !covered(change.field)).map(changeField)
}

/** `tags.app` -> `tags`, `dataDisks[0].url` -> `dataDisks`. */
function root(name: string): string {
  return name.split(/[.[]/, 1)[0] ?? name
}
