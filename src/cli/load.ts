/** Reads manifests for a command and says what is wrong with them. */
import { resolve } from "node:path"
import { type LoadedStack, loadStack } from "../manifest/index.ts"
import type { Desired } from "../model/desired.ts"
import { renderDiagnostics } from "../report/diagnostics.ts"
import { EXIT } from "./exit.ts"
import type { Io } from "./io.ts"

/** Loads files, directories and `-`. */
export async function load(io: Io, paths: readonly string[]): Promise<LoadedStack> {
  return loadStack(paths, { cwd: io.cwd, stdin: io.stdin })
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
