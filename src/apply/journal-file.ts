/** A journal as a file of its own: only ever appended to, and durable before an append resolves. */
import { constants } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import { dirname } from "node:path"
import type { Sink } from "./journal.ts"
import { NO_LINKS, syncFolder } from "./journal-place.ts"

/** Makes the file, which must not be there. Rejects with the system's error. */
export async function createJournalFile(path: string): Promise<Sink> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND | NO_LINKS
  const file = await open(path, flags, 0o600)
  try {
    syncFolder(dirname(path))
  } catch (error) {
    await file.close()
    throw error
  }
  let length = 0
  return {
    async append(text) {
      const bytes = Buffer.from(text)
      try {
        await file.appendFile(bytes)
        await file.sync()
      } catch (error) {
        await shorten(file, length)
        throw error
      }
      length += bytes.length
    },
    close: () => file.close(),
  }
}

/** Takes away what was written of an append that failed, as far as that can be done. */
async function shorten(file: FileHandle, length: number): Promise<void> {
  await file.truncate(length).catch(() => {})
}
