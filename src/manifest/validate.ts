import type { DiagnosticCode } from "../model/diagnostic.ts"
import { adviceForType, adviceForWord, countedRule } from "./advice.ts"
import type { Finding, Findings } from "./findings.ts"
import type { Kind } from "./kinds.ts"
import {
  type Entry,
  type MapNode,
  type Plain,
  pathText,
  rawText,
  type Spot,
  type Tree,
  toPlain,
} from "./tree.ts"
import type { Validator, Violation } from "./validator.ts"
import { validateFamily, validateImage, validateStack } from "./validators.gen.ts"
import { nearest, orList, shown, withoutSecrets } from "./words.ts"

const VALIDATORS: Readonly<Record<Kind, Validator>> = {
  Stack: validateStack,
  Image: validateImage,
  Family: validateFamily,
}

/** Further violations of one document are only counted. */
const MAX_VIOLATIONS = 2_000
/** Characters of a line that are looked at for what is to be filled in. */
const MAX_COMMENT = 1_000

/** A document after the check against its schema. */
export interface Checked {
  readonly kind: Kind
  /** Without the parts that are wrong. */
  readonly tree: MapNode
  /** Its values, of the type that the schema describes, except that required keys may be missing. */
  readonly value: Plain
  /** Paths that were wrong and are taken out; what they would have said is not known. */
  readonly broken: ReadonlySet<string>
}

/** Checks a document against the schema of its kind; says what is wrong and takes it out. */
export function validateTree(kind: Kind, tree: MapNode, findings: Findings): Checked {
  const validator = VALIDATORS[kind]
  const plain = toPlain(tree)
  const broken = new Set<string>()
  if (validator(plain)) return { kind, tree, value: plain, broken }
  const violations = validator.errors ?? []
  const wrong: Place[] = []
  let said = 0
  for (const violation of violations) {
    // The rule about the key says more than that there is one.
    if (violation.keyword === "propertyNames") continue
    if (++said > MAX_VIOLATIONS) break
    const place = locate(tree, violation.instancePath)
    const { spot, finding, culprit } = explain(violation, place, tree)
    findings.at(spot, finding)
    if (culprit !== undefined) wrong.push(culprit)
  }
  if (said > MAX_VIOLATIONS) findings.addUnseen(violations.length - MAX_VIOLATIONS)
  for (const place of wrong) takeOut(place, broken)
  return { kind, tree, value: toPlain(tree), broken }
}

/** A value in the tree, and the entry of the innermost map that holds it. */
interface Place {
  readonly node: Tree
  readonly keys: readonly (string | number)[]
  readonly entry?: Entry
  readonly parent?: MapNode
  /** Keys of the entry. */
  readonly entryKeys: readonly (string | number)[]
}

function locate(root: MapNode, pointer: string): Place {
  let node: Tree = root
  let entry: Entry | undefined
  let parent: MapNode | undefined
  const keys: (string | number)[] = []
  let entryKeys: (string | number)[] = []
  for (const part of pointer.split("/").slice(1)) {
    if (node.kind === "map") {
      const name = part.replaceAll("~1", "/").replaceAll("~0", "~")
      const found: Entry | undefined = node.entries.get(name)
      if (found === undefined) break
      parent = node
      entry = found
      keys.push(name)
      entryKeys = [...keys]
      node = found.value
    } else if (node.kind === "list") {
      const item: Tree | undefined = node.items[Number(part)]
      if (item === undefined) break
      keys.push(Number(part))
      node = item
    }
  }
  return {
    node,
    keys,
    entryKeys,
    ...(entry === undefined ? {} : { entry }),
    ...(parent === undefined ? {} : { parent }),
  }
}

/** What the comment says behind an empty value, `url: # TODO: the address`, as `export` and people write it. */
function todoAt(node: Tree): { readonly advice?: string } | undefined {
  if (node.kind !== "scalar" || node.value !== null || rawText(node) !== "") return undefined
  const line = node.source.text.slice(node.start, node.start + MAX_COMMENT).split("\n", 1)[0] ?? ""
  const comment = /^[ \t]*#[ \t]*TODO\b:?[ \t]*(.*?)[ \t\r]*$/.exec(line)
  if (comment === null) return undefined
  const advice = withoutSecrets(comment[1] ?? "")
  return advice === "" ? {} : { advice }
}

function takeOut(place: Place, broken: Set<string>): void {
  broken.add(pathText(place.entryKeys))
  if (place.entry !== undefined) place.parent?.entries.delete(place.entry.name)
}

interface Explained {
  readonly spot: Spot
  readonly finding: Finding
  /** What cannot be used. */
  readonly culprit?: Place
}

