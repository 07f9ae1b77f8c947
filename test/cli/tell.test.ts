// Who is told what over several reports: each receiver on its own memory, over real HTTP.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import type { Io } from "../../src/cli/io.ts"
import { parseReceivers, type Told, type ToldResult, tell } from "../../src/cli/tell.ts"
import { systemClock } from "../../src/cloud/clock.ts"
import type { DriftReport, DriftRow } from "../../src/model/drift.ts"
import { AT, aReport } from "../notify/build.ts"
import { answer, type Receiver, receiver } from "../notify/receiver.ts"
import { folder } from "./binary.ts"

const HOUR = 3_600_000
const CANARY = "T000-CANARY-4711"

function row(image: string, verdict: DriftRow["verdict"], more: Partial<DriftRow> = {}): DriftRow {
  return {
    image,
    account: "default",
    region: "ap-singapore",
    verdict,
    reasons: verdict === "drifted" ? ["cloud_moved"] : ["in_sync"],
    changes: [],
    manifest: { file: "images/a.yaml", line: 1, column: 1 },
    ...more,
  }
}

/** Runs one after the other; each knows what the one before left. */
function runs(
  notify: readonly string[],
  how: { env?: NodeJS.ProcessEnv; cwd?: string; heartbeatMs?: number } = {},
) {
  let told: Told = {}
  let said = ""
  let at = AT
  const io = {
    env: how.env ?? {},
    cwd: how.cwd ?? "/",
    clock: { ...systemClock, sleep: async () => {} },
    signal: new AbortController().signal,
    stderr: { write: (text: string) => (said += text) },
  } as unknown as Io
  return {
    said: () => said,
    told: () => told,
    async next(rows: readonly DriftRow[], more: Partial<DriftReport> = {}): Promise<ToldResult> {
      at += HOUR
      const result = await tell(io, aReport({ at, placements: rows, ...more }), told, {
        receivers: parseReceivers(notify),
        allowHttp: false,
        ...(how.heartbeatMs === undefined ? {} : { heartbeatMs: how.heartbeatMs }),
      })
      told = result.told
      return result
    },
  }
}

/** What a receiver was told, message by message: images that are new, and images that healed. */
function heard({ received }: Receiver): string[] {
  return received.map(({ body }) => {
    const n = JSON.parse(body)
    const names = (list: { image: string }[]): string => list.map((i) => i.image).join(",")
    return `${n.event}: new ${names(n.new) || "-"}, healed ${names(n.healed) || "-"}, as before ${n.unchanged}`
  })
}

