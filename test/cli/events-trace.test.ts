// The trace of a run: its spans as a tree, made from events by a tracer that only writes down.
import { expect, test } from "vitest"
import { followSpans, type Span, type StartSpan } from "../../src/cli/telemetry.ts"
import type { ApplyEvent } from "../../src/model/outcome.ts"
import { aFailure, aResult } from "../report/build.ts"
import { events, START } from "../report/events.ts"
import { cvmimg, image, stackOf, world } from "./binary.ts"

interface Written extends Span {
  readonly parent: Span | undefined
  readonly name: string
  readonly startTime: number
  readonly facts: Record<string, string | number>
  readonly notes: string[]
  status?: string
  endTime?: number
}

function tracer(): { start: StartSpan; spans: Written[] } {
  const spans: Written[] = []
  const start: StartSpan = (name, { startTime, attributes }, parent) => {
    const span: Written = {
      parent,
      name,
      startTime,
      facts: { ...attributes },
      notes: [],
      addEvent: (note) => span.notes.push(note),
      setAttributes: (more) => Object.assign(span.facts, more),
      setStatus: ({ code, message }) => {
        span.status = `${code} ${message}`
      },
      end: (at) => {
        expect(span.endTime, name).toBeUndefined()
        span.endTime = at
      },
    }
    spans.push(span)
    return span
  }
  return { start, spans }
}

function traced(list: readonly ApplyEvent[]): Written[] {
  const { start, spans } = tracer()
  const followed = followSpans("golden", start)
  for (const event of list) followed.event(event)
  followed.close(START + 2_000_000)
  return spans
}

/** The spans as an indented tree with their times in seconds and what is worth a look. */
function treeOf(spans: readonly Written[], parent?: Written, depth = 0): string[] {
  return spans
    .filter((span) => span.parent === parent)
    .flatMap((span) => {
      const [from, to] = [span.startTime, span.endTime ?? Number.NaN].map((at) => (at - START) / 1000)
      const region = span.facts["cloud.region"] ?? ""
      const notes = span.notes.length === 0 ? "" : ` (${span.notes.join(", ")})`
      const status = span.status === undefined ? "" : ` !${span.status.split(":")[0]}`
      const line = `${"  ".repeat(depth)}${span.name} ${region} ${from}-${to}${notes}${status}`
      return [line.replaceAll(/ {2}(?=\d)/g, " "), ...treeOf(spans, span, depth + 1)]
    })
}

test("a run, its placements and their steps", () => {
  expect(treeOf(traced(events))).toEqual([
    "cvmimg apply 0-1809 (retried, interrupted)",
    "  create tags 0-1",
    "  rehearse 1-2 (passed, failed)",
    "  import ap-singapore 3-2000 (accepted, state)",
    "    wait for NORMAL ap-singapore 4-2000",
    "  import eu-frankfurt 3-1808 (unclear, state) !2 ImportFailed",
    "  update ap-singapore 3-6",
    "    attributes ap-singapore 3-6",
  ])
})

test("facts: names, ids, codes; no text of a failure, no advice", () => {
  const spans = traced(events)
  const bad = spans.find((span) => span.status !== undefined)
  expect(bad?.facts).toEqual({
    "cvmimg.image": "ubuntu-22.04-base",
    "cvmimg.account": "default",
    "cloud.region": "eu-frankfurt",
    "cvmimg.image_id": "img-fa11ed00",
    "cvmimg.request_id": "0b9d3a3e-6a55-4d2f-8f0f-52a5c7a3b001",
    "cvmimg.outcome": "failed",
    "error.type": "ImportFailed",
    "cvmimg.blame": "manifest",
    "cvmimg.api": "ImportImage",
  })
})

test("an import that becomes NORMAL, retirements of one placement, and what ends before it began", () => {
  const placement = { image: "web", account: "default", region: "ap-singapore" }
  const at = (s: number): number => START + s * 1000
  const removal = (imageId: string, s: number): ApplyEvent[] => [
    { type: "placement.started", at: at(s), placement, action: "delete", imageId },
    { type: "update.started", at: at(s), placement, imageId, step: "removal" },
    { type: "update.settled", at: at(s + 1), placement, imageId, step: "removal" },
    {
      type: "placement.settled",
      at: at(s + 1),
      result: aResult({ ...placement, action: "delete", imageId }),
    },
  ]
  const [one, two] = [removal("img-1", 20), removal("img-2", 20)]
  const list: ApplyEvent[] = [
    { type: "run.started", at: at(0), actions: 4 },
    {
      type: "placement.settled",
      at: at(0),
      result: aResult({ image: "db", action: "refuse", outcome: "skipped" }),
    },
    { type: "placement.started", at: at(1), placement, action: "import" },
    { type: "import.accepted", at: at(2), placement, requestId: "r", imageId: "img-3" },
    { type: "image.state", at: at(9), placement, imageId: "img-3", state: "NORMAL" },
    { type: "update.started", at: at(9), placement, imageId: "img-3", step: "shares" },
    { type: "update.settled", at: at(10), placement, imageId: "img-3", step: "shares", error: aFailure() },
    {
      type: "placement.settled",
      at: at(10),
      result: aResult({ ...placement, outcome: "failed", imageId: "img-3", error: aFailure() }),
    },
    ...one.flatMap((event, i) => [event, two[i]]).filter((event) => event !== undefined),
    { type: "run.settled", at: at(22), results: [] },
  ]
  expect(treeOf(traced(list))).toEqual([
    "cvmimg apply 0-22",
    "  refuse ap-singapore 0-0",
    "  import ap-singapore 1-10 (accepted) !2 UnauthorizedOperation",
    "    wait for NORMAL ap-singapore 2-9",
    "    shares ap-singapore 9-10 !2 UnauthorizedOperation",
    "  delete ap-singapore 20-21",
    "    removal ap-singapore 20-21",
    "  delete ap-singapore 20-21",
    "    removal ap-singapore 20-21",
  ])
})

test("without the SDK one line says so, and the run is as it would be", async () => {
  const { url } = await world()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" }
  const end = await cvmimg(["apply", "--yes", "--endpoint", url], { cwd: stackOf(image("web")), env })
  expect(end.code).toBe(0)
  const lines = end.stderr.split("\n").filter((line) => line.includes("OTEL_"))
  expect(lines).toEqual([
    "OTEL_EXPORTER_OTLP_ENDPOINT is set, but this run is not traced: install @opentelemetry/sdk-node beside cvmimg",
  ])
})
