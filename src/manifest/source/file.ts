import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs"
import type { DiagnosticCode } from "../../model/diagnostic.ts"

export const MAX_FILE_BYTES: number = 16 * 1024 * 1024

/** Why a file was not read. */
export interface FileProblem {
  readonly code: DiagnosticCode
  readonly message: string
  readonly advice?: string
}

/** The bytes of a file, or why there are none. A file that grows meanwhile is read to the size that it had. */
export function readBytes(path: string): { readonly bytes?: Uint8Array; readonly problem?: FileProblem } {
  let fd: number | undefined
  try {
    // A pipe would wait for a writer when it is opened.
    if (!statSync(path).isFile()) {
      const message = "It is neither a file nor a directory."
      return { problem: { code: "unreadable", message, advice: "pipe the text and name `-`" } }
    }
    fd = openSync(path, "r")
    const { size } = fstatSync(fd)
    if (size > MAX_FILE_BYTES) {
      const message = `The file has ${size} bytes; a manifest may have ${MAX_FILE_BYTES}.`
      return { problem: { code: "file_too_large", message, advice: "divide it" } }
    }
    const bytes = new Uint8Array(size)
    let length = 0
    for (let n = -1; length < size && n !== 0; length += n)
      n = readSync(fd, bytes, length, size - length, null)
    return { bytes: bytes.subarray(0, length) }
  } catch (error) {
    return { problem: { code: "unreadable", message: `The file cannot be read (${codeOf(error)}).` } }
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** Whether there is a file, a link to one included. */
export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** `ENOENT` and the like. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code ?? "unknown error"
}
