/** A model of the service: what the actions of a plan do to the images, step by step, when nothing fails. */
import type { CloudImage, Observed } from "../../src/model/observed.ts"
import type { Action, Plan } from "../../src/model/plan.ts"
import type { ImportRequest, InPlaceUpdate } from "../../src/model/request.ts"
import { anImage } from "./build.ts"

type Images = readonly CloudImage[]
type Step = (images: Images) => Images

/** The world after the whole plan; `stopAfter`: after so many steps of each region. */
export function perform(p: Plan, before: Observed, stopAfter: number = Number.POSITIVE_INFINITY): Observed {
  return {
    ...before,
    at: before.at + 3_600_000,
    scopes: before.scopes.map((scope) => {
      if ("failure" in scope) return scope
      const own = p.actions.filter((a) => a.region === scope.region && a.account === scope.account)
      const last = (a: Action): number => (a.action === "delete" || a.action === "deprecate" ? 1 : 0)
      const steps = [...own].sort((a, b) => last(a) - last(b)).flatMap((a) => stepsOf(a, before.at))
      let images: Images = scope.images
      for (const step of steps.slice(0, stopAfter)) images = step(images)
      return { ...scope, images }
    }),
  }
}

function stepsOf(action: Action, now: number): Step[] {
  switch (action.action) {
    case "import":
    case "retry": {
      const { name } = action.request
      return [
        ...action.remove.map((r) => remove(r.imageId)),
        (images) => [...images, imported(action.request, now)],
        (images) => change(images, (i) => i.name === name && i.state === "NORMAL", action.afterwards),
      ]
    }
    case "replace": {
      const { staged, old, oldName } = action
      const isNew = (i: CloudImage): boolean =>
        staged === undefined
          ? i.name === action.request.name || (i.name === action.name && i.id !== old?.imageId)
          : i.id === staged.imageId
      return [
        ...action.remove.map((r) => remove(r.imageId)),
        (images) =>
          staged === undefined
            ? [...images, imported(action.request, now)]
            : images.map((i) => (i.id === staged.imageId ? { ...i, state: "NORMAL" } : i)),
        ...(old === undefined || oldName === undefined ? [] : [rename(old.imageId, oldName)]),
        (images) => change(images, isNew, { attributes: { name: action.name } }),
        (images) => change(images, isNew, action.afterwards),
        ...action.retire.map((r) => (r.how === "delete" ? remove(r.imageId) : deprecate(r.imageId))),
      ]
    }
    case "restore":
      return [
        ...action.remove.map((r) => remove(r.imageId)),
        ...(action.old === undefined || action.oldName === undefined
          ? []
          : [rename(action.old.imageId, action.oldName)]),
        (images) => change(images, (i) => i.id === action.imageId, action.update),
        ...action.deprecate.map((r) => deprecate(r.imageId)),
      ]
    case "update":
    case "adopt":
      return [(images) => change(images, (i) => i.id === action.imageId, action.update)]
    case "await":
      return [
        (images) => images.map((i) => (i.id === action.imageId ? { ...i, state: "NORMAL" } : i)),
        (images) => change(images, (i) => i.id === action.imageId, action.afterwards),
      ]
    case "deprecate":
      return [deprecate(action.imageId)]
    case "delete":
      return [remove(action.imageId)]
    case "keep":
    case "refuse":
      return []
  }
}

function imported(request: ImportRequest, now: number): CloudImage {
  return anImage({
    name: request.name,
    description: request.description,
    family: request.family ?? "",
    tags: request.tags,
    architecture: request.architecture === "arm_64" ? "arm" : request.architecture,
    licenseType: request.licenseType ?? "TencentCloud",
    createdAt: now,
    sharedWith: [],
  })
}

function remove(id: string): Step {
  return (images) => images.filter((i) => i.id !== id)
}

function rename(id: string, name: string): Step {
  return (images) => images.map((i) => (i.id === id ? { ...i, name } : i))
}

function deprecate(id: string): Step {
  return (images) => images.map((i) => (i.id === id ? { ...i, deprecated: true } : i))
}

function change(images: Images, which: (i: CloudImage) => boolean, update: InPlaceUpdate): Images {
  return images.map((i) => (which(i) ? updated(i, update) : i))
}

function updated(image: CloudImage, update: InPlaceUpdate): CloudImage {
  const tags = { ...image.tags, ...update.tags?.set }
  for (const key of update.tags?.remove ?? []) delete tags[key]
  const shares = new Set([...(image.sharedWith ?? []), ...(update.shares?.add ?? [])])
  for (const account of update.shares?.remove ?? []) shares.delete(account)
  return { ...image, ...update.attributes, tags, sharedWith: [...shares].sort() }
}
