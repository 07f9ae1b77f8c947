// Bad input: whatever a file holds, it is said where and what, and nothing is thrown or slow.
import { describe, expect, test } from "vitest"
import { loadText } from "../../src/manifest/load.ts"
import {
  renderDiagnostics,
  renderDiagnosticsGithub,
  renderDiagnosticsJson,
} from "../../src/report/diagnostics.ts"
import { bare, image, load, STACK, told, URL } from "./texts.ts"

const SOURCE = `  source: { url: "${URL}" }\n`

describe("YAML", () => {
  test("an empty file, comments, or marks alone", () => {
    for (const text of ["", "\n\n", "# nothing\n", "---\n", "---\n---\n", "\ufeff"]) {
      expect(told(load(STACK, text, image()).diagnostics)).toEqual(["1.yaml:1:1 warning empty_document"])
    }
  })

  test("an empty document between others is passed over", () => {
    const { diagnostics, desired } = load(STACK, `---\n---\n${image()}---\n`)
    expect(diagnostics).toEqual([])
    expect(desired?.placements).toHaveLength(1)
  })

  test("binary text", () => {
    const { diagnostics } = load(STACK, `\u0000\u0001PK\u0003\u0004${"\u0000".repeat(1000)}`)
    expect(diagnostics.length).toBeGreaterThan(0)
  })

  test("control characters in a manifest", () => {
    expect(told(load(STACK, image('  description: "a\\0b"\n')).diagnostics)).toEqual([
      "1.yaml:7:16 error hidden_characters",
    ])
    expect(told(load(STACK, image("  description: a\u0000b\n")).diagnostics)).toEqual([
      "1.yaml:7:16 error hidden_characters",
    ])
  })

  test("a byte order mark and CRLF change nothing, and no position", () => {
    const good = load(STACK, `\ufeff${image().replaceAll("\n", "\r\n")}`)
    expect(good.diagnostics).toEqual([])
    expect(good.desired?.placements[0]?.source.url).toBe(
      "https://golden-ap-singapore-1250000000.cos.ap-singapore.myqcloud.com/a.qcow2",
    )
    const bad = load(STACK, `\ufeff${image("  x: 1\n").replaceAll("\n", "\r\n")}`)
    expect(told(bad.diagnostics)).toEqual(["1.yaml:7:3 error unknown_key"])
  })

  test("the mark is not counted on the first line", () => {
    expect(told(load(STACK, "\ufeffapiVersion: cvmimg/v9\n").diagnostics)).toEqual([
      "1.yaml:1:13 error unknown_kind",
    ])
  })

  test("tabs: the line is named", () => {
    const { diagnostics } = load(
      STACK,
      "apiVersion: cvmimg/v1\nkind: Image\nmetadata:\n\tname: a\nspec: {}\n",
    )
    expect(diagnostics[0]).toMatchObject({ code: "yaml_syntax", line: 4, advice: "indent with spaces" })
  })

  test("a YAML 1.1 line changes nothing", () => {
    const text = `%YAML 1.1\n---\n${image("  tags: { a: no, b: on }\n")}`
    expect(load(STACK, text).desired?.placements[0]?.tags).toEqual({ a: "no", b: "on" })
  })

  test("unknown tags, and tags of other schemas", () => {
    for (const tag of ["!secret", "!!binary", "!!timestamp", "!<tag:example.com,2000:x>"]) {
      expect(told(load(STACK, image(`  description: ${tag} x\n`)).diagnostics), tag).toEqual([
        "1.yaml:7:16 error yaml_tag",
      ])
    }
    expect(load(STACK, image("  tags: { a: !!str 1 }\n")).desired?.placements[0]?.tags).toEqual({ a: "1" })
  })

  test("alias bombs are refused at once", () => {
    const letters = "abcdefghij".split("")
    const lines = letters.map((c, i) =>
      i === 0
        ? `    ${c}: &${c} [x, x, x, x, x, x, x, x, x, x]`
        : `    ${c}: &${c} [${Array(10).fill(`*${letters[i - 1]}`)}]`,
    )
    const { diagnostics } = load(STACK, image(`  tags:\n${lines.join("\n")}\n`))
    expect(diagnostics.map((d) => d.code)).toEqual(["yaml_too_complex"])
  })

  test("merge bombs are refused at once", () => {
    const base = Array.from({ length: 1000 }, (_, i) => `k${i}: v`).join(", ")
    const merges = Array(1000).fill("*x").join(", ")
    const { diagnostics } = load(STACK, image(`  tags:\n    x: &x { ${base} }\n    y: { <<: [${merges}] }\n`))
    expect(diagnostics.map((d) => d.code)).toEqual(["yaml_too_complex"])
  })

  test("deep nesting, in brackets, by dashes and by indentation", () => {
    const deep = [
      `${"[".repeat(100_000)}`,
      `a: ${"[".repeat(3000)}${"]".repeat(3000)}`,
      "- ".repeat(20_000),
      "? ".repeat(20_000),
      Array.from({ length: 1500 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"),
    ]
    for (const text of deep)
      expect(load(STACK, `apiVersion: cvmimg/v1\nkind: Image\nspec: \n ${text}`).desired).toBeUndefined()
  })

  test("duplicate keys, also those of a flow map and of the first level", () => {
    const { diagnostics } = load(STACK, `${image("  tags: { a: x, a: y }\n")}kind: Image\n`)
    expect(told(diagnostics)).toEqual(["1.yaml:7:17 error duplicate_key", "1.yaml:8:1 error duplicate_key"])
  })

  test("merge keys do not count as duplicates, and own keys win", () => {
    const { desired, diagnostics } = load(
      STACK,
      `${image("  tags: &t { a: x, b: y }\n")}---\n${image("  tags: { <<: &t { a: x, b: y }, a: z }\n", "{ name: other }")}`,
    )
    expect(diagnostics).toEqual([])
    expect(desired?.placements[1]?.tags).toEqual({ a: "z", b: "y" })
  })

  test("40,000 keys in one map, and 10,000 documents in one file", () => {
    const keys = Array.from({ length: 40_000 }, (_, i) => `    k${i}: "v"`).join("\n")
    expect(load(STACK, image(`  tags:\n${keys}\n`)).diagnostics.map((d) => d.code)).toContain("too_many_tags")
    const documents = Array.from({ length: 10_000 }, (_, i) => image("", `{ name: image-${i} }`)).join(
      "---\n",
    )
    const { desired, diagnostics } = load(STACK, documents)
    expect(diagnostics).toEqual([])
    expect(desired?.placements).toHaveLength(10_000)
  })

  test("__proto__ and constructor are keys like any other", () => {
    const spec = '  tags: { __proto__: "x", constructor: "y", toString: "z" }\n'
    const { desired, diagnostics } = load(STACK, image(spec))
    expect(diagnostics).toEqual([])
    expect(Object.entries(desired?.placements[0]?.tags ?? {})).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
      ["toString", "z"],
    ])
    expect(({} as Record<string, unknown>).x).toBeUndefined()
    const unknown = load(STACK, image("  __proto__: { force: true }\n  constructor: 1\n"))
    expect(told(unknown.diagnostics)).toEqual([
      "1.yaml:7:3 error unknown_key",
      "1.yaml:8:3 error unknown_key",
    ])
    const accounts = load(STACK.replace("default: {", "constructor: {"), image("  accounts: [toString]\n"))
    expect(told(accounts.diagnostics)).toEqual(["1.yaml:7:14 error unknown_account"])
  })

  test("positions lead through aliases and merges to the place where the text stands", () => {
    const text =
      `${bare(`  os: &os { type: Ubuntu, version: 22 }\n${SOURCE}`)}---\n${image("", "{ name: b }")}`.replace(
        'os: { type: Ubuntu, version: "22" }',
        "os: { type: Ubuntu, version: 24 }",
      )
    expect(told(load(STACK, text).diagnostics)).toEqual([
      "1.yaml:5:36 error quote_this",
      "1.yaml:13:32 error quote_this",
    ])
    const alias = bare(`${SOURCE}  description: &x 12\n  family: *x\n  os: { type: Ubuntu, version: "22" }\n`)
    expect(told(load(STACK, alias).diagnostics)).toEqual([
      "1.yaml:6:19 error quote_this",
      "1.yaml:6:19 error quote_this",
    ])
  })
})

