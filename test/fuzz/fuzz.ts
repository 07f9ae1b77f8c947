/** Inputs by number: the same reader and number are the same input, on every machine. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Random } from "../chaos/support/random.ts"
import { problemOf } from "./oracle.ts"
import type { Place, Reader } from "./reader.ts"

export function inputOf(reader: Reader, n: number): Buffer {
  return reader.input(new Random(n).fork(reader.name))
}

/** A folder of its own, gone afterwards. */
export async function inPlace<T>(what: (place: Place) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "cvmimg-fuzz-"))
  try {
    return await what({ folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Lines of a text, then bytes: what can go with the same thing still wrong goes. */
export async function minimised(reader: Reader, input: Buffer, place: Place): Promise<Buffer> {
  const kind = (problem: string | undefined): string | undefined => problem?.split("\n")[0]?.slice(0, 60)
  const wrong = kind(await problemOf(reader, input, place))
  let least = input
  let tries = 0
  for (let size = least.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < least.length && tries < 2_000; ) {
      tries += 1
      const less = Buffer.concat([least.subarray(0, at), least.subarray(at + size)])
      if (kind(await problemOf(reader, less, place)) === wrong) least = less
      else at += size
    }
  }
  return least
}