describe("over several runs", () => {
  test("only what is new and what healed is told", async () => {
    const r = await receiver()
    const run = runs([`json=${r.url}`])
    await run.next([row("a", "in_sync"), row("b", "in_sync")])
    await run.next([row("a", "drifted"), row("b", "in_sync")])
    await run.next([row("a", "drifted"), row("b", "in_sync")])
    await run.next([row("a", "drifted"), row("b", "drifted")])
    await run.next([row("a", "in_progress"), row("b", "unknown")])
    await run.next([row("a", "in_sync"), row("b", "drifted")])
    await run.next([row("b", "drifted", { reasons: ["cloud_moved", "gone:img-1"] })])
    await run.next([])
    expect(heard(r)).toEqual([
      "drift: new a, healed -, as before 0",
      "drift: new b, healed -, as before 1",
      "drift: new -, healed a, as before 1",
      "drift: new b, healed -, as before 0",
      "drift: new -, healed b, as before 0",
    ])
    expect(run.said()).toBe("")
  })

  test("what was not accepted is told with the next run, to that receiver alone", async () => {
    const [good, bad] = [await receiver(), await receiver()]
    const run = runs([`json=${good.url}`, `json=${bad.url}2`])
    bad.answers.push(answer(403, `no: ${CANARY}`))
    const first = await run.next([row("a", "drifted")])
    expect(first.undelivered).toEqual({ json: 1 })
    expect(run.said()).toMatch(
      /^cvmimg: not notified: json \(127\.0\.0\.1:\d+\): notify_refused: 403\n {2}.*next run/,
    )
    expect(run.said()).not.toContain(CANARY)
    const second = await run.next([row("a", "drifted"), row("b", "drifted")])
    expect(second.undelivered).toEqual({ json: 0 })
    expect(heard(good)).toEqual([
      "drift: new a, healed -, as before 0",
      "drift: new b, healed -, as before 1",
    ])
    expect(heard(bad)).toEqual([
      "drift: new a, healed -, as before 0",
      "drift: new a,b, healed -, as before 0",
    ])
  })

  test("what healed before it could be told is no news; what was told and healed unheard is", async () => {
    const r = await receiver()
    const run = runs([`json=${r.url}`])
    r.answers.push(answer(403))
    await run.next([row("a", "drifted")])
    await run.next([row("a", "in_sync")])
    await run.next([row("a", "drifted")])
    r.answers.push(answer(403))
    await run.next([row("a", "in_sync")])
    await run.next([row("a", "in_sync")])
    expect(heard(r).slice(1)).toEqual([
      "drift: new a, healed -, as before 0",
      "drift: new -, healed a, as before 0",
      "drift: new -, healed a, as before 0",
    ])
  })

  test("a heartbeat is sent when nothing was for so long, and says what is still open", async () => {
    const r = await receiver()
    const run = runs([`json=${r.url}`], { heartbeatMs: 3 * HOUR })
    await run.next([row("a", "in_sync")])
    await run.next([row("a", "in_sync")])
    await run.next([row("a", "drifted")])
    for (let i = 0; i < 6; i++) await run.next([row("a", "drifted")])
    expect(heard(r)).toEqual([
      "heartbeat: new -, healed -, as before 0",
      "drift: new a, healed -, as before 0",
      "heartbeat: new -, healed -, as before 1",
      "heartbeat: new -, healed -, as before 1",
    ])
  })

  test("a selection does not make what it leaves out well", async () => {
    const r = await receiver()
    const run = runs([`json=${r.url}`])
    await run.next([row("a", "drifted"), row("b", "drifted")])
    await run.next([row("b", "drifted")], { notConsidered: 1 })
    expect(heard(r)).toHaveLength(1)
  })
})

describe("where addresses come from", () => {
  test("a variable and a file, read for each run; a receiver keeps its memory when they change", async () => {
    const [one, two] = [await receiver(), await receiver()]
    const cwd = folder({ hook: `${one.url}\n`, key: "first\n" })
    const run = runs(["json=@hook,secret=@key", "slack=env:HOOK"], { cwd, env: { HOOK: one.url } })
    await run.next([row("a", "drifted")])
    writeFileSync(join(cwd, "hook"), two.url)
    await run.next([row("a", "drifted"), row("b", "drifted")])
    expect(heard(two)).toEqual(["drift: new b, healed -, as before 1"])
    expect(Object.keys(run.told()).sort()).toEqual(["json:file:hook", "slack:env:HOOK"])
  })

  test("one that is missing is said, and fails nothing else", async () => {
    const r = await receiver()
    const run = runs(["slack=env:NOT_SET", `json=${r.url}`, "wecom=@missing"])
    const { undelivered } = await run.next([row("a", "drifted")])
    expect(undelivered).toEqual({ slack: 1, json: 0, wecom: 1 })
    expect(run.said()).toContain("slack: environment variable NOT_SET is not there or empty")
    expect(run.said()).toContain("wecom: file missing is not there or empty")
    expect(heard(r)).toHaveLength(1)
  })

  test("a receiver that is named twice is wrong usage, told without its address", () => {
    const twice = `slack=https://hooks.slack.com/${CANARY}`
    expect(() => parseReceivers([twice, twice])).toThrow("--notify names one receiver of kind slack twice")
    expect(() => parseReceivers([`fax=https://x/${CANARY}`])).toThrow(/^(?!.*CANARY)/)
  })
})
