/** Manifests, from standard input and from files, through the command: diagnostics or "valid", in every format. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Random } from "../../chaos/support/random.ts"
import { image, STACK } from "../../manifest/texts.ts"
import { command, type Ran } from "../io.ts"
import { damaged, soup } from "../mutate.ts"
import type { Reader, Seen } from "../reader.ts"

const FULL = `${STACK}  safety: { maxDeletes: 0, maxReplaces: 10% }
  prune: { orphans: keep }
  apply: { concurrency: 10, importTimeout: 2h }
---
${image(`  match: name
  family: ubuntu-22.04
  description: |
    Ubuntu 22.04 LTS
  architecture: x86_64
  bootMode: UEFI
  licenseType: BYOL
  tags: &t { app: web, old: null }
  sharedWith: []
  regions: [ap-singapore, ap-hongkong]
  lifecycle: { onChange: replace, retire: deprecate, keepPrevious: 1 }`)}
---
${image("  tags: { <<: { a: b }, c: d }", "{ name: other, labels: { tier: base }, formerNames: [was] }")}
---
apiVersion: cvmimg/v1
kind: Family
metadata: { name: ubuntu-22.04 }
spec:
  retain: { last: 3, within: 90d }
  beyond: deprecate
`
const SMALL = `${STACK}---\n${image()}`
const PIECES = FULL.split(/(?<=[\s:,])/)

/** Shapes that cost much or go deep. */
const BOMBS: readonly ((r: Random) => string)[] = [
  (r) => `a: ${"[".repeat(1 + r.int(5_000))}`,
  (r) => `a: ${"{a: ".repeat(1 + r.int(5_000))}`,
  (r) => "- ".repeat(1 + r.int(5_000)),
  (r) => Array.from({ length: r.int(300) }, (_, i) => `${" ".repeat(i)}a:\n`).join(""),
  (r) => {
    const levels = 2 + r.int(30)
    const lines = Array.from({ length: levels }, (_, i) =>
      i === 0
        ? "x0: &x0 [lol]"
        : `x${i}: &x${i} [${Array(9)
            .fill(`*x${i - 1}`)
            .join(", ")}]`,
    )
    return `${lines.join("\n")}\nspec: *x${levels - 1}\n`
  },
  (r) => {
    const levels = 2 + r.int(30)
    const lines = Array.from({ length: levels }, (_, i) =>
      i === 0 ? "x0: &x0 {a: b}" : `x${i}: &x${i} {k: *x${i - 1}, l: *x${i - 1}, <<: *x${i - 1}}`,
    )
    return `${lines.join("\n")}\n<<: *x${levels - 1}\n`
  },
  (r) => "a: &a\n  <<: *a\n  b: *a\n".repeat(1 + r.int(20)),
  (r) => Array.from({ length: r.int(4_000) }, (_, i) => `k${i % 1_500}: v\n`).join(""),
  (r) => "---\n".repeat(r.int(2_000)),
  (r) => `? ${"a".repeat(r.int(20_000))}\n: b\n`,
  (r) => `a: "${"\\u0000\\ud800".repeat(r.int(500))}"\n`,
  (r) => `metadata: { name: "${"\u202ea".repeat(r.int(60))}" }\n`,
  (r) => `tags: { ${Array.from({ length: r.int(300) }, (_, i) => `t${i}: v`).join(", ")} }\n`,
  (r) => `regions: [${"ap-singapore, ".repeat(r.int(500))}]\n`,
  (r) =>
    `url: https://golden-1.cos.ap-singapore.myqcloud.com/${"%".repeat(r.int(200))}?q-sign-algorithm=sha1&${"a".repeat(r.int(2_000))}\n`,
  (r) => `x: ${"&a ".repeat(r.int(300))}b\n`,
  (r) => `x: ${"!!str ".repeat(r.int(300))}b\n`,
  (r) => `- ${"'".repeat(r.int(2_000))}\n`,
]

function text(r: Random): Buffer {
  const kind = r.weighted({ damaged: 7, soup: 2, bomb: 2 })
  if (kind === "soup") return soup(r, PIECES, 120)
  if (kind === "damaged") return damaged(r, Buffer.from(r.pick([FULL, SMALL, SMALL])), Buffer.from(FULL))
  const bomb = r.pick(BOMBS)(r)
  const [before, after] = [r.pick(["", `${SMALL}---\n`, SMALL]), r.pick(["", `\n---\n${SMALL}`])]
  return Buffer.from(`${before}${bomb}${after}`)
}

const seen = ({ code, stdout, stderr }: Ran, format: string): Seen => {
  if (format === "json") JSON.parse(stdout)
  return {
    told: format === "json" ? [stderr] : [stdout, stderr],
    written: [stdout],
    exit: { code, documented: [0, 1] },
  }
}

export const manifests: Reader = {
  name: "manifests",
  input: text,
  async read(input) {
    const format = (["text", "json", "github"] as const)[(input[0] ?? 0) % 3] ?? "text"
    return seen(await command(["validate", "-", "-o", format], { stdin: input }), format)
  },
}

/** The same as files of a stack: its own file, and one among others. */
export const manifestFiles: Reader = {
  name: "manifest files",
  input: text,
  async read(input, { folder }) {
    const directory = join(folder, "stack")
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(join(directory, "images"), { recursive: true })
    const own = (input[1] ?? 0) % 2 === 0
    writeFileSync(join(directory, "cvmimg.yaml"), own ? input : STACK)
    writeFileSync(join(directory, "images", "a.yaml"), own ? image() : input)
    return seen(await command(["validate", directory], { cwd: folder }), "text")
  },
}
