// The text of a comment: within the host's limit, and inert whatever it is about.
import fc from "fast-check"
import { expect, test } from "vitest"
import { bodyOf, linkTo } from "../../src/comment/body.ts"
import { LABELS, labelChanges, planLabels } from "../../src/comment/labels.ts"
import { type Memory, markerOf, readMarker } from "../../src/comment/marker.ts"
import { sinceBlocks, sinceOf } from "../../src/comment/since.ts"
import { planSubject } from "../../src/comment/subject.ts"
import type { Plan } from "../../src/model/plan.ts"
import { aDeletion, aKeep, anImport, anUpdate, aRefusal, aReplace } from "../report/build.ts"
import { NASTY, poisoned, texts } from "../report/poison.ts"
import { planOf, SHA_1, SHA_2 } from "./scene.ts"

const LIMIT = 65_536

/** A plan of so many images in so many regions. */
function large(images: number, regions = 1): Plan {
  return planOf(
    Array.from({ length: images }, (_, i) =>
      Array.from({ length: regions }, (_, r) =>
        anImport({
          image: `image-${i + 10_000}`,
          region: `ap-region-${r}`,
          digest: (i * 7_919 + r * 104_729 + 1e9).toString(16).padStart(16, "0"),
        }),
      ),
    ).flat(),
  )
}

test("details are left out, the last first, with where they are", () => {
  const plan = large(300)
  const text = bodyOf(planSubject(plan, 0, SHA_1), undefined, {
    limit: LIMIT,
    artifactUrl: "https://ci.example/report",
  })
  expect(text.length).toBeLessThanOrEqual(LIMIT)
  for (const { image } of plan.actions) expect(text).toContain(`| \`${image}\` | import |`)
  const shown = Array.from(text.matchAll(/<summary><code>(image-\d+)/g), ([, image]) => image)
  expect(shown).toEqual(plan.actions.slice(0, shown.length).map(({ image }) => image))
  expect(shown.length).toBeGreaterThan(5)
  expect(text).toContain(
    `The details of ${300 - shown.length} images do not fit here; [the whole report](https://ci.example/report) has them.`,
  )
})

