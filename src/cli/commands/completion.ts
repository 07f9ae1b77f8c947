/**
 * Completion for bash, zsh and fish. The scripts are made from what the command line declares, and from nothing else:
 * a command or an option that is added is completed at once.
 */
import type { Command, Option } from "commander"
import { EXIT, UsageError } from "../exit.ts"
import type { Io } from "../io.ts"

const WRITERS = { bash, zsh, fish } as const

/** Prints the script of a shell. `program`: the whole command line. */
export function completion(io: Io, shell: string, program: Command): number {
  const shells = Object.keys(WRITERS)
  if (!Object.hasOwn(WRITERS, shell)) {
    throw new UsageError(`unknown shell '${shell}'; choose one of ${shells.join(", ")}`)
  }
  io.stdout.write(WRITERS[shell as keyof typeof WRITERS](program.name(), wordsOf(program)))
  return EXIT.done
}

interface Flag {
  /** As typed: `-o`, `--output`. */
  readonly names: readonly string[]
  readonly takesValue: boolean
  /** What the value may be; empty: anything, a file perhaps. */
  readonly values: readonly string[]
  readonly text: string
}

interface Verb {
  readonly name: string
  readonly text: string
  readonly flags: readonly Flag[]
  /** What the first argument may be; empty: a path. */
  readonly values: readonly string[]
}

interface Words {
  readonly verbs: readonly Verb[]
  readonly flags: readonly Flag[]
}

function wordsOf(program: Command): Words {
  const help = program.createHelp()
  const flagsOf = (command: Command): Flag[] => help.visibleOptions(command).map(flagOf)
  const verbs = program.commands
    .map(
      (command): Verb => ({
        name: command.name(),
        text: command.summary() || command.description(),
        flags: flagsOf(command),
        values: valuesOf(command.registeredArguments[0]?.description ?? ""),
      }),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  // `help` is made by the library.
  verbs.push({ name: "help", text: "print help", flags: [], values: verbs.map((verb) => verb.name) })
  return { verbs, flags: flagsOf(program) }
}

function flagOf({ short, long, required, optional, description }: Option): Flag {
  return {
    names: [short, long].filter((name) => name !== undefined),
    takesValue: required || optional,
    values: valuesOf(description),
    text: description,
  }
}

/** The words of a description that begins with all of them: `text, json or github; to a file ...`. */
function valuesOf(description: string): string[] {
  const list = /^[a-z][a-z-]*(?:, [a-z][a-z-]*)* or [a-z][a-z-]*(?=$|;)/.exec(description)?.[0]
  return list === undefined ? [] : list.split(/, | or /)
}

function bash(name: string, { verbs, flags }: Words): string {
  const words = (list: readonly string[]): string => quoted(list.join(" "))
  const cases = verbs.flatMap((verb) => [
    `    ${verb.name})`,
    `      options=${words(verb.flags.flatMap((flag) => flag.names))}`,
    `      arguments=${words(verb.values)}`,
    '      case "$previous" in',
    ...verb.flags
      .filter((flag) => flag.takesValue)
      .map((flag) => `        ${flag.names.join("|")}) valued=yes; values=${words(flag.values)} ;;`),
    "      esac",
    "      ;;",
  ])
  return `# bash completion of ${name}, written by \`${name} completion bash\`. To use it:
#   source <(${name} completion bash)
_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local command="" options="" arguments="" values="" valued="" i
  COMPREPLY=()
  # What comes after a format's = is a file.
  if [[ "$current" == "=" ]]; then return; fi
  if [[ "$previous" == "=" ]]; then COMPREPLY=($(compgen -f -- "$current")); return; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ "\${COMP_WORDS[i]}" != -* ]]; then command="\${COMP_WORDS[i]}"; break; fi
  done
  case "$command" in
    "")
      options=${words(flags.flatMap((flag) => flag.names))}
      arguments=${words(verbs.map((verb) => verb.name))}
      ;;
${cases.join("\n")}
  esac
  if [[ -n "$valued" && -n "$values" ]]; then
    COMPREPLY=($(compgen -W "$values" -- "$current"))
  elif [[ -n "$valued" ]]; then
    COMPREPLY=($(compgen -f -- "$current"))
  elif [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ -n "$arguments" ]]; then
    COMPREPLY=($(compgen -W "$arguments" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _${name} ${name}
`
}

function zsh(name: string, { verbs, flags }: Words): string {
  const spec = ({ names, takesValue, values, text }: Flag): string => {
    // Left out of the shell's own syntax: brackets and colons mean something in a specification.
    const told = text.replace(/[[\]:\\]/g, "\\$&")
    const value = !takesValue ? "" : values.length > 0 ? `:value:(${values.join(" ")})` : ":value:_files"
    const one = (flag: string): string =>
      `${flag}${takesValue && flag.startsWith("--") ? "=" : ""}[${told}]${value}`
    return names.map((flag) => quoted(`*${one(flag)}`)).join(" ")
  }
  const cases = verbs.flatMap((verb) => [
    `    ${verb.name})`,
    `      _arguments ${[
      ...verb.flags.map(spec),
      quoted(verb.values.length > 0 ? `*:argument:(${verb.values.join(" ")})` : "*:path:_files"),
    ].join(" \\\n        ")}`,
    "      ;;",
  ])
  return `#compdef ${name}
# zsh completion of ${name}, written by \`${name} completion zsh\`. To use it:
#   ${name} completion zsh > "\${fpath[1]}/_${name}"
_${name}() {
  local curcontext="$curcontext" state line
  local -a commands
  commands=(
${verbs.map((verb) => `    ${quoted(`${verb.name}:${verb.text.replace(/[:\\]/g, "\\$&")}`)}`).join("\n")}
  )
  _arguments -C ${flags.map(spec).join(" ")} '1:command:->command' '*::argument:->argument'
  if [[ "$state" == command ]]; then
    _describe command commands
    return
  fi
  case "\${line[1]}" in
${cases.join("\n")}
  esac
}
if [[ "\${funcstack[1]}" == "_${name}" ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`
}

function fish(name: string, { verbs, flags }: Words): string {
  const flagLine = (when: string, { names, takesValue, values, text }: Flag): string => {
    const parts = names.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
    if (takesValue) parts.push(values.length > 0 ? `-x -a ${fishQuoted(values.join(" "))}` : "-r")
    return `complete -c ${name} -n ${fishQuoted(when)} ${parts.join(" ")} -d ${fishQuoted(text)}`
  }
  const first = "__fish_use_subcommand"
  return [
    `# fish completion of ${name}, written by \`${name} completion fish\`. To use it:`,
    `#   ${name} completion fish > ~/.config/fish/completions/${name}.fish`,
    ...flags.map((flag) => flagLine(first, flag)),
    ...verbs.flatMap((verb) => {
      const when = `__fish_seen_subcommand_from ${verb.name}`
      return [
        `complete -c ${name} -n ${fishQuoted(first)} -f -a ${verb.name} -d ${fishQuoted(verb.text)}`,
        ...(verb.values.length === 0
          ? []
          : [`complete -c ${name} -n ${fishQuoted(when)} -f -a ${fishQuoted(verb.values.join(" "))}`]),
        ...verb.flags.map((flag) => flagLine(when, flag)),
      ]
    }),
    "",
  ].join("\n")
}

/** One word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** One word of fish, which knows two escapes in single quotes. */
function fishQuoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`
}
