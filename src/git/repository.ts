/** A repository and the commits that are compared. */
import { existsSync, statSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import type { Objects } from "./objects.ts"
import { type GitPlace, GitTrouble, messageOf, runGit } from "./run.ts"

export interface Repository extends GitPlace {
  /** Absolute path of the work tree. */
  readonly root: string
  /** The directory that was named, from the root, with forward slashes; empty for the root. */
  readonly path: string
  readonly shallow: boolean
}

const FETCH =
  "fetch the whole history: `fetch-depth: 0` of actions/checkout, `GIT_DEPTH: 0` in GitLab CI, or `git fetch --unshallow`"

/**
 * The repository that a directory lies in. The directory itself need not exist in the work tree; the nearest one above
 * it that does decides. Throws GitTrouble where there is no repository.
 */
export async function openRepository(
  directory: string,
  place: Omit<GitPlace, "directory">,
): Promise<Repository> {
  let existing = resolve(directory)
  const below: string[] = []
  while (!isDirectory(existing) && existing !== dirname(existing)) {
    below.unshift(basename(existing))
    existing = dirname(existing)
  }
  const at = { ...place, directory: existing }
  const args = [
    "rev-parse",
    "--is-bare-repository",
    "--is-shallow-repository",
    "--show-cdup",
    "--show-prefix",
  ]
  const { code, stdout, stderr } = await runGit(at, args, 1 << 20)
  const [bare, shallow, up = "", ...rest] = stdout.toString("utf8").split("\n")
  if (code !== 0 || bare !== "false") {
    const why = code === 0 ? "it is a repository without a work tree" : messageOf(stderr)
    throw new GitTrouble(
      `${existing} is not in a git repository that can be read: ${why}.`,
      "run it in a clone, or name a directory of one",
    )
  }
  // A directory's name may hold line breaks.
  const prefix = rest.join("\n").replace(/\n$/, "").replace(/\/$/, "")
  const path = [prefix, ...below].filter((part) => part !== "").join("/")
  if (path.includes("\n")) throw new GitTrouble("The directory's name holds a line break.", "rename it")
  return { ...at, root: up === "" ? existing : join(existing, up), path, shallow: shallow === "true" }
}

function isDirectory(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}

/** Why a text cannot name a commit, or undefined. What begins with a dash would be an option, two dots a range. */
export function revisionProblem(revision: string): string | undefined {
  if (revision === "") return "is empty"
  if (revision.startsWith("-")) return "begins with a dash"
  if (/\p{Cc}/u.test(revision)) return "holds a control character"
  if (revision.includes("..")) return "is a range; name one commit"
  if (revision.length > 1_000) return "is longer than 1,000 characters"
  return undefined
}

/** The id of the commit that a revision names. Throws GitTrouble where the repository has none. */
export async function commitOf(repository: Repository, objects: Objects, revision: string): Promise<string> {
  const id = await objects.resolve(`${revision}^{commit}`)
  if (id !== undefined) return id
  const advice = repository.shallow
    ? `the clone is shallow: ${FETCH}`
    : "name a branch, a tag or a commit; a branch of the server has to be fetched first"
  throw new GitTrouble(`The repository has no commit '${revision}'.`, advice)
}

/** The newest commit that both descend from. Throws GitTrouble where there is none, or the clone does not reach it. */
export async function mergeBase(repository: Repository, a: string, b: string): Promise<string> {
  const { code, stdout, stderr } = await runGit(repository, ["merge-base", a, b], 1 << 20)
  const id = stdout.toString("latin1").split("\n")[0] ?? ""
  if (code === 0 && id !== "") return id
  if (repository.shallow) {
    throw new GitTrouble("The clone is shallow and does not reach the commit where the two part.", FETCH)
  }
  if (code === 1) {
    throw new GitTrouble("The two commits have no ancestor in common.", "--exact compares them as they are")
  }
  throw new GitTrouble(`git merge-base: ${messageOf(stderr)}.`, "see what `git fsck` says of the repository")
}
