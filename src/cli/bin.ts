#!/usr/bin/env node
/**
 * The entry of the binary: a tiny CommonJS file once built. It answers by itself what scripts and people ask most often
 * while they look around, `--version` and `--help`, and loads the rest only when there is work.
 */
import { readFileSync } from "node:fs"
import { systemWords } from "../model/system-error.ts"
import { VERSION } from "./version.ts"
import { HELP_WIDTH, LOG_WIDTH } from "./widths.ts"

const args = process.argv.slice(2)
const text = versionAsked(args) ? `${VERSION}\n` : helpOf(args)

if (text !== undefined) {
  process.stdout.on("error", (error) => failed(error, "standard output cannot be written: "))
  process.stdout.write(text)
} else {
  // Built beside this file, which the compiler cannot see.
  const load = (): typeof import("./main.ts") => require(`${__dirname}/main.cjs`)
  void Promise.resolve()
    .then(() => load().main())
    .catch((error) => failed(error))
}

function versionAsked([first, ...others]: readonly string[]): boolean {
  return (first === "--version" || first === "-V") && others.length === 0
}

/**
 * The help that the build wrote down beside this file, from the commands as they are declared. It is as wide as help
 * ever gets: for a narrower terminal, or any other command line, the declarations are asked themselves.
 */
function helpOf(args: readonly string[]): string | undefined {
  const last = args.at(-1)
  if (args.length > 2 || (last !== "--help" && last !== "-h")) return undefined
  if ((process.stdout.columns ?? LOG_WIDTH) < HELP_WIDTH) return undefined
  try {
    const texts = JSON.parse(readFileSync(`${__dirname}/help.json`, "utf8")) as Record<string, string>
    const name = args.length === 1 ? "" : String(args[0])
    return Object.hasOwn(texts, name) ? texts[name] : undefined
  } catch {
    return undefined
  }
}

/** What goes wrong before there is a command to tell it, such as a working directory that is gone. */
function failed(error: NodeJS.ErrnoException, what = ""): void {
  process.exitCode = 1
  if (error.code !== "EPIPE") process.stderr.write(`cvmimg: ${what}${systemWords(error)}\n`)
}
