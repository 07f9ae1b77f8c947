// Real repositories in folders of their own.
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { onTestFinished } from "vitest"

export interface Repo {
  readonly path: string
  /** Runs git in it, and gives what it says without its last line end. */
  git(args: readonly string[], input?: string | Uint8Array): string
  write(files: Readonly<Record<string, string | Uint8Array>>): void
  /** Commits everything in the work tree; the id. */
  commit(): string
  /** A blob with this content; its id. */
  blob(content: string | Uint8Array): string
  /** A tree object of entries that git itself might refuse: mode, name, id. */
  tree(entries: readonly (readonly [mode: string, name: string | Uint8Array, id: string])[]): string
  /** A commit of a tree, without a look at the work tree. */
  commitTree(tree: string, parent?: string): string
}

const WHO = {
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@example.com",
  GIT_AUTHOR_DATE: "2026-11-01T00:00:00Z",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@example.com",
  GIT_COMMITTER_DATE: "2026-11-01T00:00:00Z",
}

/** An empty folder that is gone after the test. */
export function emptyFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "cvmimg-git-"))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export function repository(files: Readonly<Record<string, string>> = {}): Repo {
  const path = emptyFolder()
  const repo = repositoryIn(path)
  repo.git(["init", "-q", "-b", "main"])
  repo.write(files)
  if (Object.keys(files).length > 0) repo.commit()
  return repo
}

/** A repository that is there already. */
export function repositoryIn(path: string): Repo {
  const git: Repo["git"] = (args, input = "") =>
    execFileSync("git", [...args], {
      cwd: path,
      input,
      encoding: "utf8",
      env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: "1", HOME: path, ...WHO },
      stdio: ["pipe", "pipe", "ignore"],
    }).replace(/\n$/, "")
  const raw = (type: string, content: string | Uint8Array): string =>
    git(["hash-object", "-t", type, "--literally", "-w", "--stdin"], content)
  return {
    path,
    git,
    write: (files) => {
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(path, name)), { recursive: true })
        writeFileSync(join(path, name), content)
      }
    },
    commit: () => {
      git(["add", "-A"])
      git(["commit", "-q", "--allow-empty", "-m", "change"])
      return git(["rev-parse", "HEAD"])
    },
    blob: (content) => raw("blob", content),
    tree: (entries) =>
      raw(
        "tree",
        Buffer.concat(
          entries.flatMap(([mode, name, id]) => [
            Buffer.from(`${mode} `),
            Buffer.from(name),
            Buffer.from([0]),
            Buffer.from(id, "hex"),
          ]),
        ),
      ),
    commitTree: (tree, parent) =>
      git(["commit-tree", tree, "-m", "change", ...(parent === undefined ? [] : ["-p", parent])]),
  }
}
