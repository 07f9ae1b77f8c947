import { type Loaded, loadText, type ManifestText } from "./load.ts"
import { MAX_FILE_BYTES } from "./source/file.ts"
import { readSources } from "./source.ts"

export type { FamilyManifest, ImageManifest, ImageSpec, StackManifest } from "./manifest.gen.ts"
export { type Loaded, loadText, type ManifestText, STDIN }

/** The path that stands for standard input. */
const STDIN = "-"

export interface LoadOptions {
  /** What paths and positions are relative to; default: the process's working directory. */
  readonly cwd?: string
  /** What the path `-` stands for: a text, bytes or a stream of them, such as `process.stdin`. */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array | string>
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
  const loaded = loadText(files, diagnostics)
  return directory === undefined ? loaded : { ...loaded, directory }
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
