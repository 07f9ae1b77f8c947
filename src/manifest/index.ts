import { assemble, type DocumentsOf, type Loaded, type ManifestText } from "./assemble.ts"
import { Findings } from "./findings.ts"
import { pack, unpack } from "./packed.ts"
import { MAX_FILE_BYTES } from "./source/file.ts"
import { Memory, type MemoryPlace } from "./source/memory.ts"
import { readSources } from "./source.ts"
import { sourceText } from "./text.ts"
import type { Checked } from "./validate.ts"

export type { FamilyManifest, ImageManifest, ImageSpec, StackManifest } from "./manifest.gen.ts"
export { type Loaded, type ManifestText, type MemoryPlace, STDIN }

/** The path that stands for standard input. */
const STDIN = "-"

export interface LoadOptions {
  /** What paths and positions are relative to; default: the process's working directory. */
  readonly cwd?: string
  /** What the path `-` stands for: a text, bytes or a stream of them, such as `process.stdin`. */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array | string>
  /** Where to look up, and write down, what unchanged files say; it only saves time. */
  readonly memory?: MemoryPlace
}

/** What was loaded, and from where. */
export interface LoadedStack extends Loaded {
  /** Absolute path of the stack's directory, where there is one: `.cvmimg/` lies in it. */
  readonly directory?: string
}

/**
 * Loads a stack: finds it, reads its manifests and checks everything that can be checked without the cloud.
 * Never rejects because of what the files hold or are; all that is in `diagnostics`.
 *
 * `paths`: a directory (the whole stack that it lies in; default: the working directory), files (those and the stack's
 * own `cvmimg.yaml`), or `-` for standard input.
 */
export async function loadStack(
  paths: string | readonly string[] = ".",
  options: LoadOptions = {},
): Promise<LoadedStack> {
  const list = typeof paths === "string" ? [paths] : paths
  const stdin = list.includes(STDIN) && options.stdin !== undefined ? await readAll(options.stdin) : undefined
  const { files, diagnostics, directory } = readSources(list, options.cwd ?? process.cwd(), stdin)
  const memory =
    options.memory === undefined || directory === undefined
      ? undefined
      : new Memory(options.memory, directory)
  const loaded = assemble(files, diagnostics, await reading(files, memory))
  // What is refused may hold what must not be kept, such as a signed URL.
  if (loaded.desired !== undefined) memory?.save()
  return directory === undefined ? loaded : { ...loaded, directory }
}

/** Documents of a file that are kept in memory at most: more are read again each time. */
const MAX_REMEMBERED = 1_000

/** How the files are read. The parser is loaded only where there is a text that is not remembered. */
async function reading(files: readonly ManifestText[], memory: Memory | undefined): Promise<DocumentsOf> {
  const known = new Map<ManifestText, string>()
  for (const file of files) {
    const packed = memory?.recall(file.text)
    if (packed !== undefined) known.set(file, packed)
  }
  const read = known.size < files.length ? (await import("./documents.ts")).readDocuments : undefined
  return function* documentsOf(file, findings) {
    const packed = known.get(file)
    if (packed !== undefined || read === undefined) {
      yield* unpack(packed ?? "[]", sourceText(file.path, file.text))
      return true
    }
    const own = new Findings()
    const documents: Pick<Checked, "kind" | "tree">[] = []
    const reader = read(file, own)
    let next = reader.next()
    for (; next.done !== true; next = reader.next()) {
      if (memory !== undefined && documents.length <= MAX_REMEMBERED) documents.push(next.value)
      yield next.value
    }
    findings.addAll(own)
    if (memory !== undefined && own.isEmpty && documents.length <= MAX_REMEMBERED) {
      const text = pack(documents)
      if (text !== undefined) memory.keep(file.text, text)
    }
    return next.value
  }
}

/** Stops reading soon after the most that a file may have. */
async function readAll(stream: NonNullable<LoadOptions["stdin"]>): Promise<Uint8Array> {
  if (typeof stream === "string") return new TextEncoder().encode(stream)
  if (stream instanceof Uint8Array) return stream
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk
    chunks.push(bytes)
    length += bytes.length
    if (length > MAX_FILE_BYTES) break
  }
  const all = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}
