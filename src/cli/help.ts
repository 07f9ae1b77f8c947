/** For the build, which writes down what `--help` prints so that the entry need not load the command line. */
import type { Command } from "commander"
import { HELP_WIDTH } from "./widths.ts"

/** The help of the program (key "") and of each command as `--help` prints it on a wide terminal, by name. */
export function helpTexts(program: Command): Record<string, string> {
  let text = ""
  const append = (part: string): void => {
    text += part
  }
  const texts: Record<string, string> = {}
  for (const command of [program, ...program.commands]) {
    text = ""
    command.configureOutput({ writeOut: append, getOutHelpWidth: () => HELP_WIDTH })
    command.outputHelp()
    texts[command === program ? "" : command.name()] = text
  }
  return texts
}
