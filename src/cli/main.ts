/** ARGV -> EXIT CODE. Each command is loaded when it is called, so that `validate` never pays for the cloud. */
import { Command, CommanderError, InvalidArgumentError } from "commander"
import { systemClock } from "../cloud/clock.ts"
import { terminalText } from "../report/escape.ts"
import { FAULTS } from "./commands/emulator-help.ts"
import { EXIT, UnusableFile, UsageError } from "./exit.ts"
import { helpTexts } from "./help.ts"
import { type Io, outputOf } from "./io.ts"
import { SCHEMAS } from "./schema-names.ts"
import { listenToSignals } from "./signals.ts"
import { VERSION } from "./version.ts"
import { HELP_WIDTH } from "./widths.ts"

/** What `--help` prints on a wide terminal, by command: the build writes it down for the entry. */
export function helps(io: Io): Record<string, string> {
  return helpTexts(commandLine(io, () => {}))
}

/** Runs the command line of the process and leaves its exit code behind. */
export async function main(): Promise<void> {
  const { env } = process
  const { signal, interrupted } = listenToSignals(() => {
    if (process.stderr.isTTY) process.stderr.write(SHOW_CURSOR)
  })
  let lost: Error | undefined
  const stderr = outputOf(process.stderr, env, () => {})
  const stdout = outputOf(process.stdout, env, (error) => {
    if (lost === undefined) stderr.write(`cvmimg: ${terminalText(error.message)}\n`)
    lost = error
    process.exitCode ||= EXIT.failed
  })
  const io: Io = {
    stdout,
    stderr,
    stdin: process.stdin,
    env,
    cwd: process.cwd(),
    clock: systemClock,
    signal,
    interrupted,
  }
  const code = await run(io, process.argv.slice(2))
  process.exitCode = lost === undefined ? code : code || EXIT.failed
}

const SHOW_CURSOR = "\u001b[?25h"

/** Runs one command line. Never throws. */
export async function run(io: Io, args: readonly string[]): Promise<number> {
  let code: number = EXIT.done
  const program = commandLine(io, (result) => {
    code = result
  })
  try {
    await program.parseAsync([...args], { from: "user" })
    return code
  } catch (error) {
    return await failed(io, error)
  }
}

async function failed(io: Io, error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  if (error instanceof UsageError) {
    io.stderr.write(`cvmimg: ${terminalText(error.message)}\n`)
    return EXIT.usage
  }
  const interrupted = io.interrupted()
  if (interrupted !== undefined) return interrupted
  if (error instanceof UnusableFile) {
    io.stderr.write(`cvmimg: ${terminalText(error.message)}\n`)
    return EXIT.failed
  }
  const { renderError } = await import("./errors.ts")
  io.stderr.write(renderError(error, io.env))
  return EXIT.failed
}

