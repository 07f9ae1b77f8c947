/** What the service is asked for: the fields of an import, and of what follows once the image is usable. */
import type { FieldValue, ImportAction, ReplaceAction } from "../model/plan.ts"
import { IMAGE_TAG, STACK_TAG, splitDescription } from "../model/provenance.ts"
import type { InPlaceUpdate } from "../model/request.ts"
import type { Field } from "./field.ts"

/** When the rest is given to an image that is still to become usable. */
const AFTERWARDS = {
  perRegion: "once the image is NORMAL",
  together: "once every placement of the image is NORMAL",
} as const

function added(name: string, after: FieldValue): Field {
  return { kind: "change", name, before: null, after }
}

/** The request of an ImportImage call, marks left out. The name of a staged image is told with its fate. */
export function requestFields({ action, image, request: r }: ImportAction | ReplaceAction): Field[] {
  const fields: Field[] = []
  if (r.name !== image && action !== "replace") fields.push(added("name", r.name))
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
export function laterFields(
  { attributes, tags, shares }: InPlaceUpdate,
  release: keyof typeof AFTERWARDS,
): Field[] {
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
