/** Expressions of GitHub Actions, as far as the workflows use them; an unknown name or function is an error. */

export interface Scope {
  /** `github`, `secrets`, `steps`, ... */
  readonly contexts: Readonly<Record<string, unknown>>
  readonly functions: Readonly<Record<string, (...args: unknown[]) => unknown>>
}

const TOKEN =
  /\s*(?:(&&|\|\||==|!=|[!(),])|'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w-]*(?:\.[\w-]+)*))/y

type Token = { kind: "op" | "text" | "number" | "name"; value: string }

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const from = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (match === null) throw new Error(`cannot read ${text.slice(from)}`)
    const [, op, quoted, number, name] = match
    if (op !== undefined) tokens.push({ kind: "op", value: op })
    else if (quoted !== undefined) tokens.push({ kind: "text", value: quoted.replaceAll("''", "'") })
    else if (number !== undefined) tokens.push({ kind: "number", value: number })
    else tokens.push({ kind: "name", value: name ?? "" })
  }
  return tokens
}

/** The value of one expression, without its `${{ }}`. */
export function evaluate(text: string, scope: Scope): unknown {
  const tokens = tokensOf(text)
  let at = 0
  const take = (value: string): boolean => {
    if (tokens[at]?.kind !== "op" || tokens[at]?.value !== value) return false
    at += 1
    return true
  }
  const or = (): unknown => {
    let left = and()
    while (take("||")) {
      const right = and()
      left = truthy(left) ? left : right
    }
    return left
  }
  const and = (): unknown => {
    let left = comparison()
    while (take("&&")) {
      const right = comparison()
      left = truthy(left) ? right : left
    }
    return left
  }
  const comparison = (): unknown => {
    const left = unary()
    if (take("==")) return same(left, unary())
    if (take("!=")) return !same(left, unary())
    return left
  }
  const unary = (): unknown => (take("!") ? !truthy(unary()) : primary())
  const primary = (): unknown => {
    if (take("(")) {
      const value = or()
      if (!take(")")) throw new Error(`a parenthesis is open in ${text}`)
      return value
    }
    const token = tokens[at]
    at += 1
    if (token === undefined || token.kind === "op") throw new Error(`something is missing in ${text}`)
    if (token.kind === "text") return token.value
    if (token.kind === "number") return Number(token.value)
    if (token.value === "true" || token.value === "false") return token.value === "true"
    if (take("(")) return call(token.value)
    return lookUp(token.value, scope.contexts)
  }
  const call = (name: string): unknown => {
    const args: unknown[] = []
    while (!take(")")) {
      args.push(or())
      take(",")
      if (at >= tokens.length) throw new Error(`a parenthesis is open in ${text}`)
    }
    const found = scope.functions[name]
    if (found === undefined) throw new Error(`unknown function ${name}`)
    return found(...args)
  }
  const value = or()
  if (at < tokens.length) throw new Error(`too much in ${text}`)
  return value
}

/** A text with its expressions filled in. */
export function filled(text: string, scope: Scope): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, inner: string) => {
    const value = evaluate(inner, scope)
    return value === undefined || value === null ? "" : String(value)
  })
}

/** Whether an `if` holds. Without a function about the status, `success()` is asked too, as GitHub does. */
export function holds(condition: string | undefined, scope: Scope): boolean {
  const text = (condition ?? "success()").replace(/^\s*\$\{\{|\}\}\s*$/g, "")
  const asks = /\b(always|success|failure|cancelled)\(/.test(text)
  return truthy(evaluate(asks ? text : `success() && (${text})`, scope))
}

function lookUp(path: string, contexts: Scope["contexts"]): unknown {
  const [first = "", ...rest] = path.split(".")
  if (!Object.hasOwn(contexts, first)) throw new Error(`unknown context ${first}`)
  let value: unknown = contexts[first]
  for (const key of rest) value = (value as Record<string, unknown> | null | undefined)?.[key]
  return value
}

function truthy(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== "" && value !== 0
}

/** Texts are compared without regard to case; what is missing is an empty text. */
function same(a: unknown, b: unknown): boolean {
  const plain = (value: unknown): unknown => (value === undefined || value === null ? "" : value)
  const [left, right] = [plain(a), plain(b)]
  if (typeof left === "string" && typeof right === "string") return left.toLowerCase() === right.toLowerCase()
  return left === right
}
