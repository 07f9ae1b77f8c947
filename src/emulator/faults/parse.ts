import { faultProblem, kindProblem, targetProblem } from "./check.ts"
import { effectRow } from "./effects.ts"
import type { Effect, Fault } from "./spec.ts"
import { kinds, readCount, readDuration } from "./values.ts"

/** Why a text is no fault. `column` counts characters from 1. */
export interface FaultProblem {
  message: string
  column: number
}

/** A fault, or why the text is none. */
export type Parsed = { fault: Fault; problem?: undefined } | { fault?: undefined; problem: FaultProblem }

/** A piece of the text and where it starts, from 0. */
interface Piece {
  text: string
  at: number
}

class Misread extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

/** Reads `WHAT:WHICH:EFFECT`, such as `ImportImage:3:error=InternalError`. Never throws. */
export function parseFault(text: string): Parsed {
  try {
    return { fault: read(text) }
  } catch (error) {
    if (!(error instanceof Misread)) throw error
    return { problem: { message: error.message, column: error.at + 1 } }
  }
}

function read(text: string): Fault {
  if (text.length > 2000) throw new Misread("a fault is at most 2000 characters long", 2000)
  const first = text.indexOf(":")
  const second = first < 0 ? -1 : text.indexOf(":", first + 1)
  if (second < 0)
    throw new Misread(
      "a fault has three parts, WHAT:WHICH:EFFECT, such as ImportImage:1:lost-after",
      text.length,
    )
  const what: Piece = { text: text.slice(0, first), at: 0 }
  const which: Piece = { text: text.slice(first + 1, second), at: first + 1 }
  const effect: Piece = { text: text.slice(second + 1), at: second + 1 }
  const problem = targetProblem(what.text)
  if (problem !== undefined) throw new Misread(problem, what.at)
  const fault: Fault = { on: what.text, ...readWhich(which), effect: readEffect(effect) }
  const wrong = faultProblem(fault)
  if (wrong === undefined) return fault
  throw new Misread(wrong.message, { what, which, effect }[wrong.part].at)
}

function pieces({ text, at }: Piece): Piece[] {
  let from = at
  return text.split(",").map((part) => {
    const piece = { text: part, at: from }
    from += part.length + 1
    return piece
  })
}

function readWhich(which: Piece): Omit<Fault, "on" | "effect"> {
  const chosen: Omit<Fault, "on" | "effect"> = {}
  for (const term of pieces(which)) {
    const found = readTerm(term)
    for (const name of Object.keys(found)) {
      if (Object.hasOwn(chosen, name))
        throw new Misread(`${term.text} chooses the ${label(name)} twice`, term.at)
    }
    Object.assign(chosen, found)
  }
  return chosen
}

function label(name: string): string {
  return { calls: "calls", every: "calls", between: "time", dryRun: "dry runs" }[name] ?? name
}

/** One term: `*`, `3`, `2-5`, `4+`, `/3`, `20%`, `10s-1m`, `30s+`, `dryrun`, `real`, `region=...`, a name's pattern. */
function readTerm({ text, at }: Piece): Omit<Fault, "on" | "effect"> {
  const fail = (message: string): never => {
    throw new Misread(message, at)
  }
  if (text === "") return fail("nothing is chosen; * chooses everything")
  if (text === "*") return {}
  if (text === "dryrun") return { dryRun: true }
  if (text === "real") return { dryRun: false }
  const named = /^(image|region|account)=(.*)$/u.exec(text)
  if (named !== null) return { [named[1] ?? ""]: named[2] ?? "" }
  if (text.includes("=")) return fail(`${text.split("=")[0]} chooses nothing; image, region and account do`)
  if (!/^[\d/]|%$/.test(text)) return { image: text }
  const share = /^(\d{1,3}(?:\.\d{1,4})?)%$/.exec(text)
  if (share !== null) return { share: Number(share[1]) / 100 }
  if (text.startsWith("/")) {
    const every = readCount(text.slice(1))
    return every === undefined ? fail("each third is written /3") : { every }
  }
  return (
    readSpan(text) ??
    fail(`${text} is no count, share or time: 3, 2-5, 4+, /3, 20%, 10s-1m, 30s+; or image=${text}`)
  )
}

function readSpan(text: string): Omit<Fault, "on" | "effect"> | undefined {
  const count = readCount(text)
  if (count !== undefined) return { calls: count }
  const open = text.endsWith("+")
  const [from = "", to, ...more] = open ? [text.slice(0, -1)] : text.split("-")
  if (more.length > 0 || (!open && to === undefined)) return undefined
  for (const [name, number] of [["calls", readCount] as const, ["between", readDuration] as const]) {
    const [start, end] = [number(from), to === undefined ? null : number(to)]
    if (start !== undefined && end !== undefined) return { [name]: [start, end] }
  }
  return undefined
}

function readEffect(piece: Piece): Effect {
  const [head = piece, ...options] = pieces(piece)
  const [kind, value] = cut(head.text)
  if (kind === "") throw new Misread("an effect is missing", head.at)
  const row = effectRow(kind)
  if (row === undefined) throw new Misread(kindProblem(kind) ?? "", head.at)
  const effect: Record<string, unknown> = { kind }
  const put = (field: string, type: keyof typeof kinds, text: string, at: number): void => {
    const read = kinds[type].read(text)
    if (read === undefined) throw new Misread(`${field} of ${kind} is ${kinds[type].says}`, at)
    effect[field] = read
  }
  const valueAt = head.at + kind.length + 1
  if (value !== undefined && row.value === undefined) throw new Misread(`${kind} takes no value`, valueAt)
  if (value === undefined && row.value?.needed)
    throw new Misread(`${kind} needs ${kinds[row.value.kind].says}`, valueAt - 1)
  if (value !== undefined && row.value !== undefined) put(row.value.field, row.value.kind, value, valueAt)
  for (const option of options) {
    const [name, text] = cut(option.text)
    const type = Object.hasOwn(row.options, name) ? row.options[name] : undefined
    if (type === undefined) throw new Misread(`${kind} has no option ${name || "without a name"}`, option.at)
    if (Object.hasOwn(effect, name)) throw new Misread(`${name} is given twice`, option.at)
    put(name, type, text ?? "", option.at + name.length + 1)
  }
  return effect as unknown as Effect
}

function cut(text: string): [name: string, value: string | undefined] {
  const at = text.indexOf("=")
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
