/**
 * The rows of a plan, gathered: by image, and within an image by what happens, so that the same block of fields is
 * shown once for all the regions that it is true of.
 */
import type { Placement, Scope } from "../model/placement.ts"
import type { Action } from "../model/plan.ts"
import type { Position } from "../model/position.ts"
import type { Field } from "./field.ts"
import { actionFields } from "./plan-fields.ts"
import { isUrl } from "./value.ts"

/** A row of a report: a placement, and the manifest position that it is about. */
export interface PlacedRow extends Placement {
  readonly manifest: Position
}

/** Placements of one image that share verb and fields. */
export interface Group<R extends PlacedRow = Action> {
  readonly rows: readonly R[]
  readonly fields: readonly Field[]
}

export interface ImageGroups<R extends PlacedRow = Action> {
  readonly image: string
  readonly groups: readonly Group<R>[]
  /** `file:line`, where all rows have the same. */
  readonly at: string | undefined
}

/** How rows of a kind are gathered. */
export interface Gathering<R> {
  /** Rows of different kinds never share a block. */
  readonly kind: (row: R) => string
  readonly fields: (row: R) => readonly Field[]
}

const ACTIONS: Gathering<Action> = { kind: (action) => action.action, fields: actionFields }

/** `images/ubuntu.yaml:12`. */
export function whereText({ manifest }: { readonly manifest: Position }): string {
  return `${manifest.file}:${manifest.line}`
}

/** How a placement is called beside its image. */
export function scopeText(scope: Scope, accounts: boolean): string {
  return accounts ? `${scope.account}/${scope.region}` : scope.region
}

/** Actions by image, in the order of the plan. */
export function groupByImage(actions: readonly Action[], accounts: boolean): ImageGroups[] {
  return gather(actions, accounts, ACTIONS)
}

/** Rows by image, in their order. */
export function gather<R extends PlacedRow>(
  all: readonly R[],
  accounts: boolean,
  how: Gathering<R>,
): ImageGroups<R>[] {
  const images = new Map<string, R[]>()
  for (const row of all) push(images, row.image, row)
  return Array.from(images, ([image, rows]) => {
    const [first] = rows
    const at = first === undefined ? undefined : whereText(first)
    const same = rows.every((row) => whereText(row) === at)
    return { image, groups: groupRows(rows, accounts, how), at: same ? at : undefined }
  })
}

function groupRows<R extends PlacedRow>(
  rows: readonly R[],
  accounts: boolean,
  how: Gathering<R>,
): Group<R>[] {
  const groups = new Map<string, R[]>()
  for (const row of rows) {
    push(groups, JSON.stringify([how.kind(row), how.fields(row).map(shapeOf)]), row)
  }
  return Array.from(groups.values(), (members) => ({
    rows: members,
    fields: folded(members, accounts, how),
  }))
}

/** The fields of all members; a URL that differs by its region alone is one line, any other one a line each. */
function folded<R extends PlacedRow>(
  members: readonly R[],
  accounts: boolean,
  how: Gathering<R>,
): readonly Field[] {
  const all = members.map((row) => ({ row, fields: how.fields(row) }))
  const [first] = all
  if (first === undefined) return []
  if (members.length === 1) return first.fields
  return first.fields.flatMap((field, i) => {
    const versions = all.map(({ row, fields }) => ({ row, field: fields[i] ?? field }))
    if (versions.every((v) => JSON.stringify(v.field) === JSON.stringify(field))) return [field]
    const templates = versions.map((v) => JSON.stringify(withoutRegion(v.field, v.row.region)))
    const template = withoutRegion(field, first.row.region)
    if (template !== undefined && templates.every((t) => t === templates[0])) return [template]
    return versions.map((v) => ({ ...v.field, label: scopeText(v.row, accounts) }))
  })
}

/** An added URL with its region as the placeholder of manifests; undefined where that would not be the same text. */
function withoutRegion(field: Field, region: string): Field | undefined {
  if (field.kind !== "change" || field.before !== null || !isUrl(field.after)) return undefined
  if (region === "" || field.after.includes("{") || !field.after.includes(region)) return undefined
  return { ...field, after: field.after.replaceAll(region, "{region}") }
}

/** For comparing: an added URL or image id counts by its being there, since it may have a line for each placement. */
function shapeOf(field: Field): Field {
  if (field.kind === "fact" && field.own === true) return { ...field, text: "" }
  return field.kind === "change" && field.before === null && isUrl(field.after)
    ? { ...field, after: "url" }
    : field
}

/** The regions of some placements: `ap-singapore, eu-frankfurt`, or by account `default: …; prod: …`. */
export function scopesText(rows: readonly Scope[], accounts: boolean): string {
  if (!accounts) return Array.from(new Set(rows.map((row) => row.region))).join(", ")
  const regions = new Map<string, string[]>()
  for (const { account, region } of rows) {
    if (regions.get(account)?.includes(region) !== true) push(regions, account, region)
  }
  return Array.from(regions, ([account, list]) =>
    list.length === 1 ? `${account}/${list.join("")}` : `${account}: ${list.join(", ")}`,
  ).join("; ")
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
