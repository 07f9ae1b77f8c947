/** What earlier runs left in the journals, for commands that only read: they load nothing that changes the cloud. */
import { type Journals, readJournals } from "../apply/journal-read.ts"
import type { Past } from "../apply/journal-state.ts"
import { type Holder, lockHolder } from "../apply/lock.ts"
import { systemMessage } from "../model/system-error.ts"
import { terminalText } from "../report/escape.ts"
import type { Io } from "./io.ts"

/** Takes no lock. What cannot be used is told, and counts as nothing. */
export function lookAtJournals(io: Io, directory: string): Journals {
  try {
    return readJournals(directory, io.clock.now())
  } catch (error) {
    io.stderr.write(
      `${terminalText(`The journals of earlier runs were not read: ${systemMessage(error)}`)}\n`,
    )
    return { past: { open: [], unfinished: [], arrived: [], deleted: new Set(), took: [] }, files: [] }
  }
}

/** What a plan is told of earlier runs: imports that may still turn up, and whether all of them are known. */
export function openOf({ past }: Journals): { readonly open: Past["open"]; readonly doubt?: number } {
  return { open: past.open, ...(past.doubt === undefined ? {} : { doubt: past.doubt }) }
}

/** The run on this machine that holds the stack's lock, as far as that can be read. */
export function holderOf(directory: string): Holder | undefined {
  try {
    return lockHolder(directory)
  } catch {
    return undefined
  }
}
