/** What to write instead: for values of the wrong type, words that are not allowed, and rules with a number in them. */
import type { Finding } from "./findings.ts"
import { rawText, type Tree } from "./tree.ts"
import type { Violation } from "./validator.ts"
import { nearest, orList, shown, withoutSecrets } from "./words.ts"

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  null: "null",
}

/** What YAML 1.1 and other tools take for true and false. */
const BOOLEAN_WORDS: Readonly<Record<string, boolean>> = {
  yes: true,
  on: true,
  y: true,
  true: true,
  no: false,
  off: false,
  n: false,
  false: false,
}

/** The finding for a value that has none of the wanted types. */
export function adviceForType(
  types: string | readonly string[],
  node: Tree,
  path: string,
  field: string,
): Finding {
  const wanted = typeof types === "string" ? [types] : types
  const names = orList(wanted.map((t) => TYPE_NAMES[t] ?? t))
  const inList = path.endsWith("]")
  const written = (text: string): string => (inList || field === "" ? `\`${text}\`` : `\`${field}: ${text}\``)
  if (node.kind !== "scalar") {
    const is = node.kind === "list" ? "a list" : "a map"
    return { code: "wrong_type", message: `${path} needs ${names}, not ${is}.` }
  }
  const raw = clipped(rawText(node))
  if (node.value === null && (raw === "" || !wanted.includes("string"))) {
    return {
      code: "wrong_type",
      message: `${path} needs ${names}, and nothing is written.`,
      advice: "give it a value or remove the key",
    }
  }
  if (wanted.includes("string") && node.plain && typeof node.value !== "string") {
    return {
      code: "quote_this",
      message: `YAML reads ${raw} as ${readAs(node.value)}; ${path} needs ${names}.`,
      advice: `write ${written(`"${raw}"`)}`,
    }
  }
  const message = `${path} needs ${names}, not ${typeof node.value === "string" ? "the text " : ""}${shown(node.value)}.`
  const better = convert(wanted, node.value, raw)
  return {
    code: "wrong_type",
    message,
    ...(better === undefined ? {} : { advice: `write ${written(better)}` }),
  }
}

function readAs(value: string | number | boolean | null): string {
  if (value === null) return "null"
  return typeof value === "number" ? `the number ${value}` : `the truth value ${value}`
}

/** The value as one of the wanted types, where it is plain what is meant. */
function convert(
  wanted: readonly string[],
  value: string | number | boolean | null,
  raw: string,
): string | undefined {
  if (typeof value === "string") {
    const word = value.toLowerCase()
    if (wanted.includes("boolean") && Object.hasOwn(BOOLEAN_WORDS, word)) return String(BOOLEAN_WORDS[word])
    if (wanted.includes("integer") && /^[0-9]{1,9}$/.test(value)) return String(Number(value))
  }
  if (wanted.includes("array") && raw !== "" && !raw.includes("\n")) return `[${raw}]`
  return undefined
}

/** The advice for a word that is not one of those allowed. */
export function adviceForWord(value: string | number | boolean, words: readonly string[]): string {
  const meant = nearest(String(value), words)
  return meant === undefined
    ? `write ${orList(words)}`
    : `did you mean "${meant}"? Allowed are ${orList(words)}`
}

/** The sentence for a rule about a length, a size or a pattern. */
export function countedRule({ keyword, params }: Violation, path: string, value: unknown): string {
  const limit = String(params.limit)
  switch (keyword) {
    case "minLength":
      return `${path} is empty.`
    case "maxLength":
      return `${path} is longer than ${limit} characters: ${[...String(value)].length}.`
    case "minimum":
      return `${path} is less than ${limit}.`
    case "maximum":
      return `${path} is more than ${limit}.`
    case "minItems":
    case "minProperties":
      return `${path} is empty.`
    case "maxItems":
      return `${path} has more than ${limit} items.`
    default:
      return value === "" ? `${path} is empty.` : `${path} cannot be ${shown(value)}.`
  }
}

function clipped(raw: string): string {
  const line = withoutSecrets(raw.split("\n", 1)[0] ?? "")
  return line.length > 60 ? `${line.slice(0, 57)}…` : line
}
