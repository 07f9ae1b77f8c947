// `review` as it is called in CI: the built binary on real repositories, hostile ones among them.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, test } from "vitest"
import { revisionProblem } from "../../src/git/repository.ts"
import type { Review } from "../../src/model/review.ts"
import { emptyFolder, type Repo, repository, repositoryIn } from "../git/repository.ts"
import { DANGEROUS } from "../report/dangerous.ts"
import { image, STACK, urlOf } from "../review/sides.ts"
import { cvmimg, type Ended } from "./binary.ts"

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../schemas/review.schema.json"), "utf8"),
) as object
const valid = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema)

const review = (cwd: string, ...args: string[]): Promise<Ended> => cvmimg(["review", ...args], { cwd })

/** The review as JSON, which holds to its schema. */
async function told(cwd: string, ...args: string[]): Promise<Review & { readonly code: number | null }> {
  const { code, stdout, stderr } = await review(cwd, "-o", "json", ...args)
  expect(stderr).toBe("")
  const value = JSON.parse(stdout)
  expect(valid(value), JSON.stringify(valid.errors)).toBe(true)
  return { ...value, code }
}

const start = (files: Readonly<Record<string, string>> = {}): Repo =>
  repository({ "cvmimg.yaml": STACK, "images/web.yaml": image("web"), ...files })

/** A branch `pr` with these files. */
function change(repo: Repo, files: Readonly<Record<string, string>>): string {
  repo.git(["checkout", "-q", "-B", "pr"])
  repo.write(files)
  return repo.commit()
}

const codes = ({ diagnostics }: Review): string[] =>
  diagnostics.map(({ file, severity, code }) => `${file} ${severity} ${code}`)

