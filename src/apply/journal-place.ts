/** The folder of a stack that holds journals and the lock: ours alone, and never behind a link. */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"

/** Why what is there must not be used. The message names the path and says what to do. */
export class PlaceRefused extends Error {}

/** Links are not followed, where the system can be told so. */
export const NO_LINKS: number = constants.O_NOFOLLOW ?? 0

/** The folder below the stack's directory. */
export function placeOf(directory: string): string {
  return join(directory, ".cvmimg")
}

/** The folder, made if it is not there. Throws PlaceRefused, or the system's error. */
export function makePlace(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
    syncFolder(join(path, ".."))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  }
  checkPlace(path)
}

/** Throws PlaceRefused for what is no folder of ours; false where there is none. */
export function checkPlace(path: string): boolean {
  const seen = lstatSync(path, { throwIfNoEntry: false })
  if (seen === undefined) return false
  if (seen.isSymbolicLink())
    throw new PlaceRefused(`${path} is a link, and links are not followed: remove it`)
  if (!seen.isDirectory()) throw new PlaceRefused(`${path} is no folder: move it away`)
  checkOwner(path, seen.uid)
  return true
}

export function checkOwner(path: string, uid: number): void {
  const me = process.getuid?.()
  if (me === undefined || uid === me) return
  throw new PlaceRefused(
    `${path} belongs to user ${uid}, and this runs as user ${me}: run as that user, or give the file away`,
  )
}

/** What stands in a folder is durable. Windows cannot be asked for that. */
export function syncFolder(path: string): void {
  if (process.platform === "win32") return
  const handle = openSync(path, constants.O_RDONLY)
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** Opens a file of ours that is there. Throws PlaceRefused for a link or somebody else's. */
export function openOwn(path: string, flags: number): number {
  let handle: number
  try {
    handle = openSync(path, flags | NO_LINKS)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === "ELOOP" || code === "EMLINK") {
      throw new PlaceRefused(`${path} is a link, and links are not followed: remove it`)
    }
    throw error
  }
  try {
    const seen = fstatSync(handle)
    if (!seen.isFile()) throw new PlaceRefused(`${path} is no file: move it away`)
    checkOwner(path, seen.uid)
    return handle
  } catch (error) {
    closeSync(handle)
    throw error
  }
}

/** Keeps the folder out of repositories. That it cannot be written is no reason to stop. */
export function hideFromGit(path: string): void {
  try {
    writeFileSync(join(path, ".gitignore"), "*\n", { flag: "wx", mode: 0o600 })
  } catch {}
}
