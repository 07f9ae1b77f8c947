/** A plan whose every free text is another one: what has to come out inert, whatever the format. */
import fc from "fast-check"
import type { DriftReport } from "../../src/model/drift.ts"
import type { Plan } from "../../src/model/plan.ts"
import type { Review } from "../../src/model/review.ts"
import { richDrift } from "./drifts.ts"
import { rich } from "./rich.ts"

/** Values of these keys are words of ours. */
const CLOSED = new Set([
  "action",
  "impact",
  "status",
  "limit",
  "how",
  "refusal",
  "wanted",
  "release",
  "site",
  "blame",
  "fingerprint",
  "stackId",
  "verdict",
  "failOn",
])

/** The rich plan with texts in place of its own, taken in turn; reasons get them as their details. */
export function poisoned(texts: readonly string[]): Plan {
  return poisonedValue(rich, texts)
}

/** The same of the rich drift report. */
export function poisonedDrift(texts: readonly string[]): DriftReport {
  return poisonedValue(richDrift, texts)
}

/** A review with everything that one can hold, of two texts. */
export function poisonedReview(a: string, b: string): Review {
  const scopes = [{ account: a, region: b }]
  const at = { file: b, line: 3, column: 5 }
  const change = {
    field: a,
    before: b,
    after: a,
    impact: "replacement",
    risks: ["protect_off"],
    scopes,
    at,
  } as const
  const image = { image: a, risks: ["shares_added"], risk: "high", changes: [change], manifest: at } as const
  const more = { added: scopes, removed: scopes, replaced: scopes, updated: scopes }
  return {
    formatVersion: 1,
    stack: a,
    stackFate: "kept",
    directory: b,
    base: { revision: a, commit: b, compared: a },
    head: { revision: b, commit: a },
    valid: false,
    risk: "high",
    stackChanges: [{ ...change, images: [a, b], placements: 2, risk: "high" }],
    images: [
      { ...image, fate: "renamed", formerName: b, ...more },
      { ...image, fate: "moved", movedFrom: a, ...more },
      { ...image, image: b, fate: "removed", ...more },
    ],
    families: [
      {
        family: a,
        fate: "changed",
        risk: "high",
        risks: ["retention_delete"],
        changes: [change],
        manifest: at,
      },
    ],
    moves: [{ family: a, before: [a, b], after: [b], imported: true, scopes, images: [a] }],
    notCompared: [a, b],
    summary: {
      images: { added: 0, removed: 1, renamed: 1, changed: 0, moved: 1 },
      placements: { added: 1, removed: 1, replaced: 1, updated: 1 },
    },
    files: { added: 0, removed: 0, changed: 0, moved: 0 },
    diagnostics: [true, false].map((isNew) => ({
      ...at,
      code: "unknown_key",
      severity: "error",
      message: a,
      advice: b,
      path: a,
      isNew,
    })),
  }
}

function poisonedValue<T>(value: T, texts: readonly string[]): T {
  let next = 0
  const text = (): string => texts[next++ % texts.length] ?? ""
  const walk = (value: unknown, key: string, parent: object): unknown => {
    if (Array.isArray(value)) return value.map((one) => walk(one, key, parent))
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, walk(v, k, value)]))
    }
    if (typeof value !== "string" || CLOSED.has(key)) return value
    // What was, of news, is a verdict; a notice's code has no advice beside it.
    if (key === "before" && "since" in parent) return value
    if (key === "code" && !("blame" in parent) && !("status" in parent) && "manifest" in parent) return value
    if (key === "reasons" || key === "reason" || key === "notices") return `${value.split(":")[0]}:${text()}`
    // A check's name and a notice's code are ours.
    if (key === "name" && "status" in parent) return value
    if (key === "digest") return value
    return text()
  }
  return walk(value, "", {}) as T
}

/** What has done harm elsewhere: markup, mentions, references, commands, what cannot be seen. */
export const NASTY: readonly string[] = [
  "</details>",
  "</summary>",
  "<script>window.__pwned=1</script>",
  "<img src=x onerror=window.__pwned=1>",
  '"><svg onload=window.__pwned=1>',
  "' onmouseover='window.__pwned=1",
  "</style><script>window.__pwned=1</script>",
  "-->",
  "]]>",
  "&lt;b&gt;",
  "&#64;all",
  "@all",
  "@octocat",
  "#123",
  "!123",
  "GH-12",
  "ABC-12",
  "octo/repo#1",
  "octo/repo@1234567890123456789012345678901234567890",
  "1234567890abcdef1234567890abcdef12345678",
  "https://evil.example/x?y=z",
  "www.evil.example",
  "mailto:a@evil.example",
  "a@evil.example",
  "[x](https://evil.example)",
  "![x](https://evil.example/x.png)",
  "[x][y]",
  "<https://evil.example>",
  "a | b | c",
  "\\|",
  "a\\",
  "`",
  "``",
  "```",
  "~~~",
  "` <b>x</b> `",
  "*x*",
  "_x_",
  "~x~",
  "$x$",
  ":smile:",
  ":+1:",
  "# x",
  "- x",
  "1. x",
  "> x",
  "---",
  "===",
  "/close",
  "    code",
  "{{x}}",
  "{0}",
  "::error::x",
  "%0A::error::x",
  "##[group]x",
  "\n\n# x\n\n",
  "\r\n| a | b |\n|---|---|",
  "\u001b[2J",
  "\u009b31m",
  "\u202e",
  "\u200b",
  "\u0000",
  "\ufffe",
  "\uffff",
  "\ud800",
  "\u2028",
  "🚀",
  "黄金",
]

/** Some texts at once, long and short. */
export const texts: fc.Arbitrary<string[]> = fc.array(
  fc.oneof(
    fc.constantFrom(...NASTY),
    fc.string({ unit: "binary", maxLength: 40 }),
    fc
      .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 5 })), { maxLength: 8 })
      .map((parts) => parts.join("")),
    fc.array(fc.constantFrom(...NASTY), { maxLength: 6 }).map((parts) => parts.join(" ")),
  ),
  { minLength: 1, maxLength: 25 },
)