describe("commits", () => {
  test("HEAD against where it parts from the base; --exact against the base itself", async () => {
    const repo = start()
    const parted = repo.git(["rev-parse", "HEAD"])
    change(repo, { "images/web.yaml": image("web", "  description: new\n") })
    repo.git(["checkout", "-q", "main"])
    repo.write({ "images/db.yaml": image("db") })
    const base = repo.commit()
    repo.git(["checkout", "-q", "pr"])

    const found = await told(repo.path, "--base", "main")
    expect([found.code, found.base, found.images.map((i) => i.image)]).toEqual([
      0,
      { revision: "main", commit: base, compared: parted },
      ["web"],
    ])
    const exact = await told(repo.path, "--base", "main", "--head", "pr", "--exact")
    expect([exact.base.compared, exact.images.map(({ image, fate }) => `${image} ${fate}`)]).toEqual([
      base,
      ["db removed", "web changed"],
    ])
  })

  test("the work tree is not looked at, unless --worktree says so", async () => {
    const repo = start()
    repo.write({
      "images/web.yaml": image("web", "  description: not committed\n"),
      "images/new.yaml": image("new"),
    })
    expect((await told(repo.path, "--base", "main")).images).toEqual([])
    const found = await told(repo.path, "--base", "main", "--worktree")
    expect([found.head, found.images.map(({ image, fate }) => `${image} ${fate}`)]).toEqual([
      {},
      ["new added", "web changed"],
    ])
    expect(repo.git(["status", "--porcelain"]).split("\n")).toHaveLength(2)
  })

  test("two stacks in one repository, a directory below the root, and one that is gone from the work tree", async () => {
    const repo = repository({
      "a/cvmimg.yaml": STACK,
      "a/web.yaml": image("web"),
      "a/inner/cvmimg.yaml": STACK.replace("golden", "inner"),
      "a/inner/web.yaml": image("inner-web"),
      "b/cvmimg.yaml": STACK.replace("golden", "silver"),
      "b/deep/web.yaml": image("web"),
    })
    const files = {
      "a/web.yaml": image("web", "  description: a\n"),
      "b/deep/web.yaml": image("web", "  description: b\n"),
    }
    change(repo, { ...files, "a/inner/web.yaml": image("inner-web", "  description: c\n") })
    for (const [cwd, dir, stack, name, file] of [
      ["", "a", "golden", "web", "a/web.yaml"],
      ["", "b/deep", "silver", "web", "b/deep/web.yaml"],
      ["a/inner", ".", "inner", "inner-web", "a/inner/web.yaml"],
      ["b", join(repo.path, "a"), "golden", "web", "a/web.yaml"],
    ] as const) {
      const found = await told(join(repo.path, cwd), "--base", "main", dir)
      expect([found.stack, found.images.map((i) => [i.image, i.manifest.file])]).toEqual([
        stack,
        [[name, file]],
      ])
    }
    repo.git(["rm", "-q", "-r", "b"])
    repo.commit()
    const gone = await told(repo.path, "--base", "main", "b/deep")
    expect([gone.code, gone.stackFate, gone.risk, gone.images[0]?.fate]).toEqual([
      0,
      "removed",
      "high",
      "removed",
    ])
    const none = await review(repo.path, "--base", "main", "nowhere")
    expect([none.code, none.stderr]).toEqual([
      1,
      "cvmimg: Neither side has a cvmimg.yaml in nowhere or above it.\n  name the directory of a stack, or the commit that has it\n",
    ])
  })

  test("a shallow clone says what to do", async () => {
    const repo = start()
    change(repo, { "images/web.yaml": image("web", "  description: new\n") })
    const shallow = repositoryIn(emptyFolder())
    shallow.git(["clone", "-q", "--depth", "1", "--branch", "pr", `file://${repo.path}`, "."])
    const unknown = await review(shallow.path, "--base", "origin/main")
    expect([unknown.code, unknown.stdout]).toEqual([1, ""])
    expect(unknown.stderr).toMatch(/no commit 'origin\/main'[\s\S]*shallow[\s\S]*fetch-depth: 0/)
    shallow.git(["fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main"])
    const parted = await review(shallow.path, "--base", "origin/main")
    expect([parted.code, parted.stderr]).toEqual([1, expect.stringMatching(/shallow[\s\S]*fetch-depth: 0/)])
    expect((await told(shallow.path, "--base", "origin/main", "--exact")).images).toHaveLength(1)
  })

  test("histories that have nothing in common, and folders that are no repository", async () => {
    const repo = start()
    repo.git(["checkout", "-q", "--orphan", "other"])
    repo.write({ "images/web.yaml": image("web", "  description: other\n") })
    repo.commit()
    const { code, stderr } = await review(repo.path, "--base", "main")
    expect([code, stderr]).toEqual([1, expect.stringMatching(/no ancestor in common[\s\S]*--exact/)])
    const folder = emptyFolder()
    expect(await review(folder, "--base", "main")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is not in a git repository/),
    })
    const bare = repositoryIn(emptyFolder())
    bare.git(["init", "-q", "--bare", "."])
    expect(await review(bare.path, "--base", "main")).toMatchObject({ code: 1, stdout: "" })
    expect(
      await cvmimg(["review", "--base", "main"], { cwd: repo.path, env: { PATH: folder } }),
    ).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/git was not found/),
    })
  })
})

