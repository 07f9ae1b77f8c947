/** What must never come of any input, whoever reads it. */
import { CANARY, type Place, type Reader, type Seen } from "./reader.ts"

/** No input takes longer on the busiest machine. Nothing that is fast at all comes near. */
const MOST_MS = 20_000

/** What is wrong with how the reader took the input; undefined: nothing. */
export async function problemOf(reader: Reader, input: Buffer, place: Place): Promise<string | undefined> {
  const start = performance.now()
  let seen: Seen
  try {
    seen = await reader.read(input, place)
  } catch (error) {
    return `it throws ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  }
  const took = performance.now() - start
  if (took > MOST_MS) return `it takes ${Math.round(took)} ms`
  return problemIn(seen)
}

function problemIn({ told = [], written = [], exit }: Seen): string | undefined {
  if (exit !== undefined && !exit.documented.includes(exit.code)) return `its exit code is ${exit.code}`
  for (const text of [...told, ...written]) {
    if (text.includes("internal error")) return `it says: ${text.slice(0, 400)}`
    if (/^ {4}at \S.*:\d+:\d+\)?$/m.test(text)) return `it shows a stack: ${text.slice(0, 400)}`
    if (text.includes(CANARY)) return `it tells a secret: ${text.slice(0, 400)}`
  }
  for (const text of told) {
    const bad = UNSAFE.exec(text)
    if (bad !== null) {
      const code = bad[0].codePointAt(0)?.toString(16)
      return `it prints U+${code}: ${JSON.stringify(text.slice(Math.max(0, bad.index - 80), bad.index + 80))}`
    }
  }
  return undefined
}

/** Controls but the newline, bidirectional and zero-width characters, separators of lines, halves of characters. */
const UNSAFE = /[^\P{Cc}\n]|[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Cs}/u
