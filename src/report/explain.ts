/**
 * Why an image is planned as it is: its manifest as resolved, with where each value comes from; what goes into the spec
 * hash; and for each placement the images that were looked at, in the order of the matching table, and the decision.
 */
import type { DesiredPlacement } from "../model/desired.ts"
import type { Explanation, LookedAt } from "../model/explanation.ts"
import type { Position } from "../model/position.ts"
import { jsonText } from "./json.ts"
import { gap, type Line, padEnd, paint, span, type TextOptions, textWidth } from "./line.ts"
import { reasonsText } from "./reasons.ts"

/** The explanations of one image's placements as text. */
export function renderExplanation(explanations: readonly Explanation[], options: TextOptions): string {
  const [first] = explanations
  if (first === undefined) return ""
  const lines: Line[] = [
    [span(first.placement.image, "bold"), span(`  ${positionText(first.placement.at)}`, "dim")],
    ...valueLines(first.placement),
    [],
    [span("Spec hash", "bold"), span(`  ${first.spec.hash}`), span("  what shapes the image", "dim")],
    ...columns(Object.entries(first.spec.parts).map(([field, value]) => [field, value, ""])),
    ...explanations.flatMap((e) => [[], ...placementLines(e)]),
  ]
  return paint(lines, options.color)
}

/** The same for machines. */
export function renderExplanationJson(explanations: readonly Explanation[]): string {
  const [first] = explanations
  return jsonText({
    formatVersion: 1,
    stack: first?.stack.name ?? "",
    image: first?.placement.image ?? "",
    spec: first?.spec,
    values: first === undefined ? [] : valuesOf(first.placement),
    placements: explanations.map((e) => ({
      account: e.placement.account,
      region: e.placement.region,
      name: e.name,
      listed: e.listed,
      lookedAt: e.lookedAt,
      action: e.action?.action,
      reasons: e.action?.reasons,
    })),
  })
}

interface Value {
  readonly field: string
  readonly value: string
  /** Absent: the format's default. */
  readonly origin?: string
}

/** Every effective value, by path below `spec`; what depends on the region is shown as it was written. */
function valuesOf(p: DesiredPlacement): Value[] {
  const { source, os, lifecycle } = p
  const values: [string, unknown][] = [
    ["match", p.match],
    ["family", p.family],
    ["description", p.description],
    ["source.url", source.template],
    ["source.format", source.format],
    ["source.crc64", source.crc64],
    ["source.sha256", source.sha256],
    ["source.sign", source.sign],
    ["source.signAs", source.signAs],
    ["source.onChange", source.onChange],
    ["os.type", os.type],
    ["os.version", os.version],
    ["architecture", p.architecture],
    ["bootMode", p.bootMode],
    ["licenseType", p.licenseType],
    ["force", p.force],
    ["dataDisks", p.dataDisks.length === 0 ? undefined : p.dataDisks.map((d) => d.template).join(", ")],
    ["deprecated", p.deprecated],
    ["sharedWith", p.sharedWith?.join(", ")],
    ["release", p.release],
    ...Object.entries(lifecycle).map(([key, value]): [string, unknown] => [`lifecycle.${key}`, value]),
    ...Object.entries(p.tags).map(([key, value]): [string, unknown] => [
      `tags.${key}`,
      value ?? "must be absent",
    ]),
  ]
  return values.flatMap(([field, value]): Value[] => {
    if (value === undefined) return []
    const at = originOf(p, field)
    return [{ field, value: String(value), ...(at === undefined ? {} : { origin: positionText(at) }) }]
  })
}

/** A value has its own origin, or that of the map or list that it stands in. */
function originOf(p: DesiredPlacement, field: string): Position | undefined {
  for (let path = field; path !== ""; path = path.includes(".") ? path.slice(0, path.lastIndexOf(".")) : "") {
    const at = p.origins[path]
    if (at !== undefined) return at
  }
  return undefined
}

function valueLines(p: DesiredPlacement): Line[] {
  return columns(valuesOf(p).map(({ field, value, origin }) => [field, value, origin ?? "default"]))
}

function placementLines(e: Explanation): Line[] {
  const { placement: p, action } = e
  const where = p.account === "default" ? p.region : `${p.account}/${p.region}`
  const head: Line[] = [
    [span(where, "bold"), span(`  matched by ${p.match}; the image is to be named `), span(e.name)],
  ]
  if (e.lookedAt === undefined) return [...head, [gap(2), span("the region was not read", "dim")]]
  const looked: Line[] =
    e.lookedAt.length === 0
      ? [[gap(2), span(`none of its ${e.listed ?? 0} private images has the name or our mark`, "dim")]]
      : [
          [gap(2), span(`of its ${e.listed ?? 0} private images:`, "dim")],
          ...e.lookedAt.flatMap((image) => lookedLines(image)),
        ]
  const decision: Line[] =
    action === undefined
      ? []
      : [[gap(2), span(`-> ${action.action}`, "bold"), span(`: ${reasonsText(action.reasons)}`)]]
  return [...head, ...looked, ...decision]
}

const OWNERS: Readonly<Record<LookedAt["owner"], string>> = {
  us: "ours",
  nobody: "nobody's: it has no mark of cvmimg",
  other: "another stack's",
  conflict: "its marks disagree",
}

const BECAUSE: Readonly<Record<LookedAt["because"][number], string>> = {
  name: "has the name",
  mark: "has our mark for this image",
  family: "is a usable member of the family",
}

const ROLES: Readonly<Record<LookedAt["role"], string | undefined>> = {
  named: undefined,
  staged: "staged for a replacement",
  retired: "replaced earlier",
  other: undefined,
}

function lookedLines(image: LookedAt): Line[] {
  const facts = [
    OWNERS[image.owner],
    ROLES[image.role],
    image.sameSpec === undefined
      ? undefined
      : image.sameSpec
        ? image.spec === undefined
          ? "taken for the wanted spec: only tags mark it, which do not tell"
          : "the wanted spec"
        : `another spec (${image.spec ?? "unknown"})`,
    image.sameSource === false ? "another source" : undefined,
    image.deprecated ? "deprecated" : undefined,
  ].filter((fact) => fact !== undefined)
  return [
    [
      gap(4),
      span(`${image.imageId}  ${image.name}  ${image.state}`),
      span(`  ${image.because.map((b) => BECAUSE[b]).join(", ")}`, "dim"),
    ],
    [gap(6), span(facts.join("; "))],
  ]
}

/** Three columns: field, value, where it comes from. */
function columns(rows: readonly (readonly [string, string, string])[]): Line[] {
  const width = Math.max(0, ...rows.map(([field]) => textWidth(span(field).text)))
  return rows.map(([field, value, origin]) => [
    gap(2),
    ...padEnd(span(field), width),
    gap(2),
    span(value),
    ...(origin === "" ? [] : [span(`  ${origin}`, "dim")]),
  ])
}

function positionText(at: Position): string {
  return `${at.file}:${at.line}`
}
