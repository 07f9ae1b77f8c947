/** Two states of a stack out of git: commits are read as objects, so that the work tree is neither needed nor touched. */
import { dirname, join, resolve } from "node:path"
import { Objects } from "../git/objects.ts"
import { commitOf, mergeBase, openRepository, type Repository, revisionProblem } from "../git/repository.ts"
import { GitTrouble } from "../git/run.ts"
import { entriesAt, entriesBelow, type TreeEntry } from "../git/tree.ts"
import type { Assembled, ManifestText } from "../manifest/assemble.ts"
import { loadPair, type Side } from "../manifest/load-pair.ts"
import { selectFiles, textOf } from "../manifest/selection.ts"
import { readSources, STACK_FILE, stackAbove } from "../manifest/source.ts"
import type { Diagnostic } from "../model/diagnostic.ts"
import type { ReviewSide } from "../model/review.ts"
import type { ReviewOf } from "../review/review.ts"
import { UsageError } from "./exit.ts"
import type { Io } from "./io.ts"

export interface HistoryOptions {
  readonly base: string
  /** Absent: HEAD. */
  readonly head?: string
  /** Read the directory as it is, in place of a commit. */
  readonly worktree: boolean
  /** Compare with the base itself, not with the commit where the two part. */
  readonly exact: boolean
}

export interface History {
  readonly of: ReviewOf
  /** Absent: the commit has no such stack. */
  readonly base?: ReviewSide
  readonly head?: ReviewSide
}

/** A stack on one side: its files, and what keeps others from being read. */
type Found = Side | undefined

/** Throws UsageError for a revision that can be none, and GitTrouble where git has no answer. */
export async function readHistory(io: Io, dir: string, options: HistoryOptions): Promise<History> {
  const head = options.head ?? "HEAD"
  for (const [name, revision] of [["--base", options.base] as const, ["--head", head] as const]) {
    const problem = revisionProblem(revision)
    if (problem !== undefined) throw new UsageError(`${name} '${revision}' ${problem}`)
  }
  const absolute = resolve(io.cwd, dir)
  const repository = await openRepository(absolute, { env: io.env, signal: io.signal })
  const objects = new Objects(repository)
  try {
    const base = await commitOf(repository, objects, options.base)
    const commit = await commitOf(repository, objects, head)
    const compared = options.exact ? base : await mergeBase(repository, base, commit)
    const [inBase, inHead] = await Promise.all([
      stackIn(repository, compared),
      options.worktree ? stackInWorktree(repository, absolute) : stackIn(repository, commit),
    ])
    const directory = inHead ?? inBase
    if (directory === undefined) {
      const where = repository.path === "" ? "the repository's root" : repository.path
      const advice = "name the directory of a stack, or the commit that has it"
      throw new GitTrouble(`Neither side has a ${STACK_FILE} in ${where} or above it.`, advice)
    }
    const read = new Reading(repository, objects, directory)
    const old = inBase === directory ? await read.commit(compared) : undefined
    const now =
      inHead === undefined ? undefined : await (options.worktree ? read.worktree() : read.commit(commit))
    return {
      ...sidesOf(old, now),
      of: {
        directory,
        base: { revision: options.base, commit: base, compared },
        head: options.worktree ? {} : { revision: head, commit },
      },
    }
  } finally {
    objects.close()
  }
}

function sidesOf(old: Found, now: Found): Pick<History, "base" | "head"> {
  const nothing: Side = { files: [], found: [] }
  const pair = loadPair(old ?? nothing, now ?? nothing)
  return {
    ...(old === undefined ? {} : { base: sideOf(pair.base, old) }),
    ...(now === undefined ? {} : { head: sideOf(pair.head, now) }),
  }
}

function sideOf({ loaded, partial, errorFiles, stackPlace }: Assembled, { files }: Side): ReviewSide {
  const { claims, diagnostics } = loaded
  return {
    ...(partial === undefined ? {} : { desired: partial }),
    valid: errorFiles.size === 0,
    diagnostics,
    images: claims.map(({ name, file }) => ({ name, file })),
    errorFiles,
    ...(stackPlace === undefined ? {} : { stackPlace }),
    texts: new Map(files.map(({ path, text }) => [path, text])),
  }
}

/** The nearest directory with a stack's file in a commit, from the named one upward; empty for the root. */
async function stackIn(repository: Repository, commit: string): Promise<string | undefined> {
  const parts = repository.path === "" ? [] : repository.path.split("/")
  const directories = Array.from({ length: parts.length + 1 }, (_, i) =>
    parts.slice(0, parts.length - i).join("/"),
  )
  const paths = directories.map((directory) => (directory === "" ? STACK_FILE : `${directory}/${STACK_FILE}`))
  const found = await entriesAt(repository, commit, paths)
  const held = new Set(found.map(({ path }) => path))
  return directories.find((_, i) => held.has(paths[i] ?? ""))
}

/** The same on disc. One above the root is no part of the repository. */
function stackInWorktree({ path }: Repository, absolute: string): string | undefined {
  const above = stackAbove(absolute)
  const parts = path === "" ? [] : path.split("/")
  for (let at = absolute; ; at = dirname(at)) {
    if (at === above) return parts.join("/")
    if (parts.pop() === undefined) return undefined
  }
}

/** Reads files; a blob that several commits or paths share is asked for once. */
class Reading {
  readonly #repository: Repository
  readonly #objects: Objects
  readonly #directory: string
  readonly #blobs = new Map<string, Promise<Uint8Array | undefined>>()
  readonly #texts = new Map<string, ReturnType<typeof textOf>>()

  constructor(repository: Repository, objects: Objects, directory: string) {
    this.#repository = repository
    this.#objects = objects
    this.#directory = directory
  }

  async commit(id: string): Promise<Side> {
    const entries = await entriesBelow(this.#repository, id, this.#directory)
    const { files, diagnostics } = selectFiles(entries, this.#directory)
    const texts: ManifestText[] = []
    const found: Diagnostic[] = [...diagnostics]
    for (const result of await Promise.all(files.map((file) => this.#text(file)))) {
      if ("file" in result) texts.push(result.file)
      else found.push(result.diagnostic)
    }
    return { files: texts, found }
  }

  async worktree(): Promise<Side> {
    const { root } = this.#repository
    const { files, diagnostics } = readSources([join(root, this.#directory)], root)
    return { files, found: diagnostics }
  }

  async #text(entry: TreeEntry): Promise<ReturnType<typeof textOf>> {
    const key = `${entry.id} ${entry.path}`
    let text = this.#texts.get(key)
    if (text === undefined) {
      let blob = this.#blobs.get(entry.id)
      if (blob === undefined) {
        blob = this.#objects.read(entry.id)
        this.#blobs.set(entry.id, blob)
      }
      text = textOf(entry, await blob, this.#directory)
      this.#texts.set(key, text)
    }
    return text
  }
}
