/**
 * Annotations of GitHub, one workflow command a line. GitHub shows ten of each level for a step, so that the last one
 * counts what is left. No text in one can begin another command.
 */
import type { Position } from "../model/position.ts"
import { commandData, commandProperty } from "./escape-github.ts"

const COMMANDS = ["error", "warning", "notice"] as const

export interface Annotation {
  readonly command: (typeof COMMANDS)[number]
  readonly title: string
  readonly lines: readonly string[]
  readonly at?: Position
}

/** As many as GitHub shows of one level in one step. */
const MOST = 10

/** The workflow commands, errors first. `summary` stands where some had to be left out. */
export function annotationsText(all: readonly Annotation[], summary: string): string {
  return COMMANDS.flatMap((command) => capped(all, command, summary))
    .map(commandLine)
    .join("")
}

function capped(all: readonly Annotation[], command: Annotation["command"], summary: string): Annotation[] {
  const those = all.filter((annotation) => annotation.command === command)
  if (those.length <= MOST) return those
  const left = those.length - MOST + 1
  const rest = { command, title: `${left} more`, lines: [`${left} more are not shown here.`, summary] }
  return [...those.slice(0, MOST - 1), rest]
}

function commandLine({ command, title, lines, at }: Annotation): string {
  const place =
    at === undefined || at.file === "<stdin>"
      ? []
      : [`file=${commandProperty(at.file)}`, `line=${at.line}`, `col=${at.column}`]
  const properties = [...place, `title=${commandProperty(title)}`].join(",")
  return `::${command} ${properties}::${commandData(lines.join("\n"))}\n`
}
