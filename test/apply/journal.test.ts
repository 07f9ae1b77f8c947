// The journal of one run: an intent is durable before its call, and what cannot be written is not sent.
import { describe, expect, test } from "vitest"
import { Journal, type Sink } from "../../src/apply/journal.ts"
import { foundOf, isImageOf } from "../../src/apply/journal-open.ts"
import { decodeRecord, type JournalRecord } from "../../src/apply/journal-record.ts"
import { estimateOf, type Past, pastOf } from "../../src/apply/journal-state.ts"
import type { OpenIntent } from "../../src/model/intent.ts"
import { anImport, anUpdate, aPlan, aReplace, HERE, type Ran, run, stamped, THERE } from "./support/build.ts"
import { lost } from "./support/fake-cloud.ts"
import { type World, world } from "./support/halfway.ts"

interface Memory extends Sink {
  text: string
  /** Appends that are let through. */
  left: number
}

function memory(left = Number.POSITIVE_INFINITY): Memory {
  return {
    text: "",
    left,
    async append(text) {
      await Promise.resolve()
      this.left -= 1
      if (this.left < 0) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" })
      this.text += text
    },
    close: () => Promise.resolve(),
  }
}

const recordsOf = ({ text }: Memory): readonly JournalRecord[] =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line, n) => decodeRecord(line, n))
    .filter((r): r is JournalRecord => typeof r === "object")

const told = (m: Memory): readonly string[] =>
  recordsOf(m).map((r) => ("call" in r ? `${r.type} ${r.call} ${r.image}` : r.type))

const NOTHING: Past = pastOf([])

function journalOf({ clock }: World, sink: Sink, past: Past = NOTHING): Journal {
  return new Journal({ sink, clock, run: "r", past })
}

async function applied(
  w: World,
  plan: Parameters<typeof run>[0],
  journal: Journal,
  more: Parameters<typeof run>[2] = {},
): Promise<Ran> {
  const ran = await run(plan, { ...w, journal } as World, more)
  await journal.close()
  return ran
}

/** The past that a journal of these records leaves. */
const pastIn = (...sinks: readonly Memory[]): Past => pastOf(sinks.flatMap(recordsOf))

describe("what is written", () => {
  test("each call: its intent before, its outcome after, and how the import ends", async () => {
    const w = world()
    const sink = memory()
    const seen: string[] = []
    w.cloud.script = ({ verb }) => {
      if (verb === "import") seen.push(...told(sink))
      return undefined
    }
    const plan = aPlan(anImport("a", { afterwards: { shares: { add: ["100000000009"], remove: [] } } }))
    expect((await applied(w, plan, journalOf(w, sink))).of("a").outcome).toBe("done")
    expect(seen).toEqual(["INTENT ImportImage a"])
    expect(told(sink)).toEqual([
      "INTENT ImportImage a",
      "ACCEPTED",
      "VISIBLE",
      "DONE",
      "INTENT ModifyImageSharePermission a",
      "ACCEPTED",
      "SETTLED",
    ])
    expect(pastIn(sink)).toMatchObject({
      open: [],
      unfinished: [],
      took: [{ format: "qcow2", region: HERE.region }],
      arrived: [{ image: "a", ...HERE, imageId: expect.stringMatching(/^img-/) }],
    })
  })

  test("an image that a run deletes itself is not one that stood there last", async () => {
    const w = world()
    const sink = memory()
    const later = memory()
    await applied(w, aPlan(anImport("a")), journalOf(w, sink))
    const imageId = pastIn(sink).arrived[0]?.imageId ?? ""
    const journal = journalOf(w, later)
    await journal.intent({ image: "a", ...HERE, call: "DeleteImages", parameters: { imageId } })
    expect(imageId).toMatch(/^img-/)
    expect(pastIn(sink, later).arrived).toEqual([])
  })

  test("neither the query of a URL nor who is named in it, nor texts", async () => {
    const w = world()
    const sink = memory()
    const url = "https://me:secret@golden.cos.ap-singapore.myqcloud.com/a.qcow2?q-signature=abcdef#x"
    const description = stamped("a", undefined, undefined, "a text")
    await applied(w, aPlan(anImport("a", { request: { url, description } })), journalOf(w, sink))
    for (const secret of ["me:", "secret", "q-sig", "abcdef", "a text"])
      expect(sink.text).not.toContain(secret)
    expect(sink.text).toContain("https://golden.cos.ap-singapore.myqcloud.com/a.qcow2")
  })

  test("a lost reply is UNKNOWN, a refused call NOT_ACCEPTED", async () => {
    const w = world()
    const sink = memory()
    w.cloud.script = ({ verb, about }) =>
      verb === "import" && about === "a" ? { failure: lost() } : undefined
    await applied(w, aPlan(anImport("a"), anImport("b")), journalOf(w, sink))
    expect(told(sink)).toContain("UNKNOWN")
    expect(pastIn(sink).open).toMatchObject([{ image: "a", state: "unknown", name: "a" }])
  })

  test("many records become durable together", async () => {
    const w = world()
    const sink = memory()
    let appends = 0
    const names = Array.from({ length: 50 }, (_, i) => `image-${i}`)
    const append = (text: string): Promise<void> => {
      appends += 1
      return sink.append(text)
    }
    const counting: Sink = { append, close: sink.close }
    await applied(w, aPlan(...names.map((n) => anImport(n))), journalOf(w, counting), {
      settings: { concurrency: 50 },
    })
    expect(recordsOf(sink).length).toBe(50 * 5)
    expect(appends).toBeLessThan(60)
  })
})

