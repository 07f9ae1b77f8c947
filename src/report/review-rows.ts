/** The rows of a review, the riskiest first: changes of the Stack, families and images, each with its fields. */
import { compareText, type Scope } from "../model/placement.ts"
import type { Position } from "../model/position.ts"
import {
  type Review,
  type ReviewChange,
  type ReviewedFamily,
  type ReviewedImage,
  type ReviewedMove,
  RISK_LEVELS,
  RISKS,
  type RiskCode,
  type RiskLevel,
  type StackChange,
} from "../model/review.ts"
import type { Field } from "./field.ts"
import type { Tone } from "./line.ts"
import { scopesText } from "./plan-groups.ts"
import type { Sign } from "./symbols.ts"
import { counted } from "./value.ts"

/** A review and the text of the head's files, for excerpts. */
export interface ReviewOutput {
  readonly review: Review
  readonly sources: ReadonlyMap<string, string>
}

export interface ReviewRow {
  readonly kind: "stack" | "family" | "image"
  readonly sign: Sign
  /** An image, a family, or a path of the Stack. */
  readonly subject: string
  /** What is done to it: `added`, `changed`, `renamed from x`. */
  readonly what: string
  /** What follows from it, in images and placements; may be empty. */
  readonly effect: string
  readonly risk: RiskLevel
  readonly risks: readonly RiskCode[]
  readonly fields: readonly Field[]
  /** At the head; absent: nothing of it is there. */
  readonly at?: Position
}

export const RISK_TONES: Readonly<Record<RiskLevel, Tone>> = {
  none: "dim",
  low: "plain",
  medium: "change",
  high: "alarm",
}

const SIGNS = {
  added: { symbol: "+", tone: "add" },
  removed: { symbol: "-", tone: "remove" },
  changed: { symbol: "~", tone: "change" },
  renamed: { symbol: "~", tone: "change" },
  moved: { symbol: "=", tone: "dim" },
  replaced: { symbol: "-/+", tone: "replace" },
} as const satisfies Record<string, Sign>

const KINDS = ["stack", "family", "image"] as const

/** Every row there is; images that only moved to another file share the last one. */
export function reviewRows(review: Review): ReviewRow[] {
  const accounts = hasAccounts(review)
  const rows = [
    ...review.stackChanges.map((change) => stackRow(change, review, accounts)),
    ...review.families.map((family) => familyRow(family, accounts)),
    ...review.images.filter(({ fate }) => fate !== "moved").map((image) => imageRow(image, accounts)),
  ]
  rows.sort(
    (a, b) =>
      RISK_LEVELS.indexOf(b.risk) - RISK_LEVELS.indexOf(a.risk) ||
      KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
      compareText(a.subject, b.subject),
  )
  return [...rows, ...movedRow(review)]
}

/** Whether accounts have to be named. */
export function hasAccounts({ images, stackChanges }: Review): boolean {
  const all = [
    ...images.flatMap((image) => [
      ...image.added,
      ...image.removed,
      ...image.changes.flatMap((change) => change.scopes),
    ]),
    ...stackChanges.flatMap(({ scopes }) => scopes),
  ]
  return new Set(all.map(({ account }) => account)).size > 1
}

function stackRow(change: StackChange, { stack }: Review, accounts: boolean): ReviewRow {
  const { images, placements, risk, risks, at, field, before, after, impact } = change
  const fate = before === null ? "added" : after === null ? "removed" : "changed"
  const sign = impact === "replacement" ? SIGNS.replaced : SIGNS[fate]
  const more = images.length > 3 ? ` and ${images.length - 3} more` : ""
  const which = `${images.slice(0, 3).join(", ")}${more} in ${scopesText(change.scopes, accounts)}`
  return {
    kind: "stack",
    sign,
    subject: field,
    what: `${fate} in stack ${stack}`,
    effect:
      images.length === 0
        ? ""
        : `${counted(images.length, "image")}, ${counted(placements, "placement")}: ${which}`,
    risk,
    risks,
    fields: [fieldOf({ ...change, field: field.replace(/^spec\.(?:defaults\.)?/, "") }, undefined)],
    ...(at === undefined ? {} : { at }),
  }
}

function familyRow(
  { family, fate, risk, risks, changes, manifest }: ReviewedFamily,
  accounts: boolean,
): ReviewRow {
  return {
    kind: "family",
    sign: SIGNS[fate],
    subject: family,
    what: `family ${fate}`,
    effect: "",
    risk,
    risks,
    fields: fieldsOf(changes, accounts),
    ...(fate === "removed" ? {} : { at: manifest }),
  }
}

