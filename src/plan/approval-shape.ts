/** Whether a value has the shape of an approval set: that of schemas/approval.schema.json, with all its verbs need. */
import { type ApprovalValidator, makeApprovalValidator } from "./approval.gen.ts"

let made: ApprovalValidator | undefined

/** What is wrong, as part of a sentence: `plan.actions[3] lacks request`. Undefined: nothing. */
export function shapeProblem(value: unknown): string | undefined {
  made ??= makeApprovalValidator()
  if (made(value)) return undefined
  const [first] = made.errors ?? []
  if (first === undefined) return "the whole is not what it must be"
  const { instancePath, keyword, params } = first
  const at = placeText(instancePath)
  if (keyword === "required") return `${at} lacks ${String(params.missingProperty)}`
  if (keyword === "additionalProperties")
    return `${at} has ${String(params.additionalProperty)} beyond the format`
  return `${at} is not what it must be`
}

/** A JSON pointer as people write it, bounded: keys are of the file. */
function placeText(pointer: string): string {
  const parts = pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
  const text = parts.reduce((path, part) => {
    if (/^\d+$/.test(part)) return `${path}[${part}]`
    return path === "" ? part : `${path}.${part}`
  }, "")
  if (text === "") return "the whole"
  return text.length <= MOST ? text : `${text.slice(0, MOST)}...`
}

const MOST = 120