describe("plain texts that YAML reads as something else", () => {
  const cases: [string, string][] = [
    ["22.04", 'version: "22.04"'],
    ["022", 'version: "022"'],
    ["1e3", 'version: "1e3"'],
    ["0x16", 'version: "0x16"'],
    ["true", 'version: "true"'],
    [".inf", 'version: ".inf"'],
    ["null", 'version: "null"'],
    ["~", 'version: "~"'],
  ]
  test.each(cases)("%s", (plain, wanted) => {
    const { diagnostics } = load(STACK, bare(`${SOURCE}  os: { type: Ubuntu, version: ${plain} }\n`))
    expect(diagnostics).toMatchObject([
      { code: "quote_this", line: 6, column: 32, advice: `write \`${wanted}\`` },
    ])
  })

  test("no and on are text, and not true or false", () => {
    expect(load(STACK, image("  tags: { a: no }\n")).desired?.placements[0]?.tags).toEqual({ a: "no" })
    const { diagnostics } = load(STACK, image("  force: no\n"))
    expect(diagnostics).toMatchObject([{ code: "wrong_type", advice: "write `force: false`" }])
  })

  test("long numbers keep their digits in the advice", () => {
    const { diagnostics } = load(STACK, image().replace('qcow2" }', 'qcow2", crc64: 9548134582367182340 }'))
    expect(diagnostics[0]?.advice).toBe('write `crc64: "9548134582367182340"`')
  })
})

