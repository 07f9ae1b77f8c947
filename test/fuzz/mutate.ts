/** Bytes that nobody meant: good ones damaged in every way that comes to mind, and texts made of hostile pieces. */
import type { Random } from "../chaos/support/random.ts"

/** Pieces that parsers, terminals and hashes trip over. */
const HOSTILE: readonly string[] = [
  "\u0000",
  "\u001b[2J\u001b]0;x\u0007",
  "\u009b31m",
  "\u007f",
  "\u202e",
  "\u2066",
  "\u200b",
  "\ufeff",
  "\u2028",
  "\ud83d\ude00",
  "e\u0301\u0301\u0301\u0301\u0301\u0301",
  "\r\n",
  "\r",
  "\n",
  "\t",
  "::error file=x::y",
  "##[command]",
  "##vso[task]",
  "</details><script>",
  "@everyone",
  "|`*_~<!--",
  "&a [*a, *a, *a]",
  "<<: *a",
  "? [a, {b: c}] : d",
  "!!binary x",
  "!!js/function x",
  "--- %YAML 1.1",
  "...",
  "- - - - - -",
  "[[[[[[[[",
  "{{{{{{{{",
  "}}]]",
  '"',
  "'",
  "\\",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "null",
  "~",
  "true",
  ".nan",
  "-.inf",
  "1e999",
  "-0",
  "0x7fffffffffffffff",
  "9007199254740993",
  "-1",
  "1.5",
  "022",
  "2001-01-01",
  "{region}",
  "{var.x}",
  "{",
  "%s%n%x",
  "../../etc/passwd",
  "a".repeat(300),
]

/** Values of JSON in the place of others. */
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e300,
  -1e300,
  Number.MAX_SAFE_INTEGER,
  "",
  "x",
  [],
  {},
  [null],
  [[]],
  [{}],
  { __proto__: null, toString: 1 },
  { length: -1 },
  "\u0000\u001b[31m\u202e",
  "a".repeat(500),
]

export function soup(r: Random, pieces: readonly string[], most: number): Buffer {
  const parts = Array.from({ length: r.int(most) }, () => {
    if (r.chance(0.6)) return Buffer.from(r.pick(pieces))
    return r.chance(0.7) ? Buffer.from(r.pick(HOSTILE)) : noise(r, 1 + r.int(6))
  })
  return Buffer.concat(parts)
}

export function noise(r: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => r.int(256)))
}

/** Good bytes with a few things wrong. `other`: more good bytes to take parts of. */
export function damaged(r: Random, good: Uint8Array, other: Uint8Array = good): Buffer {
  let bytes = Buffer.from(good)
  for (let times = 1 + r.int(r.pick([1, 2, 6])); times > 0; times -= 1) bytes = once(r, bytes, other)
  return bytes
}

function once(r: Random, bytes: Buffer, other: Uint8Array): Buffer<ArrayBuffer> {
  const at = r.int(bytes.length + 1)
  const to = Math.min(bytes.length, at + r.int(r.pick([4, 40, 400])))
  const replaced = (part: Uint8Array): Buffer<ArrayBuffer> =>
    Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(to)])
  switch (
    r.weighted({
      flip: 3,
      cut: 1,
      drop: 2,
      hostile: 5,
      insert: 3,
      noise: 1,
      splice: 1,
      repeat: 1,
      line: 2,
      bom: 0.2,
    })
  ) {
    case "flip": {
      const copy = Buffer.from(bytes)
      if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << r.int(8))
      return copy
    }
    case "cut":
      return Buffer.from(bytes.subarray(0, at))
    case "drop":
      return replaced(Buffer.alloc(0))
    case "hostile":
      return replaced(Buffer.from(r.pick(HOSTILE)))
    case "insert":
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(r.pick(HOSTILE)), bytes.subarray(at)])
    case "noise":
      return replaced(noise(r, 1 + r.int(8)))
    case "splice": {
      const from = r.int(other.length + 1)
      return replaced(other.subarray(from, from + r.int(80)))
    }
    case "repeat": {
      const part = bytes.subarray(at, to)
      return replaced(Buffer.concat(Array.from({ length: 1 + r.int(r.pick([3, 30, 300])) }, () => part)))
    }
    case "line":
      return swappedLines(r, bytes)
    case "bom":
      return Buffer.concat([r.pick([Buffer.from("\ufeff"), Buffer.from([0xff, 0xfe])]), bytes])
  }
}

/** A word of some line is another's, or a line is elsewhere: still well formed more often than not. */
function swappedLines(r: Random, bytes: Buffer): Buffer<ArrayBuffer> {
  const lines = bytes.toString("utf8").split("\n")
  const [one, other] = [r.int(lines.length), r.int(lines.length)]
  const line = lines[one] ?? ""
  if (r.chance(0.5)) {
    lines[one] = lines[other] ?? ""
    lines[other] = line
  } else {
    const colon = line.indexOf(":")
    const value = r.chance(0.5) ? r.pick(HOSTILE) : (lines[other] ?? "").split(":").slice(1).join(":")
    lines[one] = `${line.slice(0, colon < 0 ? line.length : colon + 1)} ${value}`
  }
  return Buffer.from(lines.join("\n"))
}

/** JSON that is well formed, with a few values that are not what they should be. */
export function wrongValues(r: Random, good: unknown): unknown {
  let value = structuredClone(good)
  for (let times = 1 + r.int(3); times > 0; times -= 1) value = wrongValue(r, value)
  return value
}

function wrongValue(r: Random, value: unknown): unknown {
  if (typeof value !== "object" || value === null || r.chance(0.08)) return structuredClone(r.pick(VALUES))
  const keys = Object.keys(value)
  const holder = value as Record<string, unknown>
  const key = r.pick(keys)
  if (key === undefined) return structuredClone(r.pick(VALUES))
  switch (r.weighted({ inside: 8, drop: 1, add: 0.5, rename: 0.5, hostile: 1 })) {
    case "inside":
      holder[key] = wrongValue(r, holder[key])
      break
    case "drop":
      if (Array.isArray(value)) value.splice(Number(key), 1)
      else delete holder[key]
      break
    case "add":
      if (Array.isArray(value)) value.push(structuredClone(r.pick(VALUES)))
      else define(holder, r.pick(HOSTILE), structuredClone(r.pick(VALUES)))
      break
    case "rename":
      if (Array.isArray(value)) value.push(value[Number(key)])
      else define(holder, r.pick(keys) ?? "", holder[key])
      break
    case "hostile":
      holder[key] = r.pick(HOSTILE)
  }
  return value
}

/** `__proto__` as well is a key like any other. */
function define(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true })
}
