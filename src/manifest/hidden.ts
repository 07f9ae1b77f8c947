import { codePointName, HIDDEN_CHARACTERS, hasHidden, MISLEADING_CHARACTERS } from "../model/characters.ts"
import type { Findings } from "./findings.ts"
import type { SourceText } from "./text.ts"
import type { Spot, Tree } from "./tree.ts"

const ADVICE = "remove the characters; type the text anew where it was copied from somewhere"
const MAX_REPORTED = 20

/**
 * Hidden characters in the keys and values of a document, however they were written (`"\u202e"` too), and those in its
 * comments that change what a reader sees of the lines around them.
 */
export function checkHidden(
  tree: Tree | undefined,
  source: SourceText,
  start: number,
  end: number,
  findings: Findings,
): void {
  const told: Spot[] = []
  const tell = (spot: Spot, text: string): void => {
    if (!hasHidden(text)) return
    told.push(spot)
    const names = [...new Set(text.match(HIDDEN_CHARACTERS) ?? [])].map(codePointName)
    findings.at(spot, {
      code: "hidden_characters",
      message: `The text holds characters that cannot be seen: ${names.slice(0, 5).join(", ")}.`,
      advice: ADVICE,
    })
  }
  const text = source.text.slice(start, end)
  // Most documents have neither such a character nor a backslash that could write one.
  if (text.includes("\\") || hasHidden(text)) visit(tree, tell)
  if (text.search(MISLEADING_CHARACTERS) === -1) return
  let reported = 0
  for (const match of text.matchAll(MISLEADING_CHARACTERS)) {
    const at = start + match.index
    if (told.some((spot) => spot.source === source && at >= spot.start && at < spot.end)) continue
    if (++reported > MAX_REPORTED) break
    findings.at(
      { source, start: at, end: at + match[0].length },
      {
        code: "hidden_characters",
        message: `The file holds a character that cannot be seen: ${codePointName(match[0])}.`,
        advice: ADVICE,
      },
    )
  }
}

/** Each node once, also where aliases share it. */
function visit(tree: Tree | undefined, tell: (spot: Spot, text: string) => void): void {
  const seen = new Set<Tree>()
  const walk = (node: Tree): void => {
    if (node.kind === "scalar") {
      if (typeof node.value === "string") tell(node, node.value)
      return
    }
    if (seen.has(node)) return
    seen.add(node)
    if (node.kind === "list") for (const item of node.items) walk(item)
    else
      for (const entry of node.entries.values()) {
        tell(entry, entry.name)
        walk(entry.value)
      }
  }
  if (tree !== undefined) walk(tree)
}
