/**
 * What reading each file of a stack gave the last time, in a folder of the user's own: parsing is most of what `validate`
 * costs. It is never needed, and never trusted further than this: the same build of cvmimg wrote it, for this user, it is
 * whole, and the text of the file is letter for letter the one that was read.
 *
 * It does not lie in the stack's `.cvmimg/`: a pull request could bring one along, and what a manifest says would no
 * longer be what its text says.
 */
import { createHash } from "node:crypto"
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"

/** Where it lies, and which build of cvmimg may read it. */
export interface MemoryPlace {
  /** Absolute path of a folder, made where it is missing. */
  readonly folder: string
  /** Changes with everything that shapes what reading a text gives. */
  readonly build: string
}

export class Memory {
  readonly #path: string
  readonly #place: MemoryPlace
  /** By the text of a file. */
  readonly #before: ReadonlyMap<string, string>
  readonly #now = new Map<string, string>()
  #changed = false

  /** The memory of the stack in `directory`; an empty one where there is none that can be used. */
  constructor(place: MemoryPlace, directory: string) {
    this.#place = place
    this.#path = join(place.folder, `${sha256(directory).slice(0, 32)}.manifests`)
    this.#before = new Map(readKept(this.#path, place.build))
  }

  /** What `keep` was given for this very text. */
  recall(text: string): string | undefined {
    const packed = this.#before.get(text)
    if (packed !== undefined) this.#now.set(text, packed)
    return packed
  }

  keep(text: string, packed: string): void {
    this.#now.set(text, packed)
    this.#changed = true
  }

  /** Writes down what was kept and recalled, if it is not what lies there. A folder that cannot be written is left. */
  save(): void {
    if (!this.#changed && this.#now.size === this.#before.size) return
    const body = JSON.stringify([...this.#now])
    const temporary = `${this.#path}.${process.pid}`
    try {
      mkdirSync(this.#place.folder, { recursive: true, mode: 0o700 })
      writeFileSync(temporary, `${this.#place.build} ${sha256(body)}\n${body}`, { mode: 0o600, flag: "wx" })
      renameSync(temporary, this.#path)
    } catch {
      discard(temporary)
    }
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // It is not there either, then.
  }
}

function readKept(path: string, build: string): readonly (readonly [string, string])[] {
  let fd: number | undefined
  try {
    fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    const stats = fstatSync(fd)
    const foreign = process.getuid !== undefined && stats.uid !== process.getuid()
    if (!stats.isFile() || foreign || (stats.mode & 0o022) !== 0) return []
    const text = readFileSync(fd, "utf8")
    const line = text.indexOf("\n")
    const body = text.slice(line + 1)
    return text.slice(0, line) === `${build} ${sha256(body)}` ? JSON.parse(body) : []
  } catch {
    return []
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}
