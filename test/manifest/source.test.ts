// Which files a path stands for, and what of the file system is refused.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type LoadedStack, loadStack } from "../../src/manifest/index.ts"
import { image, STACK, told } from "./texts.ts"

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "stack-"))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
}

const named = (name: string) => image("", `{ name: ${name} }`)
const images = ({ desired }: LoadedStack) => desired?.placements.map((p) => p.image)

describe("a directory", () => {
  test("stands for the stack that it lies in; dot folders, node_modules and other stacks are left out", async () => {
    write({
      "cvmimg.yaml": STACK,
      "a.yaml": named("a"),
      "deep/er/b.yml": named("b"),
      "C.YAML": named("c"),
      ".github/x.yaml": named("no-1"),
      "node_modules/x.yaml": named("no-2"),
      ".hidden.yaml": named("no-3"),
      "other/cvmimg.yaml": STACK,
      "other/x.yaml": named("no-4"),
      "notes.txt": "no",
    })
    for (const [cwd, path] of [
      [dir, "."],
      [dir, "deep"],
      [join(dir, "deep/er"), "../.."],
      [dir, dir],
    ] as const) {
      const loaded = await loadStack(path, { cwd })
      expect(loaded.diagnostics).toEqual([])
      expect(images(loaded)).toEqual(["a", "b", "c"])
      expect(loaded.directory).toBe(dir)
    }
    expect(images(await loadStack("other", { cwd: dir }))).toEqual(["no-4"])
  })

  test("positions are relative to the working directory, with forward slashes", async () => {
    write({ "cvmimg.yaml": STACK, "deep/a.yaml": image("  x: 1\n") })
    const files = async (cwd: string, path: string) =>
      (await loadStack(path, { cwd })).diagnostics.map((d) => d.file)
    expect(await files(dir, ".")).toEqual(["deep/a.yaml"])
    expect(await files(join(dir, "deep"), ".")).toEqual(["a.yaml"])
    mkdirSync(join(dir, "beside"))
    expect(await files(join(dir, "beside"), "..")).toEqual(["../deep/a.yaml"])
  })

  test("without a stack: says where one is, if it is near", async () => {
    mkdirSync(join(dir, "empty"))
    expect((await loadStack(".", { cwd: dir })).diagnostics).toMatchObject([{ code: "no_stack", file: "." }])
    write({ "manifests/cvmimg.yaml": STACK })
    expect((await loadStack(".", { cwd: dir })).diagnostics[0]?.advice).toContain("there is one in manifests")
  })

  test("without manifests: a warning, and the stack is loaded all the same", async () => {
    write({ "cvmimg.yaml": STACK })
    const { diagnostics, desired } = await loadStack(".", { cwd: dir })
    expect(told(diagnostics)).toEqual(["cvmimg.yaml:3:19 warning no_manifests"])
    expect(desired?.placements).toEqual([])
  })

  test("that is not there, or cannot be read", async () => {
    write({ "cvmimg.yaml": STACK, "a.yaml": named("a") })
    expect(told((await loadStack("nowhere", { cwd: dir })).diagnostics)).toEqual([
      "nowhere:1:1 error unreadable",
    ])
    if (process.getuid?.() === 0) return
    mkdirSync(join(dir, "closed"))
    chmodSync(join(dir, "closed"), 0)
    chmodSync(join(dir, "a.yaml"), 0)
    expect(told((await loadStack(".", { cwd: dir })).diagnostics)).toEqual([
      "a.yaml:1:1 error unreadable",
      "closed:1:1 error unreadable",
    ])
    chmodSync(join(dir, "closed"), 0o755)
  })
})

describe("links", () => {
  test("loops end, and a file is read once however many links lead there", async () => {
    write({ "cvmimg.yaml": STACK, "a/a.yaml": named("a") })
    symlinkSync("..", join(dir, "a/up"))
    symlinkSync("a", join(dir, "b"))
    symlinkSync("a.yaml", join(dir, "a/again.yaml"))
    symlinkSync("me.yaml", join(dir, "me.yaml"))
    const { diagnostics } = await loadStack(".", { cwd: dir })
    expect(told(diagnostics)).toEqual(["me.yaml:1:1 error unreadable"])
    rmSync(join(dir, "me.yaml"))
    const loaded = await loadStack(".", { cwd: dir })
    expect(loaded.diagnostics).toEqual([])
    expect(images(loaded)).toEqual(["a"])
    expect([...loaded.sources.keys()]).toEqual(["cvmimg.yaml", "a/a.yaml"])
  })

  test("out of the stack are not followed", async () => {
    write({
      "stack/cvmimg.yaml": STACK,
      "stack/a.yaml": named("a"),
      "out/b.yaml": named("b"),
      "stack2/c.yaml": named("c"),
    })
    symlinkSync("../out/b.yaml", join(dir, "stack/b.yaml"))
    symlinkSync("../out", join(dir, "stack/out"))
    symlinkSync("../stack2", join(dir, "stack/near"))
    const loaded = await loadStack("stack", { cwd: dir })
    expect(told(loaded.diagnostics)).toEqual([
      "stack/b.yaml:1:1 error outside_stack",
      "stack/near:1:1 warning outside_stack",
      "stack/out:1:1 warning outside_stack",
    ])
    expect([...loaded.sources.keys()]).toEqual(["stack/cvmimg.yaml", "stack/a.yaml"])
  })

  test("inside are, also into dot folders: mounted volumes are made so", async () => {
    write({ "..data/cvmimg.yaml": STACK, "..data/a.yaml": named("a") })
    symlinkSync("..data/cvmimg.yaml", join(dir, "cvmimg.yaml"))
    symlinkSync("..data/a.yaml", join(dir, "a.yaml"))
    const loaded = await loadStack(".", { cwd: dir })
    expect(loaded.diagnostics).toEqual([])
    expect(images(loaded)).toEqual(["a"])
  })
})

