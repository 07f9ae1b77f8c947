/** Runs of plan --out and apply --plan against an emulator, in short. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Emulator } from "../../src/emulator/index.ts"
import type { ApprovalSet } from "../../src/model/approval.ts"
import { cvmimg, type Ended, stackOf } from "./binary.ts"

export interface Bench {
  readonly cwd: string
  /** Runs the binary in the stack's folder, with the emulator's API and objects. */
  run(...args: readonly string[]): Promise<Ended>
  /** Saves a plan. */
  save(...args: readonly string[]): Promise<Ended>
  /** Applies the saved plan; the outcomes as `web ap-singapore import: done`. */
  approve(
    ...args: readonly string[]
  ): Promise<{ readonly code: number | null; readonly rows: readonly string[] }>
  /** Writes a manifest in place of the one there. */
  manifest(file: string, text: string): void
  saved(): ApprovalSet
  /** Accepted writes since the last call, tags made known left out. */
  writes(): string[]
  /** Calls of an action since the last `writes`. */
  calls(action: string): number
}

export function bench(emulator: Emulator, ...images: readonly string[]): Bench {
  const cwd = stackOf(...images)
  const env = { CVMIMG_ENDPOINT: emulator.url, CVMIMG_COS_ENDPOINT: emulator.env.CVMIMG_COS_ENDPOINT }
  let asked = 0
  const run = (...args: readonly string[]): Promise<Ended> => {
    asked = emulator.requests.length
    return cvmimg(args, { cwd, env })
  }
  return {
    cwd,
    run,
    save: (...args) => run("plan", "--out", "plan.json", ...args),
    async approve(...args) {
      const { code } = await run("apply", "--plan", "plan.json", "--yes", "-o", "json=result.json", ...args)
      const { results } = JSON.parse(readFileSync(join(cwd, "result.json"), "utf8")) as {
        results: { image: string; region: string; action: string; outcome: string; reason?: string }[]
      }
      return {
        code,
        rows: results.map((r) => {
          const why = r.reason === undefined ? "" : ` (${r.reason})`
          return `${r.image} ${r.region} ${r.action}: ${r.outcome}${why}`
        }),
      }
    },
    manifest: (file, text) => writeFileSync(join(cwd, file), text),
    saved: () => JSON.parse(readFileSync(join(cwd, "plan.json"), "utf8")) as ApprovalSet,
    writes() {
      const lines = emulator.ledger
        .filter((e) => e.action !== "CreateTag")
        .map((e) => `${e.action} ${e.region}`)
      emulator.clearLogs()
      return lines
    },
    calls: (action) => emulator.requests.slice(asked).filter((r) => r.action === action).length,
  }
}
