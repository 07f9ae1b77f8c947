/** What goes wrong beyond a single placement, for people: never a stack trace, unless CVMIMG_DEBUG asks for it. */
import { CloudError } from "../cloud/failure.ts"
import { systemMessage } from "../model/system-error.ts"
import { terminalText } from "../report/escape.ts"

/** A failure as lines of text. */
export function renderError(error: unknown, env: NodeJS.ProcessEnv): string {
  if (error instanceof CloudError) {
    const { failure } = error
    const where = [
      failure.action,
      failure.account,
      failure.region,
      failure.requestId && `request ${failure.requestId}`,
    ]
    const place = where.filter((part) => part !== undefined && part !== "").join(", ")
    return terminalLines([
      `cvmimg: ${failure.code}: ${failure.message}${place === "" ? "" : ` (${place})`}`,
      `  ${failure.advice}`,
    ])
  }
  const e = error as NodeJS.ErrnoException
  const message = e instanceof Error ? e.message : String(error)
  if (e instanceof Error && typeof e.code === "string") return terminalLines([`cvmimg: ${systemMessage(e)}`])
  const trace = env.CVMIMG_DEBUG !== undefined && e instanceof Error ? (e.stack ?? "").split("\n") : []
  return terminalLines([
    `cvmimg: internal error: ${message}`,
    "  This is a mistake in cvmimg, not in your manifests. CVMIMG_DEBUG=1 shows where; please report it.",
    ...trace,
  ])
}

function terminalLines(lines: readonly string[]): string {
  return lines.map((line) => `${terminalText(line)}\n`).join("")
}
