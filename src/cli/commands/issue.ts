/** One issue for what drifted: opened, kept up to date, and closed when nothing is left. */
import { terminalText } from "../../report/escape.ts"
import { EXIT, UnusableFile } from "../exit.ts"
import { readNamed } from "../files.ts"
import type { Io } from "../io.ts"
import { HostError, hostOf, type Issue, type IssueHost } from "../issue-hosts.ts"

/** Of what drift wrote; nothing sensible is larger. */
const MOST_BYTES = 256 * 1024 * 1024

export interface IssueOptions {
  /** What `drift -o json` wrote. */
  readonly drift: string
  /** What `drift -o markdown` wrote in the same run. */
  readonly body: string
  readonly dryRun?: boolean
}

/** What this command looks at of a drift report; schemas/drift.schema.json has the rest. */
interface Report {
  readonly stack: string
  readonly stackId: string
  /** How many placements make the run fail. */
  readonly found: number
}

/** Exit code 1 where the host did not do it. */
export async function issueCommand(io: Io, options: IssueOptions): Promise<number> {
  const report = readReport(io, options.drift)
  const text = readNamed(io, options.body, MOST_BYTES)
  if (options.dryRun === true) {
    io.stdout.write(report.found === 0 ? "Nothing drifted: no issue.\n" : `${titleOf(report)}\n\n${text}`)
    return EXIT.done
  }
  const host = hostOf(io.env)
  try {
    io.stdout.write(`${terminalText(await settle(host, report, text))}\n`)
    return EXIT.done
  } catch (error) {
    if (!(error instanceof HostError)) throw error
    io.stderr.write(`cvmimg: ${terminalText(error.message)}\n`)
    return EXIT.failed
  }
}

/** Brings the host's issues in line with the report, and says what became of them. */
async function settle(host: IssueHost, report: Report, text: string): Promise<string> {
  const marker = `<!-- cvmimg:drift ${report.stackId} -->`
  // The label can be given only by those who may triage: a stranger's issue with our marker is not ours.
  const [ours, ...doubles] = (await host.open()).filter(({ body }) => body.includes(marker))
  for (const double of doubles) await host.close(double.number, `Goes on in #${ours?.number}.`)
  if (report.found === 0) {
    if (ours === undefined) return "Nothing drifted, and no issue is open."
    await host.close(ours.number, `Nothing drifted any more.\n\n${shortened(text, host.limit - 100)}`)
    return `Closed #${ours.number}: ${ours.url}`
  }
  const issue: Issue = { title: titleOf(report), body: `${shortened(text, host.limit - 100)}\n${marker}\n` }
  if (ours === undefined) {
    const { number, url } = await host.create(issue)
    return `Opened #${number}: ${url}`
  }
  if (ours.title === issue.title && ours.body === issue.body)
    return `Left #${ours.number} as it is: ${ours.url}`
  await host.update(ours.number, issue)
  return `Updated #${ours.number}: ${ours.url}`
}

function titleOf({ stack, found }: Report): string {
  return `Drift of ${stack}: ${found} ${found === 1 ? "placement" : "placements"}`
}

/** Leaves out details first, then the last rows, and says so. */
function shortened(text: string, most: number): string {
  if (text.length <= most) return text
  const left = "\n\nThe rest does not fit here; the report of the run has it.\n"
  const summary = text.split("\n### Details\n")[0] ?? text
  if (summary.length + left.length <= most) return summary + left
  const cut = summary.slice(0, most - left.length)
  return cut.slice(0, Math.max(0, cut.lastIndexOf("\n"))) + left
}

function readReport(io: Io, file: string): Report {
  const wrong = `${file} is no report of cvmimg drift -o json=FILE`
  let value: Partial<Record<string, unknown>>
  try {
    value = JSON.parse(readNamed(io, file, MOST_BYTES)) as Partial<Record<string, unknown>>
  } catch (error) {
    throw error instanceof SyntaxError ? new UnusableFile(wrong) : error
  }
  const { formatVersion, stack, stackId, failOn, placements } = value ?? {}
  const fits =
    formatVersion === 1 &&
    typeof stack === "string" &&
    typeof stackId === "string" &&
    /^[0-9a-f]{8}$/.test(stackId) &&
    Array.isArray(failOn) &&
    Array.isArray(placements)
  if (!fits) throw new UnusableFile(wrong)
  const failing = new Set<unknown>(failOn)
  const found = placements.filter((row) => failing.has((row as { verdict?: unknown } | null)?.verdict)).length
  return { stack, stackId, found }
}