describe("files and standard input", () => {
  test("a file stands for itself, with the stack's own file", async () => {
    write({ "cvmimg.yaml": STACK, "deep/a.yaml": named("a"), "b.yaml": image("  x: 1\n") })
    const loaded = await loadStack(["deep/a.yaml"], { cwd: dir })
    expect(images(loaded)).toEqual(["a"])
    expect(images(await loadStack(["cvmimg.yaml"], { cwd: dir }))).toEqual([])
  })

  test("a file that is named must hold manifests", async () => {
    write({ "cvmimg.yaml": STACK, "x.yaml": "on: push\n", "fine.txt": named("a") })
    expect(told((await loadStack(["x.yaml"], { cwd: dir })).diagnostics)).toEqual([
      "x.yaml:1:1 error unknown_kind",
    ])
    expect(images(await loadStack(["fine.txt"], { cwd: dir }))).toEqual(["a"])
  })

  test("a device or pipe is not read", async () => {
    write({ "cvmimg.yaml": STACK })
    const { diagnostics } = await loadStack(["/dev/null"], { cwd: dir })
    expect(diagnostics).toMatchObject([{ code: "unreadable", advice: "pipe the text and name `-`" }])
  })

  test("paths of two stacks at once are refused", async () => {
    write({ "a/cvmimg.yaml": STACK, "b/cvmimg.yaml": STACK })
    const { diagnostics } = await loadStack(["a", "b"], { cwd: dir })
    expect(diagnostics.map((d) => d.code)).toContain("duplicate_stack")
  })

  test("standard input: with its own Stack, or with the one above the working directory", async () => {
    async function* chunks(text: string): AsyncGenerator<Uint8Array> {
      for (const byte of Buffer.from(text)) yield Uint8Array.of(byte)
    }
    const both = `${STACK}---\n${named("黄金")}`
    expect(images(await loadStack("-", { cwd: dir, stdin: chunks(both) }))).toEqual(["黄金"])
    expect(told((await loadStack("-", { cwd: dir, stdin: named("a") })).diagnostics)).toEqual([
      "<stdin>:1:1 error no_stack",
    ])
    write({ "cvmimg.yaml": STACK, "b.yaml": named("b") })
    expect(images(await loadStack("-", { cwd: dir, stdin: Buffer.from(named("a")) }))).toEqual(["a"])
    expect(images(await loadStack("-", { cwd: dir, stdin: both }))).toEqual(["黄金"])
    expect(images(await loadStack(["-", "."], { cwd: dir, stdin: named("a") }))).toEqual(["a", "b"])
    expect(told((await loadStack("-", { cwd: dir, stdin: "" })).diagnostics)).toEqual([
      "<stdin>:1:1 warning empty_document",
      "cvmimg.yaml:3:19 warning no_manifests",
    ])
  })

  test("standard input that was not given", async () => {
    expect(told((await loadStack("-", { cwd: dir })).diagnostics)).toEqual(["<stdin>:1:1 error unreadable"])
  })

  test("invalid UTF-8: the line is named", async () => {
    const text = Buffer.concat([
      Buffer.from("# 黄金\n# b\n"),
      Buffer.from([0x23, 0xe9, 0x80]),
      Buffer.from("\nx\n"),
    ])
    write({
      "cvmimg.yaml": STACK,
      "a.yaml": text,
      "b.yaml": Buffer.from([0xff]),
      "c.yaml": Buffer.from("# ok \u{1f680}\n"),
    })
    expect(told((await loadStack(".", { cwd: dir })).diagnostics)).toEqual([
      "a.yaml:3:1 error not_utf8",
      "b.yaml:1:1 error not_utf8",
      "c.yaml:1:1 warning empty_document",
    ])
  })
})

test("the sample stack says nothing but what it is for", async () => {
  const root = join(import.meta.dirname, "../..")
  const { diagnostics, desired } = await loadStack("manifests", { cwd: root })
  expect(diagnostics).toEqual([])
  expect(desired?.placements.length).toBeGreaterThan(5)
})
