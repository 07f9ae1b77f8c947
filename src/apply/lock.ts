/**
 * One applier for each stack on a machine. The lock is a file that names its holder: process, when that began, boot and
 * process namespace. That of a process that is gone is taken over. A holder that cannot be looked at from here (another
 * machine or container on the same folder) shows by touching the file every few seconds that it is there.
 */
import { randomBytes } from "node:crypto"
import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { hideFromGit, makePlace, NO_LINKS, openOwn, PlaceRefused, placeOf } from "./journal-place.ts"

/** A process that holds the lock. */
export interface Holder {
  readonly pid: number
  /** When it took the lock, milliseconds since the epoch. */
  readonly since: number
}

/** Somebody else holds the lock. */
export class LockHeld extends Error {
  readonly holder: Holder
  constructor(holder: Holder) {
    super(`process ${holder.pid} has held the lock since ${new Date(holder.since).toISOString()}`)
    this.holder = holder
  }
}

export interface Lock {
  release(): void
}

interface Owner extends Holder {
  /** Unlike that of any other lock. */
  readonly token: string
  /** Where the process can be looked at: boot and process namespace. */
  readonly where: string
  /** When the process began, in the system's own count; empty where it does not tell. */
  readonly began: string
}

const TOUCH_MS = 5_000
/** A holder that cannot be looked at counts as gone after so long without a touch. */
const GONE_MS = 60_000

/** Takes the lock of the stack in the directory. Throws LockHeld, PlaceRefused, or the system's error. */
export function takeLock(directory: string, now: number): Lock {
  const place = placeOf(directory)
  makePlace(place)
  hideFromGit(place)
  const path = join(place, "lock")
  const mine: Owner = {
    pid: process.pid,
    since: now,
    token: randomBytes(8).toString("hex"),
    where: whereabouts(),
    began: beganOf(process.pid),
  }
  const draft = `${path}.${mine.token}`
  writeWhole(draft, JSON.stringify(mine))
  try {
    for (let tries = 0; ; tries += 1) {
      if (linked(draft, path)) break
      const found = read(path)
      if (found === undefined) continue
      if (!isGone(found) || tries > 20) throw new LockHeld(found.owner)
      moveAway(path, found)
    }
  } finally {
    rmSync(draft, { force: true })
  }
  const timer = setInterval(() => touch(path, mine.token), TOUCH_MS)
  timer.unref()
  return {
    release() {
      clearInterval(timer)
      if (read(path)?.owner.token === mine.token) rmSync(path, { force: true })
    },
  }
}

/** Who holds the lock now, if anybody. */
export function lockHolder(directory: string): Holder | undefined {
  const found = read(join(placeOf(directory), "lock"))
  return found === undefined || isGone(found) ? undefined : { pid: found.owner.pid, since: found.owner.since }
}

interface Read {
  readonly owner: Owner
  readonly touchedAt: number
}

function read(path: string): Read | undefined {
  let handle: number
  try {
    handle = openOwn(path, constants.O_RDONLY)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
    throw error
  }
  try {
    const owner = parse(readFileSync(handle, "utf8"))
    if (owner === undefined) throw new PlaceRefused(`${path} is no lock of cvmimg: remove it if nothing runs`)
    return { owner, touchedAt: fstatSync(handle).mtimeMs }
  } finally {
    closeSync(handle)
  }
}

function parse(text: string): Owner | undefined {
  try {
    const { pid, since, token, where, began } = JSON.parse(text) as Record<string, unknown>
    const texts = [token, where, began]
    if (!Number.isSafeInteger(pid) || !isTime(since)) return undefined
    return texts.every((t) => typeof t === "string")
      ? ({ pid, since, token, where, began } as Owner)
      : undefined
  } catch {
    return undefined
  }
}

/** Milliseconds that make a date. */
function isTime(value: unknown): boolean {
  return typeof value === "number" && !Number.isNaN(new Date(value).getTime())
}

function isGone({ owner, touchedAt }: Read): boolean {
  const silent = Date.now() - touchedAt > GONE_MS
  if (owner.where !== whereabouts()) return silent
  const began = beganOf(owner.pid)
  if (began === "dead" || !isAlive(owner.pid)) return true
  // Another process may have got the number since.
  return owner.began === "" || began === "" ? silent : began !== owner.began
}

/** Atomic: only one process can move a given file, and a lock that turns out to be another one is put back. */
function moveAway(path: string, stale: Read): void {
  const aside = `${path}.${randomBytes(8).toString("hex")}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return
    throw error
  }
  if (read(aside)?.owner.token !== stale.owner.token) linked(aside, path)
  rmSync(aside, { force: true })
}

const NO_HARD_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])

/** The file under another name, unless something bears it: whole at once, where the file system has hard links. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException
    if (code === "EEXIST") return false
    if (!NO_HARD_LINKS.has(code)) throw error
  }
  try {
    copyFileSync(from, to, constants.COPYFILE_EXCL)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false
    throw error
  }
}

function writeWhole(path: string, text: string): void {
  const handle = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_LINKS, 0o600)
  try {
    writeFileSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function touch(path: string, token: string): void {
  try {
    if (read(path)?.owner.token === token) utimesSync(path, new Date(), new Date())
  } catch {}
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** When a process began, counted from the boot; `dead`: it only waits to be buried; empty: there is no /proc. */
function beganOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    // The name in parentheses may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return /^[ZX]/.test(fields[0] ?? "") ? "dead" : (fields[19] ?? "")
  } catch {
    return ""
  }
}

function whereabouts(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`
  } catch {
    return process.platform
  }
}
