/** Whether a write that the server accepted is one that the plan shows. */
import type { ImageRecord } from "../../../src/emulator/world.ts"
import type { Action } from "../../../src/model/plan.ts"
import type { InPlaceUpdate } from "../../../src/model/request.ts"
import type { Written } from "../support/server.ts"
import { markOf } from "./facts.ts"

type Attributes = NonNullable<InPlaceUpdate["attributes"]>

/** The action that shows the write; undefined: none does. */
export function planFor(actions: readonly Action[], written: Written): Action | undefined {
  return actions.find(
    (a) => a.account === written.account && a.region === written.region && shows(a, written),
  )
}

function shows(action: Action, { action: call, parameters: p, before, imageIds }: Written): boolean {
  const [image] = before
  switch (call) {
    case "ImportImage":
      return isImport(action, p)
    case "DeleteImages":
      return imageIds.every((id) => deletes(action, id))
    case "ModifyImageAttribute":
      return image !== undefined && changesAttributes(action, image, p)
    case "ModifyResourceTags":
      return image !== undefined && changesTags(action, image, p)
    case "ModifyImageSharePermission":
      return image !== undefined && changesShares(action, image, p)
    default:
      return false
  }
}

function isImport(action: Action, p: Record<string, unknown>): boolean {
  if (!("request" in action) || (action.action === "replace" && action.staged !== undefined)) return false
  const { name, description, url } = action.request
  return p.ImageName === name && p.ImageDescription === description && p.ImageUrl === url
}

function deletes(action: Action, id: string): boolean {
  if (action.action === "delete") return action.imageId === id
  if ("remove" in action && action.remove.some((r) => r.imageId === id)) return true
  return action.action === "replace" && action.retire.some((r) => r.imageId === id && r.how === "delete")
}

/** The image that the action is about: named by the plan, or brought by it. */
function isSubject(action: Action, image: ImageRecord): boolean {
  switch (action.action) {
    case "update":
    case "adopt":
    case "await":
    case "restore":
      return action.imageId === image.id
    case "import":
    case "retry":
    case "replace": {
      const [mark, wanted] = [markOf(image.description), markOf(action.request.description)]
      if (action.action === "replace" && action.staged?.imageId === image.id) return true
      return mark?.image === wanted?.image && mark?.spec === wanted?.spec && mark?.stack === wanted?.stack
    }
    default:
      return false
  }
}

function laterOf(action: Action): InPlaceUpdate {
  if ("update" in action) return action.update
  return "afterwards" in action ? action.afterwards : {}
}

function changesAttributes(action: Action, image: ImageRecord, p: Record<string, unknown>): boolean {
  const given: Attributes = {
    ...(typeof p.ImageName === "string" ? { name: p.ImageName } : {}),
    ...(typeof p.ImageDescription === "string" ? { description: p.ImageDescription } : {}),
    ...(typeof p.ImageFamily === "string" ? { family: p.ImageFamily } : {}),
    ...(typeof p.ImageDeprecated === "boolean" ? { deprecated: p.ImageDeprecated } : {}),
  }
  const entries = Object.entries(given)
  const only = (name: keyof Attributes, value: unknown): boolean =>
    entries.length === 1 && entries[0]?.[0] === name && entries[0][1] === value
  if (isSubject(action, image)) {
    const wanted: Attributes = laterOf(action).attributes ?? {}
    if (entries.every(([key, value]) => wanted[key as keyof Attributes] === value)) return true
    if ((action.action === "replace" || action.action === "restore") && only("name", action.name)) return true
  }
  if (action.action === "deprecate") return action.imageId === image.id && only("deprecated", true)
  if (action.action === "replace" || action.action === "restore") {
    const retired =
      action.action === "replace" ? action.retire.filter((r) => r.how === "deprecate") : action.deprecate
    if (retired.some((r) => r.imageId === image.id) && only("deprecated", true)) return true
    const away = action.oldName ?? `${action.name}.prev-${image.id}`
    const isOld = image.id === action.old?.imageId || image.name === action.name || image.name === away
    if (!isOld) return false
    // Away, and back again where the second rename fails: to the name that it bore, which may be a former one.
    const back = image.id === action.old?.imageId ? action.old.name : action.name
    return [away, `${action.name}.prev-${image.id}`, back].some((name) => only("name", name))
  }
  return false
}

function changesTags(action: Action, image: ImageRecord, p: Record<string, unknown>): boolean {
  if (!isSubject(action, image)) return false
  const { set = {}, remove = [] } = laterOf(action).tags ?? {}
  const wanted: Record<string, string> = { ...("request" in action ? action.request.tags : {}), ...set }
  const replaced = (p.ReplaceTags ?? []) as { TagKey: string; TagValue: string }[]
  const removed = (p.DeleteTags ?? []) as { TagKey: string }[]
  return (
    replaced.every((t) => wanted[t.TagKey] === t.TagValue) && removed.every((t) => remove.includes(t.TagKey))
  )
}

function changesShares(action: Action, image: ImageRecord, p: Record<string, unknown>): boolean {
  if (!isSubject(action, image)) return false
  const { add = [], remove = [] } = laterOf(action).shares ?? {}
  const list = p.Permission === "SHARE" ? add : remove
  return (p.AccountIds as string[]).every((id) => list.includes(id))
}