describe("what cannot be written", () => {
  test("is not sent, and nothing else is", async () => {
    const w = world()
    const id = w.cloud.put(HERE, { name: "u", description: stamped("u") })
    const plan = aPlan(anImport("a"), anImport("b", THERE), anUpdate("u", { imageId: id }))
    const journal = journalOf(w, memory(0))
    const { report } = await applied(w, plan, journal)
    expect(w.cloud.count("import") + w.cloud.count("modify")).toBe(0)
    expect(report.results.map((r) => r.error?.code)).toContain("ClientError.Journal")
    for (const { outcome } of report.results) expect(["failed", "skipped"]).toContain(outcome)
    expect(journal.failure?.message).toContain("ENOSPC")
  })

  test("of what was accepted is kept in memory; it is waited for, and nothing new is sent", async () => {
    const w = world()
    const sink = memory(1)
    const journal = journalOf(w, sink)
    const shares = { shares: { add: ["100000000009"], remove: [] } }
    const { of } = await applied(w, aPlan(anImport("a"), anImport("b", { afterwards: shares })), journal, {
      settings: { concurrency: 2 },
    })
    expect(told(sink)).toEqual(["INTENT ImportImage a", "INTENT ImportImage b"])
    expect(of("a").outcome).toBe("done")
    expect(of("b")).toMatchObject({ outcome: "skipped", reason: "journal_failed" })
    expect(w.cloud.count("shares")).toBe(0)
    expect(journal.unwritten.filter(({ type }) => type === "ACCEPTED")).toHaveLength(2)
  })
})

const HOUR = 3_600_000

