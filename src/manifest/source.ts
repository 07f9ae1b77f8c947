/**
 * With `source/`, all of this room that touches the file system: it finds the stack, lists its files and reads them. Paths that
 * lead out of the stack by a link are refused, links inside are read once however many lead there, so there are no loops.
 */
import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from "node:fs"
import { dirname, join, relative, resolve, sep } from "node:path"
import type { Diagnostic, DiagnosticCode, Severity } from "../model/diagnostic.ts"
import { compareText } from "../model/placement.ts"
import { decodeText } from "./decode.ts"
import type { ManifestText } from "./load.ts"
import { codeOf, isFile, MAX_FILE_BYTES, readBytes } from "./source/file.ts"

export const STACK_FILE = "cvmimg.yaml"
export const STDIN_FILE = "<stdin>"
export const MAX_FILES = 50_000
export const MAX_TOTAL_BYTES: number = 256 * 1024 * 1024

/** What was read, and what could not be. */
export interface Sources {
  readonly files: readonly ManifestText[]
  readonly diagnostics: readonly Diagnostic[]
  /** Absolute path of the stack's directory. */
  readonly directory?: string
}

/**
 * Reads what the paths name. A directory stands for the whole stack that it lies in; a file for itself and the stack's
 * own file; `-` for the text of standard input.
 */
export function readSources(paths: readonly string[], cwd: string, stdin?: Uint8Array): Sources {
  return new Reader(cwd).read(paths.length === 0 ? ["."] : paths, stdin)
}

class Reader {
  readonly #cwd: string
  readonly #files = new Map<string, ManifestText>()
  readonly #diagnostics: Diagnostic[] = []
  /** Real paths of what was read. */
  readonly #seen = new Set<string>()
  #bytes = 0
  #full = false

  constructor(cwd: string) {
    this.#cwd = resolve(cwd)
  }

