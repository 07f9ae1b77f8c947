/**
 * Git as a child process, for repositories that nobody trusts: a pull request of a fork may hold anything. Only plumbing that
 * reads objects is called, never the index or the work tree, so that no filter, hook, textconv or monitor has an occasion;
 * what could still start a program or reach a network is switched off besides. Configuration of the machine and of the user
 * does not count, and of the environment only PATH is handed on.
 */
import { spawn } from "node:child_process"
import { devNull } from "node:os"
import { delimiter, isAbsolute } from "node:path"

/** Why git did not answer, and what to do about it. */
export class GitTrouble extends Error {
  readonly advice: string
  constructor(message: string, advice: string) {
    super(message)
    this.advice = advice
  }
}

/** Where git is called, and with what environment. */
export interface GitPlace {
  /** An existing directory. */
  readonly directory: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal
}

const SETTINGS: readonly string[] = [
  "core.fsmonitor=false",
  `core.hooksPath=${devNull}`,
  `core.attributesFile=${devNull}`,
  "core.sshCommand=false",
  "core.askPass=",
  "core.alternateRefsCommand=",
  "credential.helper=",
  "protocol.allow=never",
  "diff.external=",
  "gc.auto=0",
  "submodule.recurse=false",
  // A directory that looks like a repository without a work tree could be part of the pull request.
  "safe.bareRepository=explicit",
  // The owner of the files may be another user, as in containers. That guards against programs named in the
  // repository's configuration, and none of those is started here.
  "safe.directory=*",
]

/** The arguments that come before every command. */
export const HARDENED: readonly string[] = [
  "--no-pager",
  "--no-replace-objects",
  "--no-optional-locks",
  "--literal-pathspecs",
  ...SETTINGS.flatMap((setting) => ["-c", setting]),
]

/** Nothing of the environment but where programs are; relative places are none, since the work tree may be one. */
export function gitEnvironment(env: GitPlace["env"]): Record<string, string> {
  const path = (env.PATH ?? "").split(delimiter).filter(isAbsolute).join(delimiter)
  return {
    PATH: path,
    ...(env.SYSTEMROOT === undefined ? {} : { SYSTEMROOT: env.SYSTEMROOT }),
    NoDefaultCurrentDirectoryInExePath: "1",
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_GRAFT_FILE: devNull,
    GIT_ALLOW_PROTOCOL: "none",
  }
}

interface Answer {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

/** Most that is read of a message of git's. */
const MAX_MESSAGE = 4_000

/**
 * Runs one command to its end. `most`: bytes of its output, at which it is stopped. Throws GitTrouble where git cannot be
 * started, says too much, or was stopped; its exit code is the caller's to judge.
 */
export function runGit(
  { directory, env, signal }: GitPlace,
  args: readonly string[],
  most: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", [...HARDENED, ...args], {
      cwd: directory,
      env: gitEnvironment(env),
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
      ...(signal === undefined ? {} : { signal }),
    })
    const out: Buffer[] = []
    let length = 0
    let stderr = ""
    child.stdout.on("data", (chunk: Buffer) => {
      length += chunk.length
      if (length > most) child.kill("SIGKILL")
      else out.push(chunk)
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(0, MAX_MESSAGE)
    })
    child.once("error", (error) => reject(notStarted(error)))
    child.once("close", (code) => {
      if (length > most) {
        const text = `git ${args[0]} answered with more than ${most >> 20} MiB.`
        reject(new GitTrouble(text, "name a directory that holds less"))
      } else if (code === null) reject(stopped())
      else resolve({ code, stdout: Buffer.concat(out), stderr })
    })
  })
}

export function notStarted(error: Error): GitTrouble {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") {
    return new GitTrouble("git was not found.", "install git 2.30 or newer, and have it on the PATH")
  }
  return error.name === "AbortError" ? stopped() : new GitTrouble(`git: ${error.message}`, "try again")
}

export function stopped(): GitTrouble {
  return new GitTrouble("git was stopped before it had answered.", "run the command again")
}

/** What git said, without the word that it begins with. */
export function messageOf(stderr: string): string {
  const line = stderr.split("\n").find((text) => text.trim() !== "") ?? "no reason was given"
  return line.replace(/^(?:fatal|error): /, "").trim()
}
