import { refuse } from "./failure.ts"

/**
 * What a parameter may be. `code` is the error of a value that is too long (text: characters, a list: members);
 * the common codes are used for everything else.
 */
type Field = (
  | { type: "string"; max?: number }
  | { type: "integer" }
  | { type: "boolean" }
  | { type: "list"; of: Field; max?: number }
  | { type: "object"; fields: Fields }
) & { required?: true; site?: "cn"; code?: string }

/** The declared parameters of an action, or of a nested structure, by name. */
export type Fields = Readonly<Record<string, Field>>

/** Parameters as an action sees them: declared names only, each of its declared type. */
export type Parameters = Record<string, unknown>

/**
 * Checks parameters against their table. Throws UnknownParameter, MissingParameter, InvalidParameter (a wrong JSON
 * type; null is one), or the field's own code for what is too long. Source: section 4.2.
 */
export function checkParameters(fields: Fields, given: Parameters, site: "intl" | "cn", path = ""): void {
  for (const name of Object.keys(given)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field === undefined || (field.site !== undefined && field.site !== site)) {
      refuse("UnknownParameter", `The parameter \`${path}${name}\` is not recognized.`)
    }
  }
  for (const [name, field] of Object.entries(fields)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    if (value === undefined) {
      if (field.required)
        refuse("MissingParameter", `The request is missing a required parameter \`${path}${name}\`.`)
      continue
    }
    checkValue(field, value, site, `${path}${name}`)
  }
}

function checkValue(field: Field, value: unknown, site: "intl" | "cn", path: string): void {
  switch (field.type) {
    case "string":
      if (typeof value !== "string") wrongType(path, "string")
      if (field.required && value === "") {
        refuse("MissingParameter", `The request is missing a required parameter \`${path}\`.`)
      }
      if (field.max !== undefined && value.length > field.max && [...value].length > field.max) {
        tooLong(field, path, `${field.max} characters`)
      }
      return
    case "integer":
      if (!Number.isSafeInteger(value)) wrongType(path, "integer")
      return
    case "boolean":
      if (typeof value !== "boolean") wrongType(path, "boolean")
      return
    case "list":
      if (!Array.isArray(value)) wrongType(path, "array")
      if (field.max !== undefined && value.length > field.max) tooLong(field, path, `${field.max} members`)
      value.forEach((member, index) => {
        checkValue(field.of, member, site, `${path}.${index}`)
      })
      return
    case "object":
      if (typeof value !== "object" || value === null || Array.isArray(value)) wrongType(path, "object")
      checkParameters(field.fields, value as Parameters, site, `${path}.`)
  }
}

function wrongType(path: string, type: string): never {
  refuse("InvalidParameter", `The value type of parameter \`${path}\` is not valid: ${type} is expected.`)
}

function tooLong(field: Field, path: string, most: string): never {
  refuse(field.code ?? "InvalidParameterValue.LimitExceeded", `The parameter \`${path}\` exceeds ${most}.`)
}

/**
 * Builds parameters from a flattened query (`Filters.0.Name=x`). Types come from the table; names that the table
 * does not know stay text, so that the check finds them.
 */
export function unflatten(query: URLSearchParams, fields: Fields): Parameters {
  const tree: Tree = new Map()
  for (const [path, value] of query) {
    let node = tree
    const steps = path.split(".")
    steps.forEach((step, index) => {
      if (index === steps.length - 1) {
        node.set(step, value)
        return
      }
      const next = node.get(step)
      const child: Tree = next instanceof Map ? next : new Map()
      node.set(step, child)
      node = child
    })
  }
  return typedObject(tree, fields)
}

type Tree = Map<string, string | Tree>

function typedObject(tree: Tree, fields: Fields): Parameters {
  const result: Parameters = Object.create(null)
  for (const [name, value] of tree) {
    result[name] = typed(value, Object.hasOwn(fields, name) ? fields[name] : undefined)
  }
  return result
}

function typed(value: string | Tree, field: Field | undefined): unknown {
  if (typeof value === "string") {
    if (field?.type === "integer" && /^-?\d{1,15}$/.test(value)) return Number(value)
    if (field?.type === "boolean" && /^(true|false|1|0)$/i.test(value)) return /^(true|1)$/i.test(value)
    return value
  }
  if (field?.type === "list") {
    const members = [...value].map(([index, member]) => ({ index: Number(index), member }))
    if (members.some(({ index }) => !Number.isInteger(index) || index < 0)) return Object.fromEntries(value)
    return members.sort((a, b) => a.index - b.index).map(({ member }) => typed(member, field.of))
  }
  return typedObject(value, field?.type === "object" ? field.fields : {})
}