describe("an import of an earlier run that may stand somewhere", () => {
  const intent = (w: World, parts: Partial<OpenIntent> = {}): OpenIntent => ({
    ...HERE,
    image: "a",
    attempt: "old.1",
    at: w.clock.now() - 60_000,
    state: "intent",
    name: "a",
    stamp: stamped("a"),
    others: [],
    ...parts,
  })

  test("is not sent before the window is over, and then once", async () => {
    const w = world()
    const sink = memory()
    const begun = w.clock.now()
    const journal = journalOf(w, sink, { ...NOTHING, open: [intent(w)] })
    const { of, events } = await applied(w, aPlan(anImport("a"), anImport("b")), journal)
    expect(of("a").outcome).toBe("done")
    const at = events.find((e) => e.type === "import.accepted" && e.placement.image === "a")?.at ?? 0
    expect(at - begun).toBeGreaterThanOrEqual(1_800_000 - 60_000)
    expect(w.cloud.calls.filter((c) => c.verb === "import" && c.about === "a")).toHaveLength(1)
    expect(of("b").durationMs).toBeLessThan(HOUR / 20)
    expect(recordsOf(sink)).toContainEqual(
      expect.objectContaining({ type: "FAILED", attempt: "old.1", code: "absent" }),
    )
  })

  test("is looked for three times even when the window is over", async () => {
    const w = world()
    const journal = journalOf(w, memory(), { ...NOTHING, open: [intent(w, { at: w.clock.now() - HOUR })] })
    await applied(w, aPlan(anImport("a")), journal)
    const sentAt = w.cloud.calls.findIndex(({ verb }) => verb === "import")
    const lists = w.cloud.calls.slice(0, sentAt).filter(({ verb }) => verb === "list")
    expect(lists.length).toBeGreaterThanOrEqual(3)
  })

  test("is gone on with when it shows", async () => {
    const w = world({ visibleAfterMs: 900_000 })
    const first = memory()
    const stop = new AbortController()
    const died = journalOf(w, first)
    w.cloud.script = ({ verb }) => {
      if (verb !== "import") return undefined
      stop.abort()
      return { failure: lost(), carriedOut: true }
    }
    await applied(w, aPlan(anImport("a")), died, { signal: stop.signal })
    w.cloud.script = () => undefined
    const second = memory()
    const { of } = await applied(w, aPlan(anImport("a")), journalOf(w, second, pastIn(first)))
    expect(of("a").outcome).toBe("done")
    expect(w.cloud.count("import")).toBe(1)
    expect(pastIn(first, second)).toMatchObject({ open: [], unfinished: [] })
  })

  test("of another spec that shows ends the action: the plan is out of date", async () => {
    const w = world()
    const stamp = stamped("a", "eeeeeeeeeeeeeeee")
    const id = w.cloud.put(HERE, { name: "a-elsewhere", description: stamp }, 60_000)
    const open = [intent(w, { name: "a-elsewhere", stamp })]
    const { of } = await applied(w, aPlan(anImport("a")), journalOf(w, memory(), { ...NOTHING, open }))
    expect(of("a")).toMatchObject({
      outcome: "failed",
      imageId: id,
      error: { code: "ClientError.EarlierImport" },
    })
    expect(w.cloud.count("import")).toBe(0)
  })

  test("was seen, and is gone: three listings are enough", async () => {
    const w = world()
    const open = [intent(w, { state: "visible", imageId: "img-gone0000" })]
    const { of } = await applied(w, aPlan(anImport("a")), journalOf(w, memory(), { ...NOTHING, open }))
    expect(of("a").outcome).toBe("done")
    expect(of("a").durationMs).toBeLessThan(HOUR / 20)
  })

  test("also where a record may be missing, for every import", async () => {
    const w = world()
    const begun = w.clock.now()
    const journal = journalOf(w, memory(), { ...NOTHING, doubt: begun - 1_000 })
    const { events } = await applied(w, aPlan(anImport("a"), aReplace("b", { old: undefined })), journal)
    for (const e of events) if (e.type === "import.accepted") expect(e.at - begun).toBeGreaterThan(1_700_000)
  })

  test("does not hold a run up that does not wait, nor is it sent by it", async () => {
    const w = world()
    const open = [
      intent(w),
      intent(w, { image: "b", name: "b", attempt: "old.2", state: "accepted", requestId: "r" }),
    ]
    const { of } = await applied(
      w,
      aPlan(anImport("a"), anImport("b")),
      journalOf(w, memory(), { ...NOTHING, open }),
      {
        options: { wait: false },
      },
    )
    expect(of("a")).toMatchObject({ outcome: "unknown", error: { code: "ClientError.MaybeImporting" } })
    expect(of("b")).toMatchObject({ outcome: "running", requestId: "r" })
    expect(w.cloud.count("import")).toBe(0)
  })
})

describe("records and listings", () => {
  const intent: OpenIntent = {
    ...HERE,
    image: "a",
    attempt: "r.1",
    at: 0,
    state: "accepted",
    name: "a.next-00112233",
    stamp: stamped("a"),
    others: ["img-other000"],
  }
  const image = (parts: object) =>
    ({ id: "img-1", name: "a", description: stamped("a"), state: "NORMAL", ...parts }) as never

  test.each([
    [{}, true],
    [{ name: "a.next-00112233" }, true],
    [{ name: "a.prev-img-1" }, true],
    [{ description: `text ${stamped("a").replace("bbbbbbbb]", "cccccccc]")}` }, true],
    [{ name: "b" }, false],
    [{ id: "img-other000" }, false],
    [{ description: "" }, false],
    [{ description: stamped("a", "ffffffffffffffff") }, false],
  ])("an image %j is the import's: %s", (parts, is) => {
    expect(isImageOf(intent, image(parts))).toBe(is)
    const scopes = [{ ...HERE, images: [image(parts)] }]
    expect(foundOf([intent], { scopes })).toHaveLength(is ? 1 : 0)
  })

  test("say the same in whatever order they are read", async () => {
    const w = world()
    const sink = memory()
    w.cloud.script = ({ verb, about }) =>
      verb === "import" && about === "a" ? { failure: lost() } : undefined
    await applied(w, aPlan(anImport("a"), anImport("b")), journalOf(w, sink))
    const records = recordsOf(sink)
    expect(pastOf([...records].reverse())).toEqual(pastOf(records))
  })

  test("estimates are medians of the format, of the region where there are any", () => {
    const took = [1, 2, 30].map((ms) => ({ format: "raw", region: "here", ms }))
    const there = [{ format: "raw", region: "there", ms: 100 }]
    expect(estimateOf([...took, ...there], "raw", "here")).toBe(2)
    expect(estimateOf([...took, ...there], "raw", "there")).toBe(100)
    expect(estimateOf(took, "raw", "elsewhere")).toBe(2)
    expect(estimateOf(took, "vhd", "here")).toBeUndefined()
  })
})