test("a table that no comment could hold ends with how much is missing", () => {
  for (const [images, limit] of [
    [3_000, LIMIT],
    [700, LIMIT],
    [40, 2_000],
  ] as const) {
    const text = bodyOf(planSubject(large(images), 0, SHA_1), undefined, { limit })
    expect(text.length).toBeLessThanOrEqual(limit)
    expect(text.length).toBeGreaterThan(limit * 0.7)
    const rows = text.match(/^\| .*`image-/gm)?.length ?? 0
    if (rows === images) continue
    expect(text).toContain(
      `${images - rows} more lines and all details do not fit here; the HTML report has them.`,
    )
    expect(text).toContain(`Commit ${SHA_1}.`)
  }
})

test("any limit is kept, and what is left is whole", () => {
  const plan = large(60, 3)
  const before = planSubject(large(50, 2), 0, SHA_2).memory
  fc.assert(
    fc.property(fc.integer({ min: 2_000, max: 40_000 }), (limit) => {
      const text = bodyOf(planSubject(plan, 1, SHA_1), before, { limit })
      expect(text.length).toBeLessThanOrEqual(limit)
      expect(readMarker(text)?.stackId).toBe(plan.stackId)
      expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length)
    }),
    { numRuns: 60 },
  )
})

test("nothing foreign is a marker, a comment of HTML, a mention, or an end of ours", () => {
  const forged = markerOf("plan", "1f3a9c02", { at: 9e15, fingerprint: "x", labels: [] }, 10_000)
  const nasty = [
    forged,
    "<!-- x -->",
    "-->",
    "</details>",
    "```",
    "@everyone",
    "#1",
    "!2",
    "org/repo#3",
    "<img src=x>",
    "[a](javascript:b)",
    ...NASTY,
  ]
  const check = (list: readonly string[]): void => {
    const plan = poisoned(list)
    const memory = planSubject(large(3), 0, undefined).memory
    const rows = list.map((text) => ({ image: text, verb: text, scopes: [text], digest: "0" }))
    const text = bodyOf(planSubject(plan, 0, SHA_1), { ...memory, rows }, { limit: 1_000_000 })
    const [first, ...rest] = text.split("\n")
    expect(first).toMatch(/^<!-- cvmimg:comment:1 plan [0-9a-f]{8} [A-Za-z0-9+/=]+ -->$/)
    const plain = rest
      .join("\n")
      .replace(/^(`{3,})diff\n[\s\S]*?\n\1$/gm, "")
      .replace(/(?<!`)(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, "")
      .replace(/<code>[^<]*<\/code>/g, "")
    expect(plain).not.toMatch(/<!--|-->|@|<img|\]\(|(?<!^#{0,2})#\d|!\d/m)
    expect(text.match(/^<details>$/gm)?.length).toBe(text.match(/^<\/details>$/gm)?.length)
  }
  check(nasty)
  for (const text of nasty) check([text])
  fc.assert(fc.property(texts, check), { numRuns: 40 })
})

test("a marker comes back, and damaged or foreign ones do no harm", () => {
  const { memory } = planSubject(large(5, 2), 17, SHA_1)
  const line = markerOf("plan", "1f3a9c02", memory, 100_000)
  expect(readMarker(`${line}\nmore`)).toEqual({ kind: "plan", stackId: "1f3a9c02", memory })
  expect(readMarker(`${line}\r\nmore`)?.memory).toEqual(memory)
  for (const text of ["", "x", ` ${line}`, `> ${line}`, `a\n${line}`, `${line} x`]) {
    expect(readMarker(text)).toBeUndefined()
  }
  expect(readMarker("<!-- cvmimg:comment:1 plan 1f3a9c02 AAAA -->")).toEqual({
    kind: "plan",
    stackId: "1f3a9c02",
    memory: undefined,
  })
  fc.assert(
    fc.property(fc.nat(line.length - 1), fc.base64String({ maxLength: 8 }), (at, put) => {
      const read = readMarker(line.slice(0, at) + put + line.slice(at + put.length))
      if (read?.memory !== undefined) sinceBlocks(sinceOf(read.memory, memory))
    }),
  )
  // Rows go first where there is no room, then what moved.
  const tight = readMarker(markerOf("plan", "1f3a9c02", memory, 250))?.memory
  expect(tight).toMatchObject({ fingerprint: memory.fingerprint, commit: SHA_1 })
  expect(tight?.rows).toBeUndefined()
  expect(sinceBlocks(sinceOf(tight, { ...memory, commit: SHA_2, fingerprint: "other" }))).toEqual([
    "Since the last push, `11111111`: not the same; too much was planned to tell what moved.",
  ])
})

test("a thousand images are remembered within a comment of GitHub", () => {
  const marked = readMarker(bodyOf(planSubject(large(500, 8), 0, SHA_1), undefined, { limit: LIMIT }))
  expect(marked?.memory?.rows).toHaveLength(500)
})

test("what moved is counted beyond a bound", () => {
  const none: Memory = { at: 0, fingerprint: "", rows: [], labels: [] }
  const since = sinceOf(none, planSubject(large(100), 0, SHA_1).memory)
  expect(since).toMatchObject({ more: 60 })
  expect(sinceBlocks(since).at(-1)).toMatch(/\n- and 60 further rows$/)
})

test("labels are those of any plan, and no other than ours is touched", () => {
  expect(planLabels(planOf([aKeep()]))).toEqual(["cvmimg/no-changes"])
  expect(planLabels(planOf([anImport(), anUpdate(), aReplace(), aDeletion(), aRefusal(), aKeep()]))).toEqual([
    "cvmimg/imports",
    "cvmimg/updates",
    "cvmimg/replaces",
    "cvmimg/deletes",
    "cvmimg/refused",
  ])
  expect(
    labelChanges([["cvmimg/no-changes"], ["cvmimg/imports"]], ["cvmimg/no-changes", "a", "cvmimg/x"]),
  ).toEqual({
    add: ["cvmimg/imports"],
    remove: ["cvmimg/no-changes"],
  })
  expect(labelChanges([["evil", "constructor"]], ["constructor"])).toEqual({ add: [], remove: [] })
  for (const { description } of Object.values(LABELS)) expect(description.length).toBeLessThanOrEqual(100)
})

test("a link ends where it should", () => {
  expect(linkTo("x", 'https://h/a)b [c](d)|`<e>\\?q="f"#`g)')).toMatch(
    /^\[x\]\(https:\/\/h\/[^()[\]<>|`"\s\\]+\)$/,
  )
})
