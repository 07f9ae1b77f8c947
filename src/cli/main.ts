/** ARGV -> EXIT CODE. Each command is loaded when it is called, so that `validate` never pays for the cloud. */
import { CommanderError } from "commander"
import { systemClock } from "../cloud/clock.ts"
import { systemCode, systemWords } from "../model/system-error.ts"
import { terminalText } from "../report/escape.ts"
import { commandLine } from "./command-line.ts"
import { EXIT, UnusableFile, UsageError } from "./exit.ts"
import { helpTexts } from "./help.ts"
import { type Io, outputOf } from "./io.ts"
import { listenToSignals } from "./signals.ts"

/** What `--help` prints on a wide terminal, by command: the build writes it down for the entry. */
export function helps(io: Io): Record<string, string> {
  return helpTexts(commandLine({ io, finish: () => {}, failed }))
}

/** Runs the command line of the process and leaves its exit code behind. */
export async function main(): Promise<void> {
  const { env } = process
  const { signal, interrupted } = listenToSignals(() => {
    // A line of its own for whatever the shell says next: the rows stay as they were.
    if (process.stderr.isTTY) process.stderr.write(`${SHOW_CURSOR}\n`)
  })
  let lost: Error | undefined
  const stderr = outputOf(process.stderr, env, () => {})
  const stdout = outputOf(process.stdout, env, (error) => {
    const why = terminalText(systemWords(error))
    if (lost === undefined) stderr.write(`cvmimg: standard output cannot be written: ${why}\n`)
    lost = error
    process.exitCode ||= EXIT.failed
  })
  const io: Io = {
    stdout,
    stderr,
    stdin: process.stdin,
    env,
    cwd: workingDirectory(),
    clock: systemClock,
    signal,
    interrupted,
  }
  const code = await run(io, process.argv.slice(2))
  process.exitCode = lost === undefined ? code : code || EXIT.failed
}

function workingDirectory(): string {
  try {
    return process.cwd()
  } catch (error) {
    throw new Error(
      `the working directory cannot be used (${systemCode(error) ?? "gone"}): change into another one`,
    )
  }
}

const SHOW_CURSOR = "\u001b[?25h"

/** Runs one command line. Never throws. */
export async function run(io: Io, args: readonly string[]): Promise<number> {
  let code: number = EXIT.done
  const finish = (result: number): void => {
    code = result
  }
  const program = commandLine({ io, finish, failed }, args[0])
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
