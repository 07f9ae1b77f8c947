/** Options and arguments that several commands take. */
import { type Command, InvalidArgumentError } from "commander"

export interface OutputOptions {
  readonly output: readonly string[]
}

export const APPLY_FORMATS = "text, json, junit, markdown, github, tfvars or env"
export const DIRECTORY = "a directory of the stack; the nearest cvmimg.yaml upward counts"
export const ENDPOINT = "call this address instead of Tencent Cloud (default: CVMIMG_ENDPOINT)"
export const PLAN_FORMATS = "text, json, markdown, html, junit, sarif or github"

export function output(command: Command, formats: string): Command {
  return command.option(
    "-o, --output <format[=file]>",
    `${formats}; to a file, or alone to standard output (repeatable)`,
    collect,
    [],
  )
}

export function planning(command: Command): Command {
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

export function selecting(command: Command): Command {
  return command
    .option("--image <name>", "only this image (repeatable)", collect)
    .option("--region <region>", "only this region (repeatable)", collect)
    .option("--account <name>", "only this account (repeatable)", collect)
    .option("-l, --label <label=value>", "only images with this label (repeatable)", collect)
}

export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
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

export function positive(text: string): number {
  const n = Number(text)
  if (!Number.isFinite(n) || n <= 0) throw new InvalidArgumentError("It must be a number above 0.")
  return n
}