function commandLine(io: Io, finish: (code: number) => void): Command {
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

  output(
    program
      .command("validate")
      .summary("check manifests, without network and credentials")
      .description(
        "Checks manifests: files, directories, or - for standard input. Needs no network and no credentials.",
      )
      .argument("[path...]", "files, directories or -; the directory of a stack counts as a whole", ["."]),
    "text, json or github",
  ).action(async (paths: string[], options: OutputOptions) => {
    const { validate } = await import("./commands/validate.ts")
    finish(await validate(io, paths, options))
  })

  program
    .command("schema")
    .summary("print a JSON Schema")
    .description("Prints the JSON Schema of a manifest or of a command's output; without a name, the names.")
    .argument("[name]", `${SCHEMAS.slice(0, -1).join(", ")} or ${SCHEMAS.at(-1)}`)
    .action(async (name: string | undefined) => {
      const { schema } = await import("./commands/schema.ts")
      finish(schema(io, name))
    })

  planning(output(program.command("plan"), PLAN_FORMATS))
    .summary("show what would change")
    .description("Compares the manifests with the cloud and shows what an apply would do. Only reads.")
    .option("--out <file>", "save the plan as an approval set for apply --plan")
    .option("--rehearse", "try each import with the API's own DryRun")
    .option("--detailed-exitcode", "exit with 2 where there is something to do")
    .action(async (dir: string, options: OutputOptions) => {
      const { planCommand } = await import("./commands/plan.ts")
      finish(await planCommand(io, dir, options))
    })

  planning(output(program.command("apply"), APPLY_FORMATS))
    .summary("carry a plan out")
    .description(
      "Plans, asks, rehearses every import with the API's own DryRun, imports, waits until each image is NORMAL.",
    )
    .option("--plan <file>", "carry out only what this approval set holds (of plan --out)")
    .option("-y, --yes", "do not ask")
    .option("--no-wait", "end when every import is accepted; wait, or the next apply, goes on from there")
    .option("--keep-going", "import what can be imported even if a check or a rehearsal failed")
    .option("--log-format <format>", "standard error as text, or as json: one event a line", "text")
    .action(async (dir: string, options: OutputOptions & { readonly logFormat: string }) => {
      const { applyCommand } = await import("./commands/apply.ts")
      const { withJsonLog } = await import("./events.ts")
      const told = options.logFormat === "json" ? withJsonLog(io) : io
      finish(await applyCommand(io, dir, options).catch((error: unknown) => failed(told, error)))
    })

  selecting(output(program.command("drift"), PLAN_FORMATS).argument("[dir]", DIRECTORY, "."))
    .summary("say whether the cloud is still what was applied")
    .description(
      "Compares the cloud with the manifests and with what was applied last, and says for each placement who moved. Only reads.",
    )
    .option(
      "--fail-on <verdicts>",
      "verdicts that exit with 2 beside drifted and failed: pending,orphan,... (repeatable)",
      collect,
    )
    .option("--state <file>", "keep what was seen in this file: what is new, what healed, since when")
    .option("--no-checks", "do not look at source objects: a changed one is not noticed")
    .option("--endpoint <url>", ENDPOINT)
    .option("--notify <kind=where>", "tell a receiver what is new and what healed (repeatable)", collect)
    .option("--heartbeat <duration>", "tell receivers after so long without news that somebody looks")
    .option("--notify-allow-http", "send over plain http to other machines too")
    .option("--metrics-file <file>", "write metrics for the textfile collector of Prometheus")
    .option("--every <when>", "go on: a duration such as 6h, or five fields of cron")
    .option("--jitter <duration>", "delay each run of --every by a random part of this")
    .option("--listen <host:port>", "with --every: /healthz, /livez and /metrics")
    .addHelpText("after", RECEIVERS)
    .action(async (dir: string, options: OutputOptions) => {
      const { driftCommand } = await import("./commands/drift.ts")
      finish(await driftCommand(io, dir, options))
    })

  output(program.command("wait"), APPLY_FORMATS)
    .summary("go on with what an apply left under way")
    .description(
      "Waits for the stack's imports that are under way, and carries out what comes after them. Imports nothing.",
    )
    .argument("[dir]", DIRECTORY, ".")
    .option("--endpoint <url>", ENDPOINT)
    .option("--log-format <format>", "standard error as text, or as json: one event a line", "text")
    .action(async (dir: string, options: OutputOptions & { readonly logFormat: string }) => {
      const { waitCommand } = await import("./commands/wait.ts")
      const { withJsonLog } = await import("./events.ts")
      const told = options.logFormat === "json" ? withJsonLog(io) : io
      finish(await waitCommand(io, dir, options).catch((error: unknown) => failed(told, error)))
    })

  output(program.command("status"), "text or json")
    .summary("show what is under way")
    .description(
      "Shows which imports of the stack are under way, since when, and of which nobody knows. Only reads.",
    )
    .argument("[dir]", DIRECTORY, ".")
    .option("--endpoint <url>", ENDPOINT)
    .action(async (dir: string, options: OutputOptions) => {
      const { statusCommand } = await import("./commands/status.ts")
      finish(await statusCommand(io, dir, options))
    })

  output(program.command("show"), PLAN_FORMATS)
    .summary("print a saved plan")
    .description("Prints a plan that plan --out saved, in any format. Needs no network.")
    .argument("<file>", "an approval set")
    .action(async (file: string, options: OutputOptions) => {
      const { show } = await import("./commands/show.ts")
      finish(show(io, file, options))
    })

  output(program.command("diff-plans"), "text or json")
    .summary("compare two saved plans")
    .description("Says what moved between two plans that plan --out saved. Needs no network.")
    .argument("<before>", "an approval set")
    .argument("<after>", "an approval set")
    .action(async (before: string, after: string, options: OutputOptions) => {
      const { diffPlans } = await import("./commands/diff-plans.ts")
      finish(diffPlans(io, before, after, options))
    })

  output(program.command("explain"), "text or json")
    .summary("say why an image is planned as it is")
    .description(
      "Prints an image's manifest as it is resolved, with where each value comes from, its spec hash, and how each placement was decided.",
    )
    .argument("<image>", "metadata.name of an image")
    .argument("[dir]", DIRECTORY, ".")
    .option("--offline", "only the manifest: ask no cloud")
    .option("--region <region>", "only this region (repeatable)", collect)
    .option("--account <name>", "only this account (repeatable)", collect)
    .option("--endpoint <url>", ENDPOINT)
    .action(async (image: string, dir: string, options: OutputOptions) => {
      const { explainCommand } = await import("./commands/explain.ts")
      finish(await explainCommand(io, image, dir, options))
    })

  output(program.command("export"), "text, json or yaml")
    .summary("write manifests for images that exist")
    .description(
      "Writes manifests that adopt the private images of the stack's accounts and regions which no manifest asks for yet. Only reads the cloud, and never writes over a file.",
    )
    .argument(
      "[dir]",
      "a directory of the stack; new files come into it, or into images/ of the stack's own",
      ".",
    )
    .option("--account <name>", "only this account (repeatable)", collect)
    .option("--region <region>", "this region, one of the stack's or not (repeatable)", collect)
    .option("--family <name>", "only images of this family (repeatable)", collect)
    .option("--name <glob>", "only images whose name fits, with * and ? (repeatable)", collect)
    .option("--dry-run", "write nothing; -o yaml shows what would be written")
    .option("--endpoint <url>", ENDPOINT)
    .action(async (dir: string, options: OutputOptions) => {
      const { exportCommand } = await import("./commands/export.ts")
      finish(await exportCommand(io, dir, options))
    })

  output(program.command("doctor"), "text or json")
    .summary("look at keys, rights, network and disc")
    .description(
      "Looks at what a run needs: keys, rights, network, clock, source objects, .cvmimg. Changes nothing; rights to write are tried with the API's own DryRun where it has one.",
    )
    .argument("[dir]", DIRECTORY, ".")
    .option(
      "--policy <command>",
      "plan or apply; print the least CAM policy for the manifests, and nothing else",
    )
    .option("--account <name>", "only this account (repeatable)", collect)
    .option("--region <region>", "look at this region instead of the manifests' (repeatable)", collect)
    .option("--endpoint <url>", ENDPOINT)
    .action(async (dir: string, options: OutputOptions) => {
      const { doctorCommand } = await import("./commands/doctor.ts")
      finish(await doctorCommand(io, dir, options))
    })

  output(program.command("review"), "text, json, markdown, html, sarif or github")
    .summary("compare the manifests of two commits, as in a pull request")
    .description(
      "Says what a pull request does to a stack and how much of a risk it is, from the manifests of two commits alone. Needs no network and no credentials, runs nothing of the repository, and leaves the work tree alone.",
    )
    .argument("[dir]", DIRECTORY, ".")
    .requiredOption("--base <rev>", "where the change goes, such as origin/main")
    .option("--head <rev>", "the change (default: HEAD)")
    .option("--worktree", "the directory as it is, in place of a commit")
    .option("--exact", "compare with the base itself, not with the commit where the two part")
    .option("--fail-on <risk>", "exit with 3 from this risk on: low, medium or high")
    .action(async (dir: string, options: OutputOptions & { readonly base: string }) => {
      const { reviewCommand } = await import("./commands/review.ts")
      finish(await reviewCommand(io, dir, options))
    })

  program
    .command("emulator")
    .summary("run the image API locally")
    .description(
      "Runs a strict local stand-in for the image, tag and identity APIs and for COS, and prints its address and the variables that lead a client there.",
    )
    .option("--port <n>", "port on 127.0.0.1; 0 picks a free one", integer(0, 65_535), 0)
    .option("--state <file>", "keep the world in this file")
    .option("--objects <dir>", "objects of COS: <bucket-appid>/<key> below this directory")
    .option("--site <site>", "intl or cn", "intl")
    .option("--speed <x>", "how much faster than the wall clock imports run", positive, 1)
    .option("--fault <spec>", "let something fail: WHAT:WHICH:EFFECT (repeatable)", collect, [])
    .option(
      "--seed <text>",
      "makes the ids of a new world, and what faults by share hit, the same in each run",
    )
    .addHelpText("after", FAULTS)
    .action(async (options) => {
      const { emulator } = await import("./commands/emulator.ts")
      finish(await emulator(io, options))
    })

  program
    .command("completion")
    .summary("print a completion script")
    .description("Prints the completion script of a shell; the script says how to use it.")
    .argument("<shell>", "bash, zsh or fish")
    .action(async (shell: string) => {
      const { completion } = await import("./commands/completion.ts")
      finish(completion(io, shell, program))
    })

  return program
}