test("other YAML below the stack is passed over with one notice a file, whatever it holds", () => {
  const foreign = [
    "on: push\njobs: !x { a: 1, a: 2 }\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {}\nspec: {}\n---\napiVersion: apps/v1\nkind: Deployment\n",
    "- hosts: all\n",
    "just a text\n",
  ]
  const { diagnostics, desired } = load(STACK, ...foreign, image())
  expect(told(diagnostics)).toEqual([1, 2, 3, 4].map((i) => `${i}.yaml:1:1 notice unknown_kind`))
  expect(desired?.placements).toHaveLength(1)
})

test("a file that is named must be ours", () => {
  const { diagnostics } = loadText([
    { path: "cvmimg.yaml", text: STACK, named: true },
    { path: "x.yaml", text: "on: push\n", named: true },
  ])
  expect(told(diagnostics)).toEqual(["x.yaml:1:1 error unknown_kind"])
})

test("hostile names come out inert in every format", () => {
  const names = [
    "\u001b[31mred",
    "\u0007bell",
    "\u009b2J",
    "\u007fdel",
    "right\u202eto left",
    "zero\u200bwidth",
    "lone\ud800",
    "::error file=x::boo",
    "##[error]boo",
    "a\n::set-output name=x::y",
    "</details>",
    "[link](http://x)",
    "@everyone",
    "%0A::error::x",
  ]
  for (const name of names) {
    const { diagnostics, sources } = load(
      STACK,
      image("", `{ name: ${JSON.stringify(name)} }`),
      image(`  ${JSON.stringify(name)}: 1\n`),
    )
    expect(diagnostics.length, name).toBeGreaterThan(1)
    const outputs = [
      renderDiagnostics(diagnostics, sources, { color: false, width: 100 }),
      renderDiagnosticsGithub(diagnostics),
      renderDiagnosticsJson(diagnostics),
    ]
    for (const output of outputs) {
      expect(output).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Cs}]/u)
      expect(output).not.toMatch(/^(?!::(?:error|warning|notice) file=).*##\[/mu)
    }
    const commands = renderDiagnosticsGithub(diagnostics).trimEnd().split("\n")
    expect(commands).toHaveLength(diagnostics.length)
    for (const line of commands) expect(line).toMatch(/^::error file=[^:,]*,line=\d+,.*title=[a-z_]+::/)
    expect(outputs[0]).not.toMatch(/^\s*::/m)
  }
})

test("signatures and keys never come out", () => {
  const secret = "SECRETSECRET"
  const texts = [
    image().replace(".qcow2", `.qcow2?q-sign-algorithm=sha1&q-ak=AKID${secret}&q-signature=${secret}`),
    image().replace(".qcow2", `.qcow2?x-cos-security-token=${secret}`),
    image().replace(".qcow2", `.qcow2?sign=${secret}`),
    image().replace("https://", `https://${secret}:${secret}@`),
    image().replace("https://", `ftp://${secret}:${secret}@`),
    image(`  url: https://x.example/?token=${secret}\n`),
    image(`  match: https://x.example/?token=${secret}\n`),
    image(`  description: [https://x.example/?token=${secret}]\n`),
    image(`  tags: { a: "https://x.example/?signature=${secret}" }\n`),
    image(`  secretKey: ${secret}\n`),
    `${image()}  broken: "https://x.example/?q-signature=${secret}\n`,
  ]
  for (const text of texts) {
    const { diagnostics, sources } = load(STACK, text)
    expect(diagnostics.length).toBeGreaterThan(0)
    const all =
      renderDiagnostics(diagnostics, sources, { color: false, width: 400 }) +
      renderDiagnosticsGithub(diagnostics) +
      renderDiagnosticsJson(diagnostics)
    expect(all, text).not.toContain(secret)
  }
  const stack = STACK.replace('appid: "1250000000"', `appid: "1250000000?q-signature=${secret}"`)
  const { diagnostics, sources } = load(stack, image())
  expect(diagnostics.map((d) => d.code)).toContain("signed_url_in_manifest")
  expect(renderDiagnostics(diagnostics, sources, { color: false, width: 400 })).not.toContain(secret)
})
