import { GitTrouble } from "../../git/run.ts"
import { type Review, RISK_LEVELS, type RiskLevel } from "../../model/review.ts"
import { terminalText } from "../../report/escape.ts"
import { type ReviewFormat, reviewFormats } from "../../report/formats.ts"
import { review } from "../../review/review.ts"
import { EXIT, UsageError } from "../exit.ts"
import { type History, readHistory } from "../history.ts"
import type { Io } from "../io.ts"
import { loadRenderers, parseOutputs, writeOutputs } from "../outputs.ts"

export interface ReviewCommandOptions {
  readonly output: readonly string[]
  readonly base: string
  readonly head?: string
  readonly worktree?: boolean
  readonly exact?: boolean
  readonly failOn?: string
}

/** Compares the manifests of two commits: no network, no credentials, and nothing of the repository is run. */
export async function reviewCommand(io: Io, dir: string, options: ReviewCommandOptions): Promise<number> {
  const requests = parseOutputs(options.output, Object.keys(reviewFormats) as ReviewFormat[])
  const { failOn } = options
  const levels = RISK_LEVELS.filter((level) => level !== "none")
  if (failOn !== undefined && !(levels as readonly string[]).includes(failOn)) {
    throw new UsageError(`--fail-on takes ${levels.join(", ")}, not '${failOn}'`)
  }
  if (options.worktree === true && options.head !== undefined) {
    throw new UsageError("--worktree reads the directory, --head a commit: name one of them")
  }
  const history = await historyOf(io, dir, options)
  if (typeof history === "number") return history
  const result = review(history.base, history.head, history.of)
  const sources = history.head?.texts ?? new Map<string, string>()
  const renderers = await loadRenderers(reviewFormats, requests)
  writeOutputs(io, requests, renderers({ review: result, sources }))
  return exitCode(result, failOn)
}

async function historyOf(io: Io, dir: string, options: ReviewCommandOptions): Promise<History | number> {
  const { base, head, worktree = false, exact = false } = options
  try {
    return await readHistory(io, dir, { base, worktree, exact, ...(head === undefined ? {} : { head }) })
  } catch (error) {
    if (!(error instanceof GitTrouble) || io.interrupted() !== undefined) throw error
    io.stderr.write(`cvmimg: ${terminalText(error.message)}\n  ${terminalText(error.advice)}\n`)
    return EXIT.failed
  }
}

function exitCode({ risk, valid }: Review, failOn: string | undefined): number {
  const limit = RISK_LEVELS.indexOf(failOn as RiskLevel)
  if (limit > 0 && RISK_LEVELS.indexOf(risk) >= limit) return EXIT.refused
  return valid ? EXIT.done : EXIT.failed
}