interface OutputOptions {
  readonly output: readonly string[]
}

const APPLY_FORMATS = "text, json, junit, markdown, github, tfvars or env"
const DIRECTORY = "a directory of the stack; the nearest cvmimg.yaml upward counts"
const ENDPOINT = "call this address instead of Tencent Cloud (default: CVMIMG_ENDPOINT)"
const PLAN_FORMATS = "text, json, markdown, html, junit, sarif or github"

function output(command: Command, formats: string): Command {
  return command.option(
    "-o, --output <format[=file]>",
    `${formats}; to a file, or alone to standard output (repeatable)`,
    collect,
    [],
  )
}

function planning(command: Command): Command {
  return selecting(command.argument("[dir]", DIRECTORY, "."))
    .option("--prune <what>", "retire orphans, what is beyond a retention, or all")
    .option("--retry-failed", "import again what failed with the same spec")
    .option("--no-checks", "do not look at source objects, quotas and the list of systems")
    .option("--allow-deletes <n>", "lift safety.maxDeletes to n for this run", integer(0))
    .option("--allow-replaces <n>", "lift safety.maxReplaces to n for this run", integer(0))
    .option("--allow-family-moves <n>", "lift safety.maxFamilyMoves to n for this run", integer(0))
    .option("--allow-deprecates <n>", "lift safety.maxDeprecates to n for this run", integer(0))
    .option("--endpoint <url>", ENDPOINT)
}

function selecting(command: Command): Command {
  return command
    .option("--image <name>", "only this image (repeatable)", collect)
    .option("--region <region>", "only this region (repeatable)", collect)
    .option("--account <name>", "only this account (repeatable)", collect)
    .option("-l, --label <label=value>", "only images with this label (repeatable)", collect)
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const n = Number(text)
    if (!/^\d+$/.test(text) || n < least || n > most) {
      throw new InvalidArgumentError(
        `It must be a whole number from ${least}${most < 1e9 ? ` to ${most}` : ""}.`,
      )
    }
    return n
  }
}

function positive(text: string): number {
  const n = Number(text)
  if (!Number.isFinite(n) || n <= 0) throw new InvalidArgumentError("It must be a number above 0.")
  return n
}

const RECEIVERS = `
Receivers: json, slack, wecom, feishu (lark), dingtalk. Where: https://..., env:NAME or @FILE, and
,secret=env:NAME or ,secret=@FILE where json, feishu or dingtalk are to be signed.
For example: --notify slack=env:SLACK_WEBHOOK`

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
