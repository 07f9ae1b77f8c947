/** Reads manifests for a command and says what is wrong with them. */
import { homedir } from "node:os"
import { isAbsolute, join, resolve } from "node:path"
import { type LoadedStack, loadStack, type MemoryPlace } from "../manifest/index.ts"
import type { Desired } from "../model/desired.ts"
import { renderDiagnostics } from "../report/diagnostics.ts"
import { EXIT } from "./exit.ts"
import type { Io } from "./io.ts"

/** Loads files, directories and `-`. */
export async function load(io: Io, paths: readonly string[]): Promise<LoadedStack> {
  const memory = memoryPlace(io.env)
  return loadStack(paths, { cwd: io.cwd, stdin: io.stdin, ...(memory === undefined ? {} : { memory }) })
}

/** The user's own cache; none where `CVMIMG_CACHE=off` says so, or the sources run unbuilt. */
function memoryPlace({ CVMIMG_CACHE, XDG_CACHE_HOME, HOME }: Io["env"]): MemoryPlace | undefined {
  // The build puts its own digest in place of the variable.
  const build = process.env.CVMIMG_BUILD
  if (build === undefined || CVMIMG_CACHE === "off") return undefined
  const folder = CVMIMG_CACHE || join(XDG_CACHE_HOME || join(HOME || homedir(), ".cache"), "cvmimg")
  return isAbsolute(folder) ? { folder, build } : undefined
}

/** A stack that a command can go on with. */
export interface LoadedFor extends LoadedStack {
  readonly desired: Desired
}

/** The stack of a directory, or the exit code; what is wrong or worth knowing goes to standard error. */
export async function loadStackOf(io: Io, dir: string): Promise<LoadedFor | number> {
  const loaded = await load(io, [resolve(io.cwd, dir)])
  const { diagnostics, sources, desired } = loaded
  if (diagnostics.length > 0) {
    io.stderr.write(
      renderDiagnostics(diagnostics, sources, { color: io.stderr.color, width: io.stderr.width }),
    )
  }
  return desired === undefined ? EXIT.failed : { ...loaded, desired }
}