function explain(violation: Violation, place: Place, root: MapNode): Explained {
  const { keyword, params, parentSchema } = violation
  const path = pathText(place.keys)
  if (keyword === "additionalProperties") {
    return explainUnknownKey(
      place,
      String(params.additionalProperty),
      Object.keys(parentSchema.properties ?? {}),
    )
  }
  if (keyword === "required") {
    const key = String(params.missingProperty)
    const at = pathText([...place.keys, key])
    const spot = place.entry ?? { source: root.source, start: root.start, end: root.start }
    return { spot, finding: { code: "missing_key", message: `${at} is missing.`, path: at } }
  }
  if (violation.propertyName !== undefined) return explainKey(violation, place, violation.propertyName)
  const spot = place.node
  const todo = todoAt(spot)
  const said: Finding =
    todo === undefined
      ? sentence(violation, place, path)
      : { code: "todo", message: `${path} is still to be filled in.`, ...todo }
  return { spot, finding: { ...said, path }, ...(place.entry === undefined ? {} : { culprit: place }) }
}

function explainUnknownKey(place: Place, key: string, known: readonly string[]): Explained {
  const inner = keyPlace(place, key)
  const meant = nearest(key, known)
  return {
    spot: inner.entry ?? place.node,
    finding: {
      code: "unknown_key",
      message: `The key ${shown(key)} is not part of the format${place.keys.length > 0 ? ` in ${pathText(place.keys)}` : ""}.`,
      advice: SECRET.test(key)
        ? "secrets never stand in a manifest: name a `profile` or a role, or set the environment"
        : meant === undefined
          ? `known here: ${known.join(", ")}`
          : `did you mean "${meant}"?`,
      path: pathText(inner.keys),
    },
    culprit: inner,
  }
}

function explainKey(violation: Violation, place: Place, key: string): Explained {
  const inner = keyPlace(place, key)
  const advice = violation.parentSchema["x-advice"]
  return {
    spot: inner.entry ?? place.node,
    finding: {
      code: codeOf(violation),
      message: `The key ${shown(key)} is not one that ${pathText(place.keys)} can have.`,
      ...(advice === undefined ? {} : { advice }),
      path: pathText(inner.keys),
    },
    culprit: inner,
  }
}

const SECRET = /secret|passw|token|access-?_?key|credential/i

function keyPlace(place: Place, key: string): Place {
  const keys = [...place.keys, key]
  const entry = place.node.kind === "map" ? place.node.entries.get(key) : undefined
  if (place.node.kind !== "map" || entry === undefined) return { ...place, keys, entryKeys: keys }
  return { node: entry.value, entry, parent: place.node, keys, entryKeys: keys }
}

function sentence(violation: Violation, place: Place, path: string): Finding {
  const { keyword, parentSchema, params } = violation
  const value = place.node.kind === "scalar" ? place.node.value : undefined
  const field = lastKey(place)
  switch (keyword) {
    case "type":
      return adviceForType(parentSchema.type ?? [], place.node, path, field)
    case "enum": {
      const words = parentSchema.enum ?? []
      if (place.node.kind !== "scalar" || value === null || value === undefined)
        return adviceForType("string", place.node, path, field)
      return {
        code: "not_allowed",
        message: `${path} cannot be ${shown(typeof value === "string" ? value : rawText(place.node))}.`,
        advice: adviceForWord(value, words),
      }
    }
    case "const":
      return {
        code: "not_allowed",
        message: `${path} cannot be ${shown(value)}.`,
        advice: `write ${shown(params.allowedValue)}`,
      }
    case "uniqueItems": {
      const twice = place.node.kind === "list" ? place.node.items[Number(params.i)] : undefined
      const what = twice?.kind === "scalar" ? shown(twice.value) : "An item"
      return { code: "bad_value", message: `${what} stands twice in ${path}.`, advice: "keep one of them" }
    }
    default: {
      const advice = parentSchema["x-advice"] ?? exampleOf(violation)
      return {
        code: codeOf(violation),
        message: countedRule(violation, path, value),
        ...(advice === undefined ? {} : { advice }),
      }
    }
  }
}

function codeOf({ keyword, parentSchema }: Violation): DiagnosticCode {
  const code = parentSchema["x-code"]
  if (code === "bad_name" && keyword === "maxLength") return "name_too_long"
  return code === "bad_name" || code === "bad_duration" ? code : "bad_value"
}

function exampleOf({ parentSchema }: Violation): string | undefined {
  const examples = parentSchema.examples?.filter((e) => typeof e === "string")
  return examples === undefined || examples.length === 0
    ? undefined
    : `for example ${orList(examples.map(shown))}`
}

/** The nearest key above the value, for advice in the form `key: value`. */
function lastKey(place: Place): string {
  return place.entry?.name ?? ""
}
