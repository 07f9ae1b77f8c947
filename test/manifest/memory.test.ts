// What is remembered of unchanged files changes nothing but the time that a command takes.
import { createHash } from "node:crypto"
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { beforeEach, describe, expect, onTestFinished, test } from "vitest"
import { loadStack } from "../../src/manifest/index.ts"
import { image, STACK } from "./texts.ts"

let root: string
let stack: string
let folder: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cvmimg-memory-"))
  stack = join(root, "stack")
  folder = join(root, "cache/cvmimg")
  mkdirSync(stack)
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
})

const write = (files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(stack, name), text)
}
const remembering = (build = "b1") => loadStack(stack, { cwd: root, memory: { folder, build } })
const plainly = () => loadStack(stack, { cwd: root })
const memoryFile = (): string => join(folder, String(readdirSync(folder)[0]))

test("a stack reads the same without memory, with a new one, and from it", async () => {
  const soup = fc.constantFrom(
    "",
    "---\n",
    "\ufeff",
    "# 黄金\n",
    "spec:\n",
    "a: &x [1]\nb: *x\n",
    "{",
    "on: push\n",
    "x: .inf\n",
    "y: -0.0\n",
    image(),
    image("  tags: { a: b }\n", "{ name: two }"),
    image("  tags: &t { a: b }\n  labels: *t\n"),
    image("  bootMode: UEFI # ü\n"),
    image('  tags: { __proto__: "x", constructor: y }\n'),
    image("  nope: 1\n"),
    "apiVersion: cvmimg/v1\nkind: Family\nmetadata: { name: f }\nspec: { retain: { last: 3 } }\n",
  )
  const texts = fc.array(
    fc.array(soup, { maxLength: 4 }).map((parts) => parts.join("---\n")),
    { maxLength: 3 },
  )
  await fc.assert(
    fc.asyncProperty(texts, fc.boolean(), async (files, withBom) => {
      rmSync(stack, { recursive: true })
      mkdirSync(stack)
      write({ "cvmimg.yaml": withBom ? `\ufeff${STACK}` : STACK })
      write(Object.fromEntries(files.map((text, i) => [`${i}.yaml`, text])))
      const expected = await plainly()
      expect(await remembering()).toEqual(expected)
      expect(await remembering()).toEqual(expected)
    }),
    { numRuns: 150 },
  )
})

describe("what is remembered", () => {
  beforeEach(() => write({ "cvmimg.yaml": STACK, "a.yaml": image() }))

  test("is written for the user alone, and what is gone from the stack goes from it", async () => {
    write({ "b.yaml": image("", "{ name: other }") })
    await remembering()
    expect(statSync(memoryFile()).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(readFileSync(memoryFile(), "utf8")).toContain("other")
    rmSync(join(stack, "b.yaml"))
    await remembering()
    expect(readFileSync(memoryFile(), "utf8")).not.toContain("other")
    expect(readdirSync(folder)).toHaveLength(1)
  })

  test("holds nothing of a stack that is refused: a signed URL is a secret", async () => {
    await remembering()
    const before = readFileSync(memoryFile(), "utf8")
    write({ "b.yaml": image("", "{ name: other }").replace(".qcow2", ".qcow2?q-signature=0123456789abcdef") })
    expect((await remembering()).diagnostics.map(({ code }) => code)).toContain("signed_url_in_manifest")
    expect(readFileSync(memoryFile(), "utf8")).toBe(before)
  })

  test("is not written again while nothing changed", async () => {
    await remembering()
    const { ino } = statSync(memoryFile())
    await remembering()
    expect(statSync(memoryFile()).ino).toBe(ino)
  })

  /** Lets the memory say another thing about a.yaml than its text does. */
  const forge = (checksum: (body: string) => string): void => {
    const [line = "", body = ""] = readFileSync(memoryFile(), "utf8").split("\n", 2)
    const forged = body
      .replaceAll('\\"Ubuntu\\",0', '\\"Debian\\",0')
      .replaceAll('\\"Ubuntu\\",1', '\\"Debian\\",1')
    expect(forged).not.toBe(body)
    writeFileSync(memoryFile(), `${line.split(" ")[0]} ${checksum(forged)}\n${forged}`)
  }
  const systems = async () => (await remembering()).desired?.placements.map((p) => p.os.type)

  test("is used where all of it is right, and only there", async () => {
    await remembering()
    forge((body) => createHash("sha256").update(body).digest("hex"))
    expect(await systems()).toEqual(["Debian"])
    rmSync(memoryFile())
    await remembering()
    forge(() => "0".repeat(64))
    expect(await systems()).toEqual(["Ubuntu"])
  })

  test.each([
    ["another build", async () => ({ build: "b2" })],
    [
      "a damaged file",
      async () => {
        writeFileSync(memoryFile(), readFileSync(memoryFile()).subarray(0, 400))
        return {}
      },
    ],
    [
      "an empty file",
      async () => {
        writeFileSync(memoryFile(), "")
        return {}
      },
    ],
    [
      "a file that others may write",
      async () => {
        chmodSync(memoryFile(), 0o666)
        return {}
      },
    ],
    [
      "a link",
      async () => {
        renameSync(memoryFile(), join(root, "elsewhere"))
        symlinkSync(join(root, "elsewhere"), join(folder, "link"))
        return {}
      },
    ],
  ] as const)("is passed over: %s", async (_, spoil) => {
    await remembering()
    const { build } = { build: "b1", ...(await spoil()) }
    expect(await remembering(build)).toEqual(await plainly())
  })

  test("a folder that cannot be made is no reason for a word", async () => {
    writeFileSync(join(root, "cache"), "a file")
    expect(await remembering()).toEqual(await plainly())
  })

  test("nothing is looked for in the stack's own .cvmimg", async () => {
    await remembering()
    mkdirSync(join(stack, ".cvmimg"))
    renameSync(folder, join(stack, ".cvmimg/cache"))
    expect(await remembering()).toEqual(await plainly())
  })
})
