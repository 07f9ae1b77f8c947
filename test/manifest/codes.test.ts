// Every diagnostic code has a case here: what is written, and where and how loudly it is said.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { loadStack } from "../../src/manifest/index.ts"
import { DIAGNOSTICS, type DiagnosticCode } from "../../src/model/diagnostic.ts"
import { bare, image, load, STACK, told } from "./texts.ts"

type Case = readonly [said: string, stack: string, ...files: string[]]

const nested = (n: number): string => `${"[".repeat(n)}1${"]".repeat(n)}`
const many = (n: number): string => Array.from({ length: n }, (_, i) => `k${i}: "v"`).join(", ")
const defaults = (text: string): string => `${STACK}    ${text}\n`

/** The code, with `file:line:column severity` of its place. */
const TEXT_CASES: Partial<Record<DiagnosticCode, readonly Case[]>> = {
  no_stack: [["cvmimg.yaml:1:1 error", "# nothing\n", image()]],
  no_manifests: [["cvmimg.yaml:3:19 warning", STACK]],
  too_many: [
    [
      "1.yaml:1006:3 error",
      STACK,
      `${image()}${Array.from({ length: 3000 }, (_, i) => `  x${i}: 1`).join("\n")}\n`,
    ],
  ],
  yaml_syntax: [
    ["1.yaml:4:1 error", STACK, "apiVersion: cvmimg/v1\nkind: Image\nmetadata:\n\tname: x\n"],
    ["1.yaml:7:9 error", STACK, image("  tags: *nothing\n")],
    ["1.yaml:7:15 error", STACK, image("  tags: { <<: 3 }\n")],
  ],
  yaml_too_complex: [
    ["1.yaml:7:72 error", STACK, image(`  tags: ${nested(70)}\n`)],
    ["1.yaml:7:17 error", STACK, image("  tags: &a { b: *a }\n")],
  ],
  yaml_tag: [["1.yaml:7:9 error", STACK, image("  tags: !secret { a: b }\n")]],
  duplicate_key: [["1.yaml:7:17 error", STACK, image("  tags: { a: x, a: y }\n")]],
  empty_document: [["1.yaml:1:1 warning", STACK, "# nothing\n", image()]],
  unknown_kind: [
    ["1.yaml:2:7 error", STACK, "apiVersion: cvmimg/v1\nkind: Imgae\n"],
    ["1.yaml:1:13 error", STACK, "apiVersion: cvmimg/v2\nkind: Image\n"],
    ["1.yaml:1:1 notice", STACK, "services: {}\n", image()],
  ],
  unknown_key: [
    ["1.yaml:7:3 error", STACK, image("  boot: UEFI\n")],
    ["1.yaml:1:1 error", STACK, "apiVerson: cvmimg/v1\nkind: Image\n"],
  ],
  missing_key: [
    [
      "1.yaml:4:1 error",
      STACK,
      bare("  source: { url: https://b-1250000000.cos.ap-singapore.myqcloud.com/a.raw }\n"),
    ],
    ["1.yaml:3:1 error", STACK, image("", "{}")],
    ["1.yaml:1:1 error", STACK, "kind: Image\n"],
  ],
  todo: [
    ["1.yaml:7:13 error", STACK, image("  bootMode: # TODO: Legacy BIOS or UEFI\n")],
    ["1.yaml:7:14 error", STACK, image("  dataDisks: #TODO\n")],
  ],
  wrong_type: [
    ["1.yaml:7:12 error", STACK, image("  regions: ap-singapore\n")],
    ["1.yaml:7:10 error", STACK, image("  force: no\n")],
    ["1.yaml:7:11 error", STACK, image("  tags: { [a]: b }\n")],
  ],
  quote_this: [
    [
      "1.yaml:5:32 error",
      STACK,
      bare(
        "  os: { type: Ubuntu, version: 22.04 }\n  source: { url: https://b-1250000000.cos.ap-singapore.myqcloud.com/a.raw }\n",
      ),
    ],
  ],
  not_allowed: [["1.yaml:7:13 error", STACK, image("  bootMode: efi\n")]],
  bad_value: [
    ["1.yaml:7:16 error", STACK, image("  sharedWith: [joe]\n")],
    ["1.yaml:7:16 error", STACK, image(`  description: ${"x".repeat(181)}\n`)],
    ["1.yaml:7:16 error", STACK, image('  description: "[cvmimg:1 "\n')],
    ["cvmimg.yaml:9:26 error", `${STACK}  safety: { maxReplaces: 101%, maxDeletes: 2 }\n`, image()],
  ],
  bad_name: [
    ["1.yaml:3:19 error", STACK, image("", "{ name: '@all' }")],
    ["1.yaml:7:11 error", STACK, image("  family: ' x'\n")],
  ],
  name_too_long: [
    ["1.yaml:3:19 error", STACK, image("", `{ name: ${"n".repeat(43)} }`)],
    ["1.yaml:3:19 error", STACK, image("  match: family\n  family: f\n", `{ name: ${"n".repeat(52)} }`)],
  ],
  name_like_suffix: [
    ["1.yaml:3:19 error", STACK, image("", "{ name: base.next-0123abcd }")],
    ["1.yaml:3:19 error", STACK, image("", "{ name: base.prev-img-0123abcd }")],
    [
      "2.yaml:3:19 error",
      STACK,
      image("  match: family\n  family: f\n"),
      image("", "{ name: base-0123abcd }"),
    ],
  ],
  hidden_characters: [
    ["1.yaml:7:16 error", STACK, image('  description: "a\\u202eb"\n')],
    ["1.yaml:7:6 error", STACK, image("  # a\u202eb\n")],
    ["1.yaml:7:16 error", STACK, image("  description: |\n    two\n    lines\n")],
  ],
  duplicate_name: [
    ["2.yaml:3:19 error", STACK, image(), image()],
    [
      "2.yaml:3:40 error",
      STACK,
      image(),
      image("", "{ name: other, formerNames: [] }").replace("[]", "[base]"),
    ],
    [
      "2.yaml:3:40 error",
      STACK,
      image("", "{ name: base, formerNames: [was] }"),
      image("", "{ name: other, formerNames: [was] }"),
    ],
  ],
  confusable_name: [["2.yaml:3:19 error", STACK, image(), image("", "{ name: Base }")]],
  duplicate_family: [
    [
      "2.yaml:8:11 error",
      STACK,
      image("  match: family\n  family: f\n"),
      image("  match: family\n  family: f\n", "{ name: other }"),
    ],
  ],
  duplicate_stack: [["1.yaml:3:19 error", STACK, STACK, image()]],
  duplicate_family_manifest: [
    [
      "1.yaml:8:19 error",
      STACK,
      `${`apiVersion: cvmimg/v1\nkind: Family\nmetadata: { name: f }\nspec: { retain: { last: 1 } }\n---\n`.repeat(2)}${image()}`,
    ],
  ],
  family_required: [["1.yaml:7:10 error", STACK, image("  match: family\n")]],
  unknown_account: [["1.yaml:7:14 error", STACK, image("  accounts: [defualt]\n")]],
  unknown_region: [["1.yaml:7:13 warning", STACK, image("  regions: [ap-singapor]\n")]],
  no_regions: [["1.yaml:3:19 error", STACK.replace(/ {2}defaults:[\s\S]*/, ""), image()]],
  unknown_placeholder: [
    ["1.yaml:7:16 error", STACK, image('  description: "for {regio}"\n')],
    ["1.yaml:7:16 error", STACK, image('  description: "a } alone"\n')],
  ],
  missing_var: [["1.yaml:5:18 error", STACK.replace("appid:", "app:"), image()]],
  not_cos_url: [["1.yaml:5:18 error", STACK, image().replace(/https:[^"]*/, "https://example.com/a.qcow2")]],
  signed_url_in_manifest: [
    ["1.yaml:5:18 error", STACK, image().replace(".qcow2", ".qcow2?q-signature=abc")],
    ["1.yaml:5:18 error", STACK, image().replace("https://", "https://user:word@")],
  ],
  format_mismatch: [["1.yaml:5:99 warning", STACK, image().replace('" }', '", format: vhd }')]],
  format_unknown: [["1.yaml:5:18 error", STACK, image().replace(".qcow2", ".img")]],
  source_region: [
    [
      "1.yaml:5:18 error",
      STACK,
      image("  regions: [ap-tokyo]\n").replace("cos.{region}", "cos.ap-singapore"),
    ],
    [
      "1.yaml:5:18 warning",
      STACK,
      image("  regions: [ap-beijing]\n").replace("cos.{region}", "cos.ap-shanghai"),
    ],
    [
      "1.yaml:5:18 error",
      STACK,
      image("  regions: [ap-shanghai-fsi]\n").replace("cos.{region}", "cos.ap-shanghai"),
    ],
  ],
  iso_needs_force: [["1.yaml:5:18 error", STACK, image().replace(".qcow2", ".iso")]],
  reserved_tag: [
    ["1.yaml:7:11 error", STACK, image("  tags: { project: x }\n")],
    ["cvmimg.yaml:9:13 error", defaults("tags: { cvmimg.stack: x }"), image()],
  ],
  bad_tag: [
    ["1.yaml:7:11 error", STACK, image("  tags: { a&b: x }\n")],
    ["1.yaml:7:14 error", STACK, image('  tags: { a: "" }\n')],
  ],
  too_many_tags: [["1.yaml:7:9 error", STACK, image(`  tags: { ${many(49)} }\n`)]],
  site_unsupported: [
    ["1.yaml:7:17 error", STACK, image("  architecture: arm_64\n")],
    [
      "1.yaml:7:14 error",
      STACK,
      image("  dataDisks: [{ url: https://b-1250000000.cos.ap-singapore.myqcloud.com/d.raw }]\n"),
    ],
  ],
  byol_not_shareable: [
    ["1.yaml:8:15 error", STACK, image('  licenseType: BYOL\n  sharedWith: ["100000000001"]\n')],
  ],
  bad_duration: [["cvmimg.yaml:9:27 error", `${STACK}  apply: { importTimeout: two hours }\n`, image()]],
}

/** Those of the file system, by what is put into a directory. */
const FILE_CASES: Partial<Record<DiagnosticCode, (dir: string) => string>> = {
  unreadable: (dir) => {
    symlinkSync("nowhere.yaml", join(dir, "dangling.yaml"))
    return "dangling.yaml:1:1 error"
  },
  outside_stack: (dir) => {
    symlinkSync("/etc/hostname", join(dir, "host.yaml"))
    return "host.yaml:1:1 error"
  },
  file_too_large: (dir) => {
    writeFileSync(join(dir, "large.yaml"), "")
    truncateSync(join(dir, "large.yaml"), 50 * 1024 * 1024)
    return "large.yaml:1:1 error"
  },
  not_utf8: (dir) => {
    writeFileSync(join(dir, "latin.yaml"), Buffer.from("a: b\nc: \xe9\n", "latin1"))
    return "latin.yaml:2:1 error"
  },
}

describe("every code", () => {
  let root: string
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "codes-"))
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test("has a case", () => {
    // What only a commit can be: test/cli/review.test.ts has the cases.
    const covered = new Set([...Object.keys(TEXT_CASES), ...Object.keys(FILE_CASES), "not_in_commit"])
    expect(Object.keys(DIAGNOSTICS).filter((code) => !covered.has(code))).toEqual([])
  })

  for (const [code, cases] of Object.entries(TEXT_CASES)) {
    test.each(cases)(`${code}: %s`, (said, stack, ...files) => {
      const { diagnostics, desired } = load(stack, ...files)
      expect(told(diagnostics)).toContain(`${said} ${code}`)
      const ofCode = diagnostics.filter((d) => d.code === code)
      for (const { message } of ofCode) expect(message).toMatch(/^\S.*[.…]$/su)
      expect(desired === undefined).toBe(diagnostics.some((d) => d.severity === "error"))
    })
  }

  for (const [code, prepare] of Object.entries(FILE_CASES)) {
    test(`${code}`, async () => {
      const dir = join(root, code)
      mkdirSync(dir)
      writeFileSync(join(dir, "cvmimg.yaml"), STACK)
      writeFileSync(join(dir, "base.yaml"), image())
      const said = prepare(dir)
      const { diagnostics } = await loadStack(".", { cwd: dir })
      expect(told(diagnostics)).toEqual([`${said} ${code}`])
    })
  }
})
