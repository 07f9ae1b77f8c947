/**
 * Which entries of a commit are manifests of a stack: the rules of `source.ts`, for files that are not on disc. Pure: what is
 * chosen is read by others. Nothing here is ever a path of the file system, so that no name can lead anywhere.
 */
import type { Diagnostic, DiagnosticCode, Severity } from "../model/diagnostic.ts"
import type { ManifestText } from "./assemble.ts"
import { decodeText } from "./decode.ts"
import { MAX_FILE_BYTES } from "./source/file.ts"
import { MAX_FILES, MAX_TOTAL_BYTES, STACK_FILE } from "./source.ts"

/** An entry of a commit. */
export interface Listed {
  /** From the root, with forward slashes. */
  readonly path: string
  /** False: the name is not UTF-8, and `path` only shows it. */
  readonly utf8: boolean
  readonly kind: "file" | "link" | "submodule"
  readonly id: string
  /** Bytes. */
  readonly size: number
}

export interface Selection {
  readonly files: readonly Listed[]
  readonly diagnostics: readonly Diagnostic[]
}

/** The manifests among the entries below a stack's directory (empty: the root), and what keeps others from being read. */
export function selectFiles(entries: readonly Listed[], directory: string): Selection {
  const prefix = directory === "" ? "" : `${directory}/`
  const nested = nestedStacks(entries, prefix)
  const files: Listed[] = []
  const seen = new Set<string>()
  const diagnostics: Diagnostic[] = []
  let bytes = 0
  for (const entry of entries) {
    if (!entry.path.startsWith(prefix)) continue
    const parts = entry.path.slice(prefix.length).split("/")
    const escapes = parts.some((part) => part === "" || part === "." || part === "..")
    if (!escapes && (isPassedOver(parts) || isNested(parts, nested))) continue
    const problem = escapes ? outside(entry) : (notRead(entry) ?? twice(entry, seen))
    if (problem !== undefined) diagnostics.push(problem)
    if (problem !== undefined || !isYaml(entry.path) || entry.kind !== "file") continue
    seen.add(entry.path)
    bytes += entry.size
    if (files.length < MAX_FILES && bytes <= MAX_TOTAL_BYTES) {
      files.push(entry)
      continue
    }
    const message = `There are more than ${MAX_FILES} files or ${MAX_TOTAL_BYTES >> 20} MiB to read.`
    diagnostics.push(said(entry.path, "too_many", "error", message, "divide the stack"))
    break
  }
  return { files, diagnostics }
}

/** What was read of a chosen file as a text, or why it is none. `bytes` undefined: the repository does not hold them. */
export function textOf(
  { path }: Listed,
  bytes: Uint8Array | undefined,
  directory: string,
): { readonly file: ManifestText } | { readonly diagnostic: Diagnostic } {
  if (bytes === undefined) {
    const advice = "fetch it whole: without `filter`, or with `git fetch --refetch`"
    const message = "The repository does not hold the file's content; it is a partial clone."
    return { diagnostic: said(path, "unreadable", "error", message, advice) }
  }
  const decoded = decodeText(bytes)
  if (!("text" in decoded)) {
    const advice = "save it as UTF-8, or give a binary file another extension"
    const message = "The file is not valid UTF-8 text."
    return { diagnostic: { ...said(path, "not_utf8", "error", message, advice), line: decoded.line } }
  }
  if (decoded.text.startsWith("version https://git-lfs.github.com/spec/")) {
    const message = "The commit holds a pointer of Git LFS, not the file's content."
    return { diagnostic: said(path, "not_in_commit", "error", message, "keep manifests out of Git LFS") }
  }
  const named = path === (directory === "" ? STACK_FILE : `${directory}/${STACK_FILE}`)
  return { file: { path, text: decoded.text, named } }
}

/** Directories below the stack's own that hold another stack, as paths below it. */
function nestedStacks(entries: readonly Listed[], prefix: string): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { path, kind } of entries) {
    if (kind === "submodule" || !path.startsWith(prefix) || !path.endsWith(`/${STACK_FILE}`)) continue
    const directory = path.slice(prefix.length, -STACK_FILE.length - 1)
    if (directory !== "" && path.length > prefix.length + STACK_FILE.length) found.add(directory)
  }
  return found
}

function isNested(parts: readonly string[], nested: ReadonlySet<string>): boolean {
  if (nested.size === 0) return false
  return parts.some((_, i) => i > 0 && nested.has(parts.slice(0, i).join("/")))
}

function isPassedOver(parts: readonly string[]): boolean {
  return parts.some((part) => part.startsWith(".") || part === "node_modules")
}

function isYaml(path: string): boolean {
  return /\.ya?ml$/i.test(path)
}

function outside({ path }: Listed): Diagnostic {
  const message = "The name leads out of the stack's directory; no such file can be checked out."
  return said(path, "outside_stack", "error", message, "remove it from the commit")
}

function notRead({ path, utf8, kind, size }: Listed): Diagnostic | undefined {
  const yaml = isYaml(path)
  if (kind === "link") {
    return said(
      path,
      "not_in_commit",
      yaml ? "error" : "warning",
      yaml
        ? "The file is a symbolic link; none is followed in a commit."
        : "A symbolic link is not followed in a commit: manifests that it may lead to are not reviewed.",
      "put the file itself in its place",
    )
  }
  if (kind === "submodule") {
    const message = "A submodule is another repository: manifests in it are not reviewed."
    return said(path, "not_in_commit", "warning", message, "keep manifests in the repository itself")
  }
  if (!yaml) return undefined
  if (!utf8) return said(path, "unreadable", "error", "The file's name is not valid UTF-8.", "rename it")
  if (size <= MAX_FILE_BYTES) return undefined
  const message = `The file has ${size} bytes; a manifest may have ${MAX_FILE_BYTES}.`
  return said(path, "file_too_large", "error", message, "divide it")
}

/** Git writes no such tree, but others can. */
function twice({ path }: Listed, seen: ReadonlySet<string>): Diagnostic | undefined {
  if (!seen.has(path)) return undefined
  const message = "The name stands twice in the commit; the second file is not read."
  return said(path, "unreadable", "error", message, "remove one of them")
}

function said(
  file: string,
  code: DiagnosticCode,
  severity: Severity,
  message: string,
  advice: string,
): Diagnostic {
  return { file, line: 1, column: 1, code, severity, message, advice }
}
