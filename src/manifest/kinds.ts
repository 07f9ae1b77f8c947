import type { Findings } from "./findings.ts"
import type { ParsedDocument } from "./parse.ts"
import { below, type MapNode, type Tree } from "./tree.ts"
import { distance, nearest, orList, shown } from "./words.ts"

export const API_VERSION = "cvmimg/v1"
export const KINDS = ["Stack", "Image", "Family"] as const
export type Kind = (typeof KINDS)[number]

/** What a document is: one of our kinds; nothing of ours; or ours and broken, which has been said. */
export type Classified =
  | { readonly kind: Kind; readonly tree: MapNode }
  | { readonly kind: "foreign" | "broken" }

/**
 * A stack's directory may hold other YAML too: workflows, Kubernetes objects, compose files. A document is ours if its
 * apiVersion says so, or nearly so, or if it has none but looks like a manifest all the same; then nothing about it is
 * passed over in silence.
 */
export function classify(doc: ParsedDocument, findings: Findings): Classified {
  const { tree } = doc
  if (tree?.kind !== "map") return { kind: "foreign" }
  const version = below(tree, "apiVersion")
  const kind = below(tree, "kind")
  if (version === undefined) {
    if (!looksLikeOurs(tree)) return { kind: "foreign" }
    const wrong = [...tree.entries.values()].find((e) => distance(e.name.toLowerCase(), "apiversion", 3) < 3)
    findings.at(wrong ?? doc.spot, {
      code: wrong === undefined ? "missing_key" : "unknown_key",
      message:
        wrong === undefined
          ? "apiVersion is missing."
          : `The key ${shown(wrong.name)} is not part of the format.`,
      advice: wrong === undefined ? `write \`apiVersion: ${API_VERSION}\`` : 'did you mean "apiVersion"?',
      path: "apiVersion",
    })
    return { kind: "broken" }
  }
  const written = version.kind === "scalar" ? String(version.value) : ""
  if (written !== API_VERSION) {
    const low = written.toLowerCase()
    if (!low.startsWith("cvmimg") && distance(low.slice(0, 20), API_VERSION, 3) >= 3)
      return { kind: "foreign" }
    findings.at(version, {
      code: "unknown_kind",
      message: `apiVersion ${shown(written)} is not known.`,
      advice: `write \`apiVersion: ${API_VERSION}\``,
      path: "apiVersion",
    })
    return { kind: "broken" }
  }
  const name = kind?.kind === "scalar" ? kind.value : undefined
  const known = KINDS.find((k) => k === name)
  if (known !== undefined) return { kind: known, tree }
  if (kind === undefined) {
    findings.at(doc.spot, {
      code: "missing_key",
      message: "kind is missing.",
      advice: `write \`kind:\` and ${orList(KINDS)}`,
      path: "kind",
    })
  } else {
    const meant = typeof name === "string" ? nearest(name, KINDS) : undefined
    findings.at(kind, {
      code: "unknown_kind",
      message: `kind ${shown(name)} is not known.`,
      advice: meant === undefined ? `write ${orList(KINDS)}` : `did you mean "${meant}"?`,
      path: "kind",
    })
  }
  return { kind: "broken" }
}

function looksLikeOurs(tree: Tree): boolean {
  const kind = below(tree, "kind")
  if (kind?.kind === "scalar" && KINDS.some((k) => k.toLowerCase() === String(kind.value).toLowerCase()))
    return true
  return below(tree, "metadata") !== undefined && below(tree, "spec") !== undefined
}