  read(paths: readonly string[], stdin: Uint8Array | undefined): Sources {
    const stacks = new Set<string>()
    const files: string[] = []
    const whole = new Set<string>()
    let stdinStack = false
    for (const path of [...new Set(paths)].sort()) {
      if (path === "-") {
        if (stdin === undefined) this.#add(STDIN_FILE, "unreadable", "No standard input was given.", {})
        const text = stdin === undefined ? undefined : this.#text(STDIN_FILE, stdin)
        if (text !== undefined) this.#files.set(STDIN_FILE, { path: STDIN_FILE, text, named: true })
        stdinStack = text !== undefined && /["']?kind["']?\s*:\s*["']?Stack\b/.test(text)
        continue
      }
      const absolute = resolve(this.#cwd, path)
      const stats = this.#stat(absolute)
      if (stats === undefined) continue
      const directory = stats.isDirectory() ? absolute : dirname(absolute)
      const stack = stackAbove(directory)
      if (!stats.isDirectory()) files.push(absolute)
      else if (stack === undefined) this.#tellNoStack(absolute)
      else whole.add(stack)
      if (stack !== undefined) stacks.add(stack)
    }
    const above = paths.includes("-") && !stdinStack && stacks.size === 0 ? stackAbove(this.#cwd) : undefined
    if (above !== undefined) stacks.add(above)
    const [directory, ...others] = [...stacks].sort()
    for (const other of others) {
      this.#say(join(other, STACK_FILE), "duplicate_stack", "The paths lie in more than one stack.", {
        advice: "name the paths of one stack at a time",
      })
    }
    // A Stack on standard input takes the place of the one in the directory.
    if (directory !== undefined && !stdinStack) this.#file(join(directory, STACK_FILE), true)
    for (const file of files) this.#file(file, true)
    for (const stack of whole) this.#directory(stack)
    return {
      files: [...this.#files.values()],
      diagnostics: this.#diagnostics,
      ...(directory === undefined ? {} : { directory }),
    }
  }

  /** Everything below the stack's directory; links come last, so that a file is named by its own path. */
  #directory(stack: string): void {
    const root = this.#real(stack)
    if (root === undefined) return
    const links: string[] = []
    this.#walk(stack, stack, links)
    // Following one may add more.
    for (const link of links) {
      const real = this.#real(link, isYaml(link))
      if (real === undefined) continue
      if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep)) {
        this.#say(link, "outside_stack", "The link leads out of the stack's directory; it is not followed.", {
          severity: isYaml(link) ? "error" : "warning",
          advice: "copy the file, or keep the link elsewhere",
        })
        continue
      }
      const stats = this.#stat(real)
      if (stats?.isDirectory() === true) this.#walk(link, stack, links)
      else if (isYaml(link)) this.#file(link, false)
    }
  }

  #walk(from: string, stack: string, links: string[]): void {
    const directories = [from]
    for (let next = directories.pop(); next !== undefined && !this.#full; next = directories.pop()) {
      const real = this.#real(next)
      if (real === undefined || this.#seen.has(real)) continue
      this.#seen.add(real)
      if (next !== stack && isFile(join(next, STACK_FILE))) continue
      for (const entry of this.#list(next)) {
        const path = join(next, entry.name)
        if (entry.isSymbolicLink()) links.push(path)
        else if (entry.isDirectory()) directories.push(path)
        else if (entry.isFile() && isYaml(entry.name)) {
          this.#file(path, path === join(stack, STACK_FILE), join(real, entry.name))
        }
      }
    }
  }

  #list(directory: string): Dirent[] {
    try {
      return readdirSync(directory, { withFileTypes: true })
        .filter((e) => !e.name.startsWith(".") && e.name !== "node_modules")
        .sort((a, b) => compareText(b.name, a.name))
    } catch (error) {
      this.#say(directory, "unreadable", `The directory cannot be read (${codeOf(error)}).`)
      return []
    }
  }

  /** `real`: where the path leads, if that is known. */
  #file(path: string, named: boolean, real: string | undefined = this.#real(path)): void {
    if (real === undefined || this.#seen.has(real) || this.#full) return
    this.#seen.add(real)
    if (this.#files.size >= MAX_FILES || this.#bytes > MAX_TOTAL_BYTES) {
      this.#full = true
      this.#say(
        path,
        "too_many",
        `There are more than ${MAX_FILES} files or ${MAX_TOTAL_BYTES >> 20} MiB to read.`,
        {
          advice: "divide the stack",
        },
      )
      return
    }
    const { bytes, problem } = readBytes(path)
    if (problem !== undefined) this.#say(path, problem.code, problem.message, problem)
    if (bytes === undefined) return
    this.#bytes += bytes.length
    const shown = this.#shown(path)
    const text = this.#text(shown, bytes)
    if (text !== undefined) this.#files.set(shown, { path: shown, text, named })
  }

  #text(shown: string, bytes: Uint8Array): string | undefined {
    if (bytes.length > MAX_FILE_BYTES) {
      const message = `The text has more than ${MAX_FILE_BYTES} bytes.`
      this.#add(shown, "file_too_large", message, { advice: "divide it" })
      return undefined
    }
    const decoded = decodeText(bytes)
    if ("text" in decoded) return decoded.text
    this.#diagnostics.push({
      file: shown,
      line: decoded.line,
      column: 1,
      code: "not_utf8",
      severity: "error",
      message: "The file is not valid UTF-8 text.",
      advice: "save it as UTF-8, or give a binary file another extension",
    })
    return undefined
  }

  #stat(path: string): Stats | undefined {
    try {
      return statSync(path)
    } catch (error) {
      this.#say(
        path,
        "unreadable",
        `There is no such file or directory, or it cannot be read (${codeOf(error)}).`,
      )
      return undefined
    }
  }

  #real(path: string, tell = true): string | undefined {
    try {
      return realpathSync.native(path)
    } catch (error) {
      if (tell) this.#say(path, "unreadable", `The path cannot be followed (${codeOf(error)}).`)
      return undefined
    }
  }

  #tellNoStack(directory: string): void {
    let inside: string | undefined
    try {
      inside = readdirSync(directory)
        .sort()
        .find((name) => isFile(join(directory, name, STACK_FILE)))
    } catch {
      // The directory could be looked at a moment ago; without the hint the message still holds.
    }
    this.#say(directory, "no_stack", `No ${STACK_FILE} was found in the directory or above it.`, {
      advice:
        inside === undefined
          ? `write a ${STACK_FILE} in the directory`
          : `there is one in ${this.#shown(join(directory, inside))}: name that directory`,
    })
  }

  #say(
    path: string,
    code: DiagnosticCode,
    message: string,
    more: { severity?: Severity; advice?: string } = {},
  ): void {
    this.#add(this.#shown(path), code, message, more)
  }

  #add(
    file: string,
    code: DiagnosticCode,
    message: string,
    more: { severity?: Severity; advice?: string },
  ): void {
    this.#diagnostics.push({ file, line: 1, column: 1, code, severity: "error", message, ...more })
  }

  /** As positions name it. */
  #shown(path: string): string {
    const short = relative(this.#cwd, path) || "."
    return sep === "/" ? short : short.replaceAll(sep, "/")
  }
}

/** The nearest directory with a `cvmimg.yaml`, from this one upward. */
export function stackAbove(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    if (isFile(join(at, STACK_FILE))) return at
    if (at === dirname(at)) return undefined
  }
}

function isYaml(path: string): boolean {
  return /\.ya?ml$/i.test(path)
}