describe("exit codes", () => {
  test("0 valid, 1 not valid, 3 from a risk on", async () => {
    const repo = start()
    change(repo, { "images/web.yaml": image("web", "  lifecycle: { adopt: true }\n") })
    expect((await review(repo.path, "--base", "main")).code).toBe(0)
    expect((await review(repo.path, "--base", "main", "--fail-on", "high")).code).toBe(3)
    change(repo, { "images/web.yaml": image("web", "  description: new\n") })
    expect((await review(repo.path, "--base", "main", "--fail-on", "medium")).code).toBe(0)
    expect((await review(repo.path, "--base", "main", "--fail-on", "low")).code).toBe(3)
    change(repo, { "images/web.yaml": image("web", "  bootMode: efi\n") })
    const { code, stdout } = await review(repo.path, "--base", "main")
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /Wrong at the head, and not at the base\n\nerror\[not_allowed\][\s\S]*images\/web.yaml:7:13/,
    )
    expect(stdout).toContain("7 |   bootMode: efi")
    // Where several fit, the policy goes first.
    change(repo, { "cvmimg.yaml": `${STACK}  prune: { orphans: delete }\n` })
    expect((await review(repo.path, "--base", "main", "--fail-on", "high")).code).toBe(3)
  })

  test("64 for what makes no sense, without a word of git's", async () => {
    const repo = start()
    for (const args of [
      [],
      ["--base", ""],
      ["--base=--upload-pack=touch pwned"],
      ["--base", "main..pr"],
      ["--base", "main\nx"],
      ["--base", "main", "--head=-x"],
      ["--base", "main", "--head", "main", "--worktree"],
      ["--base", "main", "--fail-on", "severe"],
      ["--base", "main", "-o", "junit"],
    ]) {
      const { code, stdout, stderr } = await review(repo.path, ...args)
      expect([args, code, stdout]).toEqual([args, 64, ""])
      expect(stderr).not.toMatch(/fatal/)
    }
    expect(existsSync(join(repo.path, "pwned"))).toBe(false)
    expect([revisionProblem("HEAD~1"), revisionProblem("v1^{}"), revisionProblem("@{2 days ago}")]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe("what a fork can send", () => {
  test("links are not followed, submodules and pointers of LFS not taken for manifests", async () => {
    const repo = start()
    const before = repo.git(["rev-parse", "HEAD"])
    repo.git(["checkout", "-q", "-b", "pr"])
    mkdirSync(join(repo.path, "images/sub"))
    symlinkSync("/etc/passwd", join(repo.path, "images/passwd.yaml"))
    symlinkSync("../../../../../etc", join(repo.path, "images/etc"))
    symlinkSync("web.yaml", join(repo.path, "images/inside.yaml"))
    repo.write({ "images/lfs.yaml": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n" })
    repo.git(["add", "-A"])
    repo.git(["update-index", "--add", "--cacheinfo", `160000,${before},images/module`])
    repo.git(["commit", "-q", "-m", "links"])
    const found = await told(repo.path, "--base", "main")
    expect(codes(found)).toEqual([
      "images/etc warning not_in_commit",
      "images/inside.yaml error not_in_commit",
      "images/lfs.yaml error not_in_commit",
      "images/module warning not_in_commit",
      "images/passwd.yaml error not_in_commit",
    ])
    expect([found.code, found.images, JSON.stringify(found)]).toEqual([
      1,
      [],
      expect.not.stringContaining("root:"),
    ])
  })

  test("a Stack that is a link makes nothing readable", async () => {
    const repo = start()
    repo.git(["checkout", "-q", "-b", "pr"])
    repo.git(["rm", "-q", "cvmimg.yaml"])
    symlinkSync("/etc/passwd", join(repo.path, "cvmimg.yaml"))
    repo.commit()
    const found = await told(repo.path, "--base", "main")
    expect([found.code, found.notCompared, codes(found)]).toEqual([
      1,
      ["web"],
      ["cvmimg.yaml error not_in_commit"],
    ])
  })

  test("names that lead elsewhere, stand twice, break lines, reorder text or are no UTF-8", async () => {
    const repo = start()
    const [stack, web, evil] = [STACK, image("web"), image("evil")].map((text) => repo.blob(text))
    if (stack === undefined || web === undefined || evil === undefined) throw new Error("no blobs")
    const up = repo.tree([["100644", "x.yaml", evil]])
    const tree = repo.tree([
      ["40000", "..", up],
      ["100644", "a\nb\u001b[2J.yaml", repo.blob(image("lines"))],
      ["100644", "b\u202elmay.yaml", repo.blob(image("bidi"))],
      ["100644", "cvmimg.yaml", stack],
      ["100644", Buffer.from("latin-\xe9.yaml", "latin1"), evil],
      ["100644", "twice.yaml", web],
      ["100644", "twice.yaml", evil],
      ["100644", ":(glob)::error::x.yaml", repo.blob(image("magic"))],
    ])
    const head = repo.commitTree(tree, repo.git(["rev-parse", "main"]))
    const found = await told(repo.path, "--base", "main", "--head", head)
    expect(codes(found)).toEqual([
      "../x.yaml error outside_stack",
      "latin-\ufffd.yaml error unreadable",
      "twice.yaml error unreadable",
    ])
    expect(found.images.map(({ image, fate }) => `${image} ${fate}`)).toEqual([
      "bidi added",
      "lines added",
      "magic added",
    ])
    expect(existsSync(join(repo.path, "../x.yaml"))).toBe(false)
    for (const format of ["text", "json", "markdown", "html", "sarif", "github"]) {
      const { stdout } = await review(repo.path, "--base", "main", "--head", head, "-o", format)
      for (const line of stdout.split("\n")) expect(line).not.toMatch(DANGEROUS)
      expect(stdout.split("\n").filter((line) => /^\s*::/.test(line) && format !== "github")).toEqual([])
    }
  })

  test("alias bombs and huge files are told, and cost nothing", async () => {
    const repo = start()
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghij"
      .split("")
      .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${"abcdefghi"[i]}`).join(",")}]`)
      .join("\n")}\n`
    change(repo, {
      "images/bomb.yaml": `apiVersion: cvmimg/v1\nkind: Image\n${bomb}`,
      "images/huge.yaml": "#".repeat(17 * 1024 * 1024),
    })
    const found = await told(repo.path, "--base", "main")
    expect(codes(found)).toContain("images/huge.yaml error file_too_large")
    expect(codes(found)).toContain("images/bomb.yaml error yaml_too_complex")
  })

  test("more files, more bytes and more entries than are looked at: said, and in bounded time and memory", async () => {
    const repo = start()
    const main = repo.git(["rev-parse", "main"])
    const stack = repo.blob(STACK)
    /** A commit with a folder beside the stack's file, which the work tree need not hold. */
    const beside = (tree: string): string =>
      repo.commitTree(
        repo.tree([
          ["100644", "cvmimg.yaml", stack],
          ["40000", "z", tree],
        ]),
        main,
      )
    const named = (count: number, blob: string): string =>
      repo.tree(Array.from({ length: count }, (_, i) => ["100644", `f${100_000 + i}.yaml`, blob] as const))

    const files = await told(
      repo.path,
      "--base",
      "main",
      "--head",
      beside(named(50_001, repo.blob("a: 1\n"))),
    )
    expect(files.code).toBe(1)
    expect(codes(files).filter((text) => text.includes("error"))).toContainEqual(
      expect.stringMatching(/^z\/f\d+\.yaml error too_many$/),
    )

    const large = repo.blob("#".repeat(15 * 1024 * 1024))
    const bytes = await told(repo.path, "--base", "main", "--head", beside(named(40, large)))
    expect(bytes.code).toBe(1)
    expect(codes(bytes).filter((text) => text.includes("error"))).toEqual(["z/f100017.yaml error too_many"])

    // Ten to the seventh entries out of eight objects.
    let bomb = named(10, repo.blob("a: 1\n"))
    for (let depth = 0; depth < 6; depth++) {
      const inner = bomb
      bomb = repo.tree(Array.from({ length: 10 }, (_, i) => ["40000", `d${i}`, inner] as const))
    }
    repo.git(["branch", "bomb", beside(bomb)])
    // In a pack, as what was fetched: git finds sizes there much sooner.
    repo.git(["repack", "-adq"])
    const end = await review(repo.path, "--base", "main", "--head", "bomb")
    expect(end).toMatchObject({ code: 1, stdout: "" })
    expect(end.stderr).toContain("answered with more than")
    expect(end.stderr).toContain("name a directory that holds less")
  })

  test("nothing that attributes or the repository's configuration name is started", async () => {
    const repo = start()
    const marker = join(repo.path, "started")
    const program = join(repo.path, "program.sh")
    writeFileSync(program, `#!/bin/sh\ntouch '${marker}'\ncat\n`)
    chmodSync(program, 0o755)
    change(repo, {
      ".gitattributes": "*.yaml filter=evil diff=evil merge=evil ident\n",
      "images/web.yaml": image("web", "  description: new\n"),
    })
    for (const [name, value] of [
      ["core.fsmonitor", program],
      ["core.hooksPath", repo.path],
      ["core.pager", program],
      ["core.sshCommand", program],
      ["core.askPass", program],
      ["filter.evil.smudge", program],
      ["filter.evil.clean", program],
      ["filter.evil.process", program],
      ["filter.evil.required", "true"],
      ["diff.evil.textconv", program],
      ["diff.evil.command", program],
      ["diff.external", program],
      ["alias.ls-tree", `!${program}`],
      ["pager.ls-tree", program],
      ["remote.origin.url", `ext::${program}`],
      ["remote.origin.promisor", "true"],
      ["extensions.partialClone", "origin"],
      ["protocol.ext.allow", "always"],
      ["core.repositoryFormatVersion", "1"],
    ] as const) {
      repo.git(["config", name, value])
    }
    for (const hook of ["post-checkout", "pre-commit", "reference-transaction", "post-index-change"]) {
      writeFileSync(join(repo.path, ".git/hooks", hook), `#!/bin/sh\ntouch '${marker}'\n`)
      chmodSync(join(repo.path, ".git/hooks", hook), 0o755)
    }
    const found = await told(repo.path, "--base", "main")
    expect(found.images.map(({ image }) => image)).toEqual(["web"])
    // A blob that is missing is not fetched.
    const id = repo.git(["rev-parse", "pr:images/web.yaml"])
    chmodSync(join(repo.path, ".git/objects", id.slice(0, 2), id.slice(2)), 0o600)
    unlinkSync(join(repo.path, ".git/objects", id.slice(0, 2), id.slice(2)))
    const lost = await review(repo.path, "--base", "main")
    expect([lost.code, lost.stdout + lost.stderr]).toEqual([
      1,
      expect.stringMatching(/does not hold|git ls-tree/),
    ])
    expect(existsSync(marker)).toBe(false)
  })

  test("a folder that looks like a repository does not stand in for the real one", async () => {
    const repo = start()
    const decoy = repositoryIn(emptyFolder())
    decoy.git(["init", "-q", "-b", "main"])
    decoy.write({ "cvmimg.yaml": STACK, "nothing.yaml": image("nothing") })
    decoy.commit()
    const files = ["HEAD", "config", "refs/heads/main"].map((name) => [
      `stack/${name}`,
      readFileSync(join(decoy.path, ".git", name), "utf8"),
    ])
    change(repo, { ...Object.fromEntries(files), "stack/objects/pack/keep": "" })
    const { code, stderr, stdout } = await review(join(repo.path, "stack"), "--base", "main")
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toMatch(/is not in a git repository that can be read/)
  })
})

describe("costs", () => {
  test("seven processes of git whatever there is, and each blob read once", async () => {
    const counts: number[] = []
    for (const size of [1, 40]) {
      const files = Object.fromEntries(
        Array.from({ length: size }, (_, i) => [`images/i${i}.yaml`, image(`i${i}`)]),
      )
      const repo = start(files)
      change(repo, { "images/i0.yaml": image("i0", "  description: x\n"), "images/copy.yaml": image("web") })
      const bin = emptyFolder()
      const real = (process.env.PATH ?? "").split(":").find((dir) => existsSync(join(dir, "git")))
      writeFileSync(
        join(bin, "git"),
        `#!/bin/sh\necho "$*" >> '${bin}/calls'\ncase "$*" in *cat-file*) tee -a '${bin}/asked' | '${real}/git' "$@";; *) exec '${real}/git' "$@";; esac\n`,
      )
      chmodSync(join(bin, "git"), 0o755)
      const { code } = await cvmimg(["review", "--base", "main"], {
        cwd: repo.path,
        env: { PATH: `${bin}:${process.env.PATH}` },
      })
      expect(code).toBe(1) // The copy asks for one image twice.
      counts.push(readFileSync(join(bin, "calls"), "utf8").trim().split("\n").length)
      const asked = readFileSync(join(bin, "asked"), "utf8").trim().split("\n").slice(2)
      expect(new Set(asked).size).toBe(asked.length)
      // The Stack, every image, and the one that changed a second time; a copy costs nothing.
      expect(asked).toHaveLength(size + 3)
    }
    expect(counts).toEqual([7, 7])
  })
})

test("a new bucket and a renamed image read as they are meant", async () => {
  const repo = start()
  const url = urlOf("web").replace("golden", "other")
  repo.git(["rm", "-q", "images/web.yaml"])
  change(repo, { "images/site.yaml": image("site", "", { url, metadata: ", formerNames: [web]" }) })
  const { stdout } = await review(repo.path, "--base", "main")
  expect(stdout).toContain("renamed from web")
  expect(stdout).toContain("the image file comes from another bucket or host")
  expect(stdout).toContain("moved from images/web.yaml")
})
