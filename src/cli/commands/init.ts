/** A manifests repository to begin with: asks what it needs to know, then writes all of it or nothing. */
import { existsSync, readFileSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { type Answers, CI_CHOICES, nameFor, PROBLEMS, regionsOf, USUAL_REGIONS } from "../../init/answers.ts"
import { scaffold } from "../../init/scaffold.ts"
import { terminalText } from "../../report/escape.ts"
import { EXIT, UsageError } from "../exit.ts"
import type { Io } from "../io.ts"
import { type Decision, decide, writeAll } from "../new-files.ts"
import { packageRoot } from "../package-root.ts"
import { VERSION } from "../version.ts"

export interface InitOptions {
  readonly name?: string
  readonly site?: string
  readonly regions?: string
  readonly ci?: string
  readonly branch?: string
  readonly package?: string
  readonly yes?: boolean
}

/** Exit code 130 where the questions were broken off; nothing was written then. */
export async function initCommand(io: Io, dir: string, options: InitOptions): Promise<number> {
  const directory = resolve(io.cwd, dir)
  const given = givenBy(options)
  const hasStack = existsSync(join(directory, "cvmimg.yaml"))
  const asks = options.yes !== true && io.stdin.isTTY === true && io.stderr.isTerminal
  const said = asks ? await asked(io, given, { name: nameFor(basename(directory)), hasStack }) : given
  if (said === undefined) {
    io.stderr.write("Nothing was written.\n")
    return io.interrupted() ?? 130
  }
  const site = said.site ?? "intl"
  const answers: Answers = {
    name: said.name ?? nameFor(basename(directory)),
    site,
    regions: said.regions ?? USUAL_REGIONS[site],
    ci: said.ci ?? "github",
    branch: said.branch ?? "main",
    package: said.package ?? `cvmimg@${VERSION}`,
  }
  const root = packageRoot()
  const files = scaffold(answers, { hasStack }, (path) => readFileSync(join(root, path), "utf8"))
  const decision = decide(directory, files)
  writeAll(directory, decision.toWrite)
  io.stdout.write(told(dir, directory, answers, decision))
  return EXIT.done
}

/** What asks is loaded where there is somebody to ask. */
async function asked(
  ...about: Parameters<typeof import("../init-questions.ts").ask>
): Promise<Partial<Answers> | undefined> {
  const { ask } = await import("../init-questions.ts")
  return ask(...about)
}

/** What the command line says. Throws UsageError for what cannot be taken. */
function givenBy(options: InitOptions): Partial<Answers> {
  for (const key of ["name", "regions", "branch", "package"] as const) {
    const text = options[key]
    const problem = text === undefined ? undefined : PROBLEMS[key](text)
    if (problem !== undefined) throw new UsageError(`--${key} ${text}: ${problem}`)
  }
  const { name, branch, package: source } = options
  return {
    ...(name === undefined ? {} : { name }),
    ...(options.site === undefined ? {} : { site: oneOf("site", options.site, ["intl", "cn"]) }),
    ...(options.regions === undefined ? {} : { regions: regionsOf(options.regions) }),
    ...(options.ci === undefined ? {} : { ci: oneOf("ci", options.ci, CI_CHOICES) }),
    ...(branch === undefined ? {} : { branch }),
    ...(source === undefined ? {} : { package: source }),
  }
}

function oneOf<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text)
  if (found === undefined) throw new UsageError(`--${option} takes ${choices.join(", ")}, not '${text}'`)
  return found
}

function told(dir: string, directory: string, answers: Answers, { toWrite, kept }: Decision): string {
  const changeTo = dir === "." ? "" : `cd ${terminalText(dir)} && `
  const example = toWrite.some(({ path }) => path === "images/ubuntu.yaml")
  const lines = [
    ...toWrite.map(({ path }) => `  + ${path}`),
    ...kept.map((path) => `  = ${path}  kept as it is`),
    "",
    ...(toWrite.length === 0
      ? ["Everything was there already."]
      : [`Stack ${answers.name}: ${toWrite.length} files written.`]),
    ...remarks(directory, answers, kept),
    ...(example
      ? ["Put your own appid into cvmimg.yaml, and make images/ubuntu.yaml an image of yours. Then:"]
      : ["Next:"]),
    `  ${changeTo}cvmimg validate`,
    "  cvmimg doctor",
    "  cvmimg plan",
    ...(answers.ci === "none" || kept.includes("README.md")
      ? []
      : ["README.md says which secrets the pipelines need."]),
  ]
  return `${lines.join("\n")}\n`
}

/** What keeps the files from having their effect. */
function remarks(directory: string, { ci }: Answers, kept: readonly string[]): string[] {
  const found: string[] = []
  const root = repositoryAbove(directory)
  if (ci !== "none" && root !== undefined && root !== directory) {
    found.push(
      `Pipelines count at the root of a repository, ${terminalText(root)}: move .github and .gitlab-ci.yml there, and run cvmimg in the stack's directory.`,
    )
  }
  if (kept.includes(".gitignore") && !/^\/?\.cvmimg\/?\s*$/m.test(readText(join(directory, ".gitignore")))) {
    found.push("Add the line .cvmimg/ to .gitignore: journal and reports do not belong into the repository.")
  }
  return found
}

function repositoryAbove(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return at
    if (dirname(at) === at) return undefined
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}
