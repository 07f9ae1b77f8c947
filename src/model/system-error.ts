/** What the operating system says of a file, in words of ours. */

const WORDS: Readonly<Record<string, readonly [words: string, advice: string]>> = {
  EACCES: ["this user may not", "give this user the right, or name another place"],
  EPERM: ["the system does not allow it", "give this user the right, or name another place"],
  EROFS: ["the file system can only be read", "name a place that can be written"],
  ENOENT: ["there is no such file or directory", "look at the path"],
  EISDIR: ["it is a directory", "name a file"],
  ENOTDIR: ["a part of its path is no directory", "look at the path"],
  ENAMETOOLONG: ["its name is too long", "name another file"],
  ELOOP: ["its links lead in a circle", "mend the links"],
  EEXIST: ["it is there already", "move it away, or name another one"],
  ENOSPC: ["no space is left", "make room, or name another place"],
  EDQUOT: ["the quota of this user is used up", "make room, or name another place"],
  EFBIG: ["it would be larger than a file may be here", "raise the limit (ulimit -f), or name another place"],
  EIO: ["the device reports an error", "look at the disc, or name another place"],
  EMFILE: ["this process has too many files open", "raise the limit (ulimit -n)"],
  ENFILE: ["the system has too many files open", "close some"],
  EADDRINUSE: ["somebody else listens there", "name another address or port"],
}

/** The code of a failed system call, such as `ENOENT`; undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, syscall } = error as Error & { readonly code?: unknown; readonly syscall?: unknown }
  return typeof code === "string" && typeof syscall === "string" ? code : undefined
}

/** Why, and what to do: `no space is left (ENOSPC): make room, or name another place`. Of any other error its message. */
export function systemWords(error: unknown): string {
  const code = systemCode(error)
  const known = code === undefined ? undefined : WORDS[code]
  if (known === undefined) return error instanceof Error ? error.message : String(error)
  return `${known[0]} (${code}): ${known[1]}`
}

/** As above, with the path that the system names before it. */
export function systemMessage(error: unknown): string {
  const { path } = error as { readonly path?: unknown }
  const place = typeof path === "string" && systemCode(error) !== undefined ? `${path}: ` : ""
  return `${place}${systemWords(error)}`
}
