// A saved plan that was changed by hand and sealed again: it is shown, or refused in one sentence; nothing else happens.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import fc from "fast-check"
import { describe, expect, onTestFinished, test } from "vitest"
import type { Io, Output } from "../../src/cli/io.ts"
import { run } from "../../src/cli/main.ts"
import { systemClock } from "../../src/cloud/clock.ts"
import type { ApprovalSet } from "../../src/model/approval.ts"
import type { Plan } from "../../src/model/plan.ts"
import { parseApprovalSet } from "../../src/plan/approval-read.ts"
import { plan, sealApprovalSet } from "../../src/plan/index.ts"
import { planFormats } from "../../src/report/formats.ts"
import { renderPlanDiff, renderPlanDiffJson } from "../../src/report/plan-diff.ts"
import { setOf } from "../plan/approved.ts"
import { loaded } from "../report/loaded.ts"
import * as plans from "../report/plans.ts"
import { rich } from "../report/rich.ts"
import { cases } from "./cases.ts"

const planRenderers = await loaded(planFormats)

const WIDE = { color: false, width: 100 }
const whole: readonly Plan[] = [rich, ...Object.values(plans).filter((p): p is Plan => "actions" in p)]
const set = setOf(rich, { sources: { "https://b-1250000000.cos.ap-singapore.myqcloud.com/a": { size: 1 } } })

describe("a whole set", () => {
  test.each(whole.map((p, i): [number, Plan] => [i, p]))("of the plan %i is read", (_, p) => {
    expect(parseApprovalSet(JSON.stringify(setOf(p)))).toEqual(JSON.parse(JSON.stringify(setOf(p))))
  })

  test("of any plan is read", () => {
    const options = { retryFailed: true, prune: { orphans: true, retention: true }, allow: { maxDeletes: 9 } }
    fc.assert(
      fc.property(cases, ({ desired, observed }) => {
        const text = JSON.stringify(setOf(plan(desired, observed, options)))
        expect(parseApprovalSet(text)).toEqual(JSON.parse(text))
      }),
      { numRuns: 200 },
    )
  })
})

type Path = readonly (string | number)[]

/** Every place in a value, the whole left out. */
function placesOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return []
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((v, i): [number, unknown] => [i, v])
    : Object.entries(value)
  return entries.flatMap(([key, v]) => [[...at, key], ...placesOf(v, [...at, key])])
}

const PLACES = placesOf(JSON.parse(JSON.stringify(set))).filter(([first]) => first !== "checksum")

/** What may come in place of a value, or beside it; `undefined` takes it away. */
const anything = fc.oneof(
  fc.constant(undefined),
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    null,
    [],
    {},
    [null],
    [{}],
    "",
    "\u001b[31m",
    "keep",
    "refuse",
    -1,
    0.5,
    1e308,
    true,
  ),
  fc.constantFrom(...PLACES.slice(0, 400)).map((path) => valueAt(path)),
)

function valueAt(path: Path): unknown {
  return path.reduce<unknown>(
    (v, key) => (v as Record<string, unknown>)[key],
    JSON.parse(JSON.stringify(set)),
  )
}

const edits = fc.array(
  fc.tuple(fc.constantFrom(...PLACES), fc.option(fc.string(), { nil: undefined }), anything),
  {
    minLength: 1,
    maxLength: 4,
  },
)

/** The set with the edits, sealed again. */
function edited(changes: readonly (readonly [Path, string | undefined, unknown])[]): string {
  const value = JSON.parse(JSON.stringify(set)) as ApprovalSet
  for (const [path, beside, to] of changes) {
    const key = path.at(-1) ?? ""
    const holder = path
      .slice(0, -1)
      .reduce<unknown>((v, k) => (typeof v === "object" && v !== null ? Reflect.get(v, k) : undefined), value)
    if (typeof holder !== "object" || holder === null) continue
    const name = beside === undefined || beside === "__proto__" ? key : beside
    if (to === undefined) Reflect.deleteProperty(holder, name)
    else Reflect.set(holder, name, to)
  }
  const { checksum: _, ...parts } = value
  return JSON.stringify(sealApprovalSet(parts))
}

test("changed in any way and sealed again, it is rendered in every format, or refused in one sentence", () => {
  let read = 0
  fc.assert(
    fc.property(edits, (changes) => {
      const found = parseApprovalSet(edited(changes))
      if (typeof found === "string") {
        expect(found).toMatch(/^(it|its|parts) [^\n]{5,300}$/)
        return
      }
      read += 1
      for (const render of Object.values(planRenderers)) expect(render(found.plan, WIDE)).not.toBe("")
      expect(renderPlanDiff(rich, found.plan, WIDE)).not.toBe("")
      expect(renderPlanDiffJson(found.plan, rich)).not.toBe("")
    }),
    { numRuns: 400 },
  )
  expect(read).toBeGreaterThan(20)
})

test("nested deeper than any stack, it is refused", () => {
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`
  const text = JSON.stringify(set).replace('"notices":[]', `"notices":${deep}`)
  expect(parseApprovalSet(text)).toMatch(/nested too deep|not JSON/)
})

test("show, diff-plans and apply end with 0 or 1 and a sentence that names the file, never with an internal error", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "cvmimg-shape-"))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  writeFileSync(join(cwd, "whole.json"), JSON.stringify(set))
  const cli = async (...args: readonly string[]) => {
    const text = { stdout: "", stderr: "" }
    const output = (name: "stdout" | "stderr"): Output => ({
      write: (more) => {
        text[name] += more
      },
      isTerminal: false,
      width: 100,
      height: 24,
      color: false,
    })
    const io: Io = {
      stdout: output("stdout"),
      stderr: output("stderr"),
      stdin: new PassThrough() as unknown as NodeJS.ReadStream,
      env: { HOME: cwd },
      cwd,
      clock: systemClock,
      signal: new AbortController().signal,
      interrupted: () => undefined,
    }
    return { code: await run(io, args), ...text }
  }
  await fc.assert(
    fc.asyncProperty(edits, fc.constantFrom(...Object.keys(planFormats)), async (changes, format) => {
      writeFileSync(join(cwd, "edited.json"), edited(changes))
      const ends = [
        await cli("show", "edited.json", "-o", format),
        await cli("diff-plans", "whole.json", "edited.json"),
        await cli("diff-plans", "edited.json", "whole.json", "-o", "json"),
      ]
      for (const { code, stdout, stderr } of ends) {
        expect([0, 1]).toContain(code)
        if (code === 0) expect(stdout).not.toBe("")
        else expect(stderr).toMatch(/^cvmimg: edited\.json cannot be used: [^\n]+\n$/)
        expect(stderr).not.toMatch(/internal error|\n +at /)
      }
    }),
    { numRuns: 60 },
  )
})
