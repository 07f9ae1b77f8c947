import type { Account } from "../model/stack.ts"

/** A text with `{region}`, `{account}` and `{var.NAME}` in it. */
export interface Template {
  readonly parts: readonly (string | Hole)[]
  /** What stands in braces and is none of these, braces included. */
  readonly unknown: readonly string[]
}

type Hole =
  | { readonly fill: "region" }
  | { readonly fill: "account" }
  | { readonly fill: "var"; readonly name: string }

export type Filled = { readonly text: string } | { readonly missing: string }

/** Takes a text apart. A brace alone is unknown too. */
export function parseTemplate(text: string): Template {
  if (!text.includes("{") && !text.includes("}")) return { parts: [text], unknown: [] }
  const parts: (string | Hole)[] = []
  const unknown: string[] = []
  let from = 0
  for (const match of text.matchAll(/\{([^{}]*)\}|[{}]/g)) {
    if (match.index > from) parts.push(text.slice(from, match.index))
    from = match.index + match[0].length
    const hole = holeOf(match[1])
    if (hole === undefined) unknown.push(match[0])
    else parts.push(hole)
  }
  if (from < text.length) parts.push(text.slice(from))
  return { parts, unknown }
}

function holeOf(inside: string | undefined): Hole | undefined {
  if (inside === "region" || inside === "account") return { fill: inside }
  if (inside?.startsWith("var.") && inside.length > 4) return { fill: "var", name: inside.slice(4) }
  return undefined
}

/** The text for one placement, or the first variable that the account does not have. */
export function fillTemplate(template: Template, account: Account, region: string): Filled {
  let text = ""
  for (const part of template.parts) {
    if (typeof part === "string") text += part
    else if (part.fill === "region") text += region
    else if (part.fill === "account") text += account.name
    else {
      const value = Object.hasOwn(account.vars, part.name) ? account.vars[part.name] : undefined
      if (value === undefined) return { missing: part.name }
      text += value
    }
  }
  return { text }
}
