/** The command line as it is declared, a file in `line/` for each command. */
import { Command } from "commander"
import { terminalText } from "../report/escape.ts"
import { apply } from "./line/apply.ts"
import { comment } from "./line/comment.ts"
import { completion } from "./line/completion.ts"
import type { Declare, Running } from "./line/declare.ts"
import { diffPlans } from "./line/diff-plans.ts"
import { doctor } from "./line/doctor.ts"
import { drift } from "./line/drift.ts"
import { emulator } from "./line/emulator.ts"
import { explain } from "./line/explain.ts"
import { exportImages } from "./line/export.ts"
import { init } from "./line/init.ts"
import { issue } from "./line/issue.ts"
import { plan } from "./line/plan.ts"
import { review } from "./line/review.ts"
import { schema } from "./line/schema.ts"
import { show } from "./line/show.ts"
import { status } from "./line/status.ts"
import { validate } from "./line/validate.ts"
import { wait } from "./line/wait.ts"
import { VERSION } from "./version.ts"
import { HELP_WIDTH } from "./widths.ts"

/** By name, in the order of help. */
const COMMANDS: Readonly<Record<string, Declare>> = {
  validate,
  schema,
  plan,
  apply,
  drift,
  wait,
  status,
  show,
  "diff-plans": diffPlans,
  explain,
  export: exportImages,
  doctor,
  review,
  comment,
  issue,
  init,
  emulator,
  completion,
}

/** These tell of all the others. */
const ABOUT_ALL: ReadonlySet<string> = new Set(["completion"])

/** The whole command line; with the name of a command, that one alone, since each takes time to be declared. */
export function commandLine(running: Running, asked?: string): Command {
  const { io } = running
  const program = new Command("cvmimg")
    .description("Declarative, reviewable imported images for Tencent Cloud CVM.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .showSuggestionAfterError()
    .showHelpAfterError("(cvmimg --help, or cvmimg COMMAND --help, lists what can be said)")
    .exitOverride()
    .configureOutput({
      writeOut: io.stdout.write,
      writeErr: io.stderr.write,
      // What was typed is quoted; it may come from a script that passes foreign text on.
      outputError: (text, write) => write(`${text.trimEnd().split("\n").map(terminalText).join("\n")}\n`),
      getOutHelpWidth: () => Math.min(io.stdout.width, HELP_WIDTH),
      getErrHelpWidth: () => Math.min(io.stderr.width, HELP_WIDTH),
    })
    .addHelpText("after", EXIT_CODES)
  const alone = asked !== undefined && Object.hasOwn(COMMANDS, asked) && !ABOUT_ALL.has(asked)
  for (const [name, declare] of Object.entries(COMMANDS))
    if (!alone || name === asked) declare(program, running)
  return program
}

const EXIT_CODES = `
Exit codes:
  0  done; in sync; valid
  1  it could not be done
  2  plan --detailed-exitcode: there is something to do; drift: drift was found
  3  refused: a safety limit, a conflict
  4  an approved action is stale
  5  partly applied: some done and some not, still running, or of unknown outcome
  64 wrong usage
  130, 143  interrupted, terminated`
