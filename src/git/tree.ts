/** What a commit holds: names, modes and sizes, without any content. */
import { type GitPlace, GitTrouble, messageOf, runGit } from "./run.ts"

/** An entry of a commit. */
export interface TreeEntry {
  /** From the root, with forward slashes, as the commit has it: it may hold anything but a NUL. */
  readonly path: string
  /** False: the name is not UTF-8, and `path` only shows it. */
  readonly utf8: boolean
  readonly kind: "file" | "link" | "submodule"
  readonly id: string
  /** Bytes; of files and links. */
  readonly size: number
}

/** Most bytes of a listing: about a million entries. Git looks up the size of each, so that a bomb of trees costs time too. */
const MAX_LISTING = 96 * 1024 * 1024

/** Every entry below a directory, empty for the root, in git's order. Nothing where there is no such directory. */
export function entriesBelow(place: GitPlace, commit: string, directory: string): Promise<TreeEntry[]> {
  return list(place, ["-r"], commit, directory === "" ? [] : [`${directory}/`])
}

/** The entries of these paths that there are. */
export function entriesAt(place: GitPlace, commit: string, paths: readonly string[]): Promise<TreeEntry[]> {
  return list(place, [], commit, paths)
}

async function list(
  place: GitPlace,
  options: readonly string[],
  commit: string,
  paths: readonly string[],
): Promise<TreeEntry[]> {
  const args = ["ls-tree", ...options, "-z", "-l", "--full-tree", commit, "--", ...paths]
  const { code, stdout, stderr } = await runGit(place, args, MAX_LISTING)
  if (code !== 0) {
    throw new GitTrouble(`git ls-tree: ${messageOf(stderr)}.`, "see what `git fsck` says of the repository")
  }
  const entries: TreeEntry[] = []
  for (let at = 0; at < stdout.length; ) {
    const end = stdout.indexOf(0, at)
    const entry = entryOf(stdout.subarray(at, end === -1 ? stdout.length : end))
    if (entry !== undefined) entries.push(entry)
    at = end === -1 ? stdout.length : end + 1
  }
  return entries
}

/** `<mode> <type> <id> <size>`, a tab and the path. */
function entryOf(record: Uint8Array): TreeEntry | undefined {
  const tab = record.indexOf(0x09)
  const head = Buffer.from(record.subarray(0, tab)).toString("latin1")
  const match = /^(\d{6}) (blob|commit) ([0-9a-f]{40,64}) +(\d+|-|BAD)$/.exec(head)
  if (match === null) return undefined
  const [, mode = "", type = "", id = "", size = ""] = match
  const name = nameOf(record.subarray(tab + 1))
  const kind = type === "commit" ? "submodule" : mode === "120000" ? "link" : "file"
  return { ...name, kind, id, size: /^\d+$/.test(size) ? Number(size) : 0 }
}

function nameOf(bytes: Uint8Array): Pick<TreeEntry, "path" | "utf8"> {
  try {
    return { path: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), utf8: true }
  } catch {
    return { path: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), utf8: false }
  }
}
