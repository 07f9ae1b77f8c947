/** Files that a command line names: read whole, up to a size, and written whole, or refused in words of ours. */
import { closeSync, openSync, readSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { systemWords } from "../model/system-error.ts"
import { UnusableFile } from "./exit.ts"
import type { Io } from "./io.ts"

const PIECE = 1024 * 1024

/** The text of a file, or of a pipe. Throws UnusableFile for one that cannot be read, is too large, or is no UTF-8. */
export function readNamed(io: Io, file: string, mostBytes: number): string {
  try {
    return readText(resolve(io.cwd, file), mostBytes)
  } catch (error) {
    throw new UnusableFile(`${file} cannot be read: ${systemWords(error)}`)
  }
}

/** Throws the system's error, or one that says what is wrong with the text. */
export function readText(path: string, mostBytes: number): string {
  const handle = openSync(path, "r")
  try {
    const pieces: Buffer[] = []
    let length = 0
    // By pieces, since what is no regular file does not tell its size, and may have no end.
    for (;;) {
      const piece = Buffer.alloc(PIECE)
      const n = readSync(handle, piece)
      if (n === 0) break
      length += n
      if (length > mostBytes) throw new Error(`it is larger than ${mostBytes} bytes`)
      pieces.push(piece.subarray(0, n))
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces))
  } finally {
    closeSync(handle)
  }
}

/** Throws UnusableFile where it cannot be written. */
export function writeNamed(io: Io, file: string, text: string, mode?: number): void {
  try {
    writeFileSync(resolve(io.cwd, file), text, mode === undefined ? {} : { mode })
  } catch (error) {
    throw new UnusableFile(`${file} cannot be written: ${systemWords(error)}`)
  }
}

/** Writes all, whatever becomes of one; what could not be written is thrown at the end, as one UnusableFile. */
export function writeAllOf(writes: readonly (() => void)[]): void {
  const problems: string[] = []
  for (const write of writes) {
    try {
      write()
    } catch (error) {
      if (!(error instanceof UnusableFile)) throw error
      problems.push(error.message)
    }
  }
  if (problems.length > 0) throw new UnusableFile(problems.join("; "))
}
