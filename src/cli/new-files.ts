/** Files that are added to a directory: all of those that are not there yet, or none; nothing is ever written over. */
import { lstatSync, mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { systemMessage } from "../model/system-error.ts"
import { terminalText } from "../report/escape.ts"
import { UnusableFile } from "./exit.ts"

export interface NewFile {
  /** Below the directory, with `/`. */
  readonly path: string
  readonly text: string
}

export interface Decision {
  readonly toWrite: readonly NewFile[]
  /** Paths of what is there and stays as it is. */
  readonly kept: readonly string[]
}

/**
 * What can be written and what stays. Throws UnusableFile, with everything that is in the way, before a first byte is
 * written: a file where a directory is needed, or a link on the way, which could lead anywhere.
 */
export function decide(directory: string, files: readonly NewFile[]): Decision {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new UnusableFile(`${directory} is no directory: name another one`)
  }
  const problems = new Set<string>()
  const toWrite: NewFile[] = []
  const kept: string[] = []
  for (const file of files) {
    const parts = file.path.split("/")
    const problem = inTheWay(directory, parts.slice(0, -1))
    if (problem !== undefined) problems.add(problem)
    else if (kindOf(join(directory, file.path)) === undefined) toWrite.push(file)
    else kept.push(file.path)
  }
  if (problems.size === 0) return { toWrite, kept }
  throw new UnusableFile(
    `nothing was written: ${[...problems].join("; ")}. Move it away, or name another directory`,
  )
}

/** The first folder on the way that cannot be gone through. */
function inTheWay(directory: string, folders: readonly string[]): string | undefined {
  for (let i = 1; i <= folders.length; i += 1) {
    const folder = folders.slice(0, i).join("/")
    const kind = kindOf(join(directory, folder))
    if (kind === undefined) return undefined
    if (kind !== "directory") {
      return kind === "link" ? `${folder} is a link, which is not followed` : `${folder} is no directory`
    }
  }
  return undefined
}

/** Of the path itself, not of what it leads to. */
function kindOf(path: string): "directory" | "link" | "other" | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  return stats.isDirectory() ? "directory" : stats.isSymbolicLink() ? "link" : "other"
}

/** Writes what was decided. Throws UnusableFile where one cannot be written; what was written before is gone then. */
export function writeAll(directory: string, files: readonly NewFile[]): void {
  const undo: (() => void)[] = []
  try {
    makeFolders(directory, undo)
    for (const { path, text } of files) {
      const file = join(directory, path)
      makeFolders(dirname(file), undo)
      // A file that came meanwhile is nobody's to write over.
      writeFileSync(file, text, { flag: "wx" })
      undo.push(() => rmSync(file))
    }
  } catch (error) {
    for (const step of undo.reverse()) attempt(step)
    throw new UnusableFile(`nothing was written: ${terminalText(systemMessage(error))}`)
  }
}

/** Every directory that is missing on the way, each undone by itself. */
function makeFolders(folder: string, undo: (() => void)[]): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return
  makeFolders(dirname(folder), undo)
  mkdirSync(folder)
  undo.push(() => rmdirSync(folder))
}

function attempt(step: () => void): void {
  try {
    step()
  } catch {
    // What somebody else changed meanwhile stays.
  }
}
