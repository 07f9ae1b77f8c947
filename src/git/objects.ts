/** Objects by name, read through one `git cat-file --batch`: names go in by lines, contents come back in their order. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { type GitPlace, GitTrouble, gitEnvironment, HARDENED, messageOf, notStarted, stopped } from "./run.ts"

/** An object that was found. */
export interface GitObject {
  readonly id: string
  readonly type: string
  /** Empty where only the name was asked for. */
  readonly bytes: Uint8Array
}

interface Question {
  readonly keep: boolean
  readonly resolve: (object: GitObject | undefined) => void
  readonly reject: (error: Error) => void
}

const NEWLINE = 0x0a

export class Objects {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #questions: Question[] = []
  #asked = 0
  #header: Buffer[] = []
  /** The object whose content comes now. */
  #current: { id: string; type: string; left: number; chunks: Buffer[] } | undefined
  #failure: Error | undefined
  #stderr = ""

  constructor({ directory, env, signal }: GitPlace) {
    this.#child = spawn("git", [...HARDENED, "cat-file", "--batch"], {
      cwd: directory,
      env: gitEnvironment(env),
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
      ...(signal === undefined ? {} : { signal }),
    })
    this.#child.stdout.on("data", (chunk: Buffer) => this.#take(chunk))
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(0, 4_000)
    })
    this.#child.stdin.on("error", () => {})
    this.#child.once("error", (error) => this.#fail(notStarted(error)))
    this.#child.once("close", () => this.#fail(this.#ended()))
  }

  /** The id of what a name stands for; undefined where it stands for nothing. A name has no line break. */
  async resolve(name: string): Promise<string | undefined> {
    return (await this.#ask(name, false))?.id
  }

  /** The content of a blob; undefined where the repository does not hold it. */
  async read(id: string): Promise<Uint8Array | undefined> {
    const found = await this.#ask(id, true)
    return found?.type === "blob" ? found.bytes : undefined
  }

  close(): void {
    this.#child.stdin.end()
    this.#child.kill()
  }

  #ask(name: string, keep: boolean): Promise<GitObject | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure)
        return
      }
      this.#questions.push({ keep, resolve, reject })
      this.#child.stdin.write(`${name}\n`)
    })
  }

  #take(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#current === undefined) {
        const end = chunk.indexOf(NEWLINE, at)
        this.#header.push(chunk.subarray(at, end === -1 ? chunk.length : end))
        if (end === -1) return
        at = end + 1
        this.#begin(Buffer.concat(this.#header).toString("utf8"))
        this.#header = []
        continue
      }
      const { left, chunks } = this.#current
      const part = chunk.subarray(at, at + left)
      at += part.length
      this.#current.left -= part.length
      if (this.#questions[this.#asked]?.keep === true) chunks.push(part)
      if (this.#current.left === 0) this.#finish()
    }
  }

  /** `<id> <type> <size>`, and the content follows; or the name as it was asked for, and what is the matter. */
  #begin(header: string): void {
    const match = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d+)$/.exec(header)
    if (match === null) {
      this.#answer(undefined)
      return
    }
    const [, id = "", type = "", size = "0"] = match
    // A line break ends the content.
    this.#current = { id, type, left: Number(size) + 1, chunks: [] }
  }

  #finish(): void {
    const { id, type, chunks } = this.#current ?? { id: "", type: "", chunks: [] }
    this.#current = undefined
    const all = Buffer.concat(chunks)
    this.#answer({ id, type, bytes: all.subarray(0, Math.max(0, all.length - 1)) })
  }

  #answer(object: GitObject | undefined): void {
    const question = this.#questions[this.#asked]
    this.#asked++
    question?.resolve(object)
  }

  #ended(): GitTrouble {
    if (this.#stderr === "") return stopped()
    return new GitTrouble(`git: ${messageOf(this.#stderr)}.`, "see what `git fsck` says of the repository")
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const { reject } of this.#questions.slice(this.#asked)) reject(this.#failure)
    this.#asked = this.#questions.length
  }
}
