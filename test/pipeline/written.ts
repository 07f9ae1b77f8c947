/** What init writes, for tests: into a folder, by the built binary. */
import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "yaml"
import { BINARY } from "../cli/binary.ts"

export interface Step {
  readonly id?: string
  readonly name?: string
  readonly if?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, string | number | boolean>>
  readonly env?: Readonly<Record<string, string>>
}

export interface Job {
  readonly if?: string
  readonly needs?: string | readonly string[]
  readonly permissions?: Readonly<Record<string, string>>
  readonly environment?: string
  readonly outputs?: Readonly<Record<string, string>>
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean }
  readonly steps: readonly Step[]
}

export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly concurrency?: object
  readonly jobs: Readonly<Record<string, Job>>
}

/** Writes a new repository's files into a directory. */
export function writeNew(directory: string, flags: readonly string[] = []): void {
  execFileSync(process.execPath, [BINARY, "init", directory, "--yes", "--name", "golden", ...flags])
}

/** The workflows in a repository, by their name: `review`, `apply`, `drift`. */
export function workflowsIn(directory: string): Record<string, { text: string; workflow: Workflow }> {
  const at = join(directory, ".github/workflows")
  return Object.fromEntries(
    readdirSync(at).map((file) => {
      const text = readFileSync(join(at, file), "utf8")
      return [file.replace(/^cvmimg-|\.yml$/g, ""), { text, workflow: parse(text) as Workflow }]
    }),
  )
}
