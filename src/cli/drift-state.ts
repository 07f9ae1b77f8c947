/** The state of drift on disc (`--state`): read before anything is asked, written whole or not at all. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs"
import { dirname, resolve } from "node:path"
import type { DriftState } from "../model/drift.ts"
import { systemCode, systemWords } from "../model/system-error.ts"
import { parseDriftState, sealDriftState } from "../plan/index.ts"
import { jsonText } from "../report/json.ts"
import { UnusableFile } from "./exit.ts"
import { readText } from "./files.ts"
import type { Io } from "./io.ts"

/** A state is a few hundred bytes a placement; nothing sensible is larger. */
const MOST_BYTES = 256 * 1024 * 1024

/**
 * The state that an earlier run left, or undefined where there is none yet. Throws UnusableFile for one that is damaged
 * or of another stack: to begin anew would forget which images were there, and call a deleted one a new wish.
 */
export function readDriftState(io: Io, file: string, stackId: string): DriftState | undefined {
  let text: string
  try {
    text = readText(resolve(io.cwd, file), MOST_BYTES)
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined
    throw new UnusableFile(`${file} cannot be read: ${systemWords(error)}`)
  }
  const state = parseDriftState(text, stackId)
  if (typeof state !== "string") return state
  throw new UnusableFile(
    `${file} cannot be used: ${state}. Name another file; or remove this one, and every finding is new again`,
  )
}

/** Replaces the state at once: whoever reads meanwhile sees the old one or the new one. Throws UnusableFile. */
export function writeDriftState(io: Io, file: string, state: Omit<DriftState, "checksum">): void {
  const path = resolve(io.cwd, file)
  const beside = `${path}.${process.pid}.tmp`
  try {
    const handle = openSync(beside, "w", 0o600)
    try {
      const bytes = Buffer.from(jsonText(sealDriftState(state)))
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(beside, path)
    syncFolderOf(path)
  } catch (error) {
    rmSync(beside, { force: true })
    throw new UnusableFile(
      `${file} cannot be written: ${systemWords(error)}. The next run will not know of this one`,
    )
  }
}

function syncFolderOf(path: string): void {
  if (process.platform === "win32") return
  const handle = openSync(dirname(path), "r")
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