function imageRow(image: ReviewedImage, accounts: boolean): ReviewRow {
  const { fate, added, removed, replaced, updated, changes, risk, risks, manifest } = image
  const counts: readonly (readonly [string, readonly Scope[]])[] = [
    ["import", added],
    ["replace", replaced],
    ["update", updated],
    ["be orphaned", removed],
  ]
  const effect = counts
    .filter(([, scopes]) => scopes.length > 0)
    .map(([verb, scopes]) => `${scopes.length} to ${verb} (${scopesText(scopes, accounts)})`)
    .join(", ")
  const from = image.movedFrom === undefined ? [] : [fact("file", `moved from ${image.movedFrom}`)]
  return {
    kind: "image",
    sign: replaced.length > 0 ? SIGNS.replaced : SIGNS[fate],
    subject: image.image,
    what: image.formerName === undefined ? fate : `renamed from ${image.formerName}`,
    effect,
    risk,
    risks,
    fields: [...fieldsOf(changes, accounts), ...from],
    ...(fate === "removed" ? {} : { at: manifest }),
  }
}

function movedRow({ images }: Review): ReviewRow[] {
  const moved = images.filter(({ fate }) => fate === "moved")
  if (moved.length === 0) return []
  return [
    {
      kind: "image",
      sign: SIGNS.moved,
      subject: counted(moved.length, "image"),
      what: "moved to another file, and unchanged",
      effect: "",
      risk: "none",
      risks: [],
      fields: moved.map(({ image, movedFrom = "", manifest }) =>
        fact(image, `${movedFrom} -> ${manifest.file}`),
      ),
    },
  ]
}

function fact(name: string, text: string): Field {
  return { kind: "fact", name, text }
}

function fieldsOf(changes: readonly ReviewChange[], accounts: boolean): Field[] {
  const often = new Map<string, number>()
  for (const { field } of changes) often.set(field, (often.get(field) ?? 0) + 1)
  return changes.map((change) => {
    const several = (often.get(change.field) ?? 0) > 1 && change.scopes.length > 0
    return fieldOf(change, several ? scopesText(change.scopes, accounts) : undefined)
  })
}

function fieldOf({ field: name, before, after, impact }: ReviewChange, label: string | undefined): Field {
  const plain = { kind: "change", name, before, after, ...(label === undefined ? {} : { label }) } as const
  if (impact === "replacement") return { ...plain, note: "forces replacement", warn: true }
  if (impact === "import" && before !== null) return { ...plain, note: "for the next import alone" }
  return impact === "none" ? { ...plain, note: "nothing that exists changes" } : plain
}

/** The reasons of a risk, the worst first. */
export function riskTexts(risks: readonly RiskCode[]): string[] {
  return risks
    .filter((code) => RISKS[code].level !== "none")
    .toSorted((a, b) => RISK_LEVELS.indexOf(RISKS[b].level) - RISK_LEVELS.indexOf(RISKS[a].level))
    .map((code) => RISKS[code].text)
}

/** Images that a family may resolve to. */
export function candidatesText(names: readonly string[], imported: boolean): string {
  if (names.length === 0) return "no image of the manifests"
  const some = names.slice(0, 3).join(" or ")
  const more = names.length > 3 ? ` or ${names.length - 3} more` : ""
  return `${some}${more}${imported ? " (to be imported)" : ""}`
}

export function moveText({ before, after, imported }: ReviewedMove): string {
  return `${candidatesText(before, false)} -> ${candidatesText(after, imported)}`
}

/** What is compared with what: `7a8b9c0d1e2f (HEAD) against 1a2b3c4d5e6f (origin/main)`. */
export function comparedText({ base, head }: Review): string {
  const from = (base.compared ?? base.commit ?? "").slice(0, 12)
  const parted = base.compared !== base.commit ? "where it parts from " : ""
  const to =
    head.commit === undefined ? "the work tree" : `${head.commit.slice(0, 12)} (${head.revision ?? ""})`
  return `${to} against ${from} (${parted}${base.revision ?? ""})`
}

/** The last line of the text and the first of the others. */
export function reviewSummary({ summary, risk, valid, stackFate }: Review): string {
  const { images: i, placements: p } = summary
  const stack = stackFate === "kept" ? "" : `Stack ${stackFate}. `
  const images = `${i.added} added, ${i.removed} removed, ${i.renamed} renamed, ${i.changed} changed, ${i.moved} moved`
  const placements = `${p.added} to import, ${p.replaced} to replace, ${p.updated} to update, ${p.removed} to be orphaned`
  return `${stack}Images: ${images}. Placements: ${placements}. Risk: ${risk}.${valid ? "" : " The manifests are not valid."}`
}

/** Why some images are not among the rows. */
export function notComparedText({ notCompared }: Review): string {
  if (notCompared.length === 0) return ""
  const some = notCompared.slice(0, 10).join(", ")
  const more = notCompared.length > 10 ? ` and ${notCompared.length - 10} more` : ""
  return `Not compared, since a manifest of them or the Stack is wrong at the base or the head: ${some}${more}`
}

/** Whether there is nothing to tell. */
export function isSame({ stackChanges, families, images, notCompared, stackFate }: Review): boolean {
  return (
    stackFate === "kept" && stackChanges.length + families.length + images.length + notCompared.length === 0
  )
}

export const SAME = "The manifests ask for the same as before."
