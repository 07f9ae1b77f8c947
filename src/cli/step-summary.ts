/** The summary of a job of GitHub Actions: Markdown, appended to the file that the runner names. */
import { appendFileSync, statSync } from "node:fs"
import { systemMessage } from "../model/system-error.ts"
import type { ApplyOutput } from "../report/apply-images.ts"
import { renderApplyMarkdown } from "../report/apply-markdown.ts"
import { terminalText } from "../report/escape.ts"
import type { Io } from "./io.ts"

/** What the runner takes of one step, in bytes; a character may be several. */
const MOST_BYTES = 1024 * 1024

/** Outside of GitHub Actions nothing. A summary that cannot be written is no reason for the run to fail. */
export function writeStepSummary(io: Io, output: ApplyOutput): void {
  const file = io.env.GITHUB_STEP_SUMMARY
  if (file === undefined || file === "") return
  try {
    const used = statSync(file, { throwIfNoEntry: false })?.size ?? 0
    const text = renderApplyMarkdown(output, { limit: Math.floor((MOST_BYTES - used) / 3) })
    appendFileSync(file, `${text}\n`)
  } catch (error) {
    io.stderr.write(`The job's summary was not written: ${terminalText(systemMessage(error))}\n`)
  }
}
