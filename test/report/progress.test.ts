// What an apply says while it runs: a line per event, or rows on a terminal.
import { expect, test } from "vitest"
import { progressLine } from "../../src/report/progress.ts"
import { PROGRESS_START, progressState, renderProgress } from "../../src/report/progress-live.ts"
import { events, START } from "./events.ts"

const after = (count: number) => events.slice(0, count).reduce(progressState, PROGRESS_START)
const paper = { width: 80, height: 10, color: false, unicode: false }

test("one line per event, in UTC", async () => {
  const lines = events.flatMap((event) => progressLine(event) ?? [])
  expect(lines).toHaveLength(16)
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("golden/progress.txt")
})

test("times from the start, where that is given", () => {
  const event = events.find((e) => e.type === "image.state")
  expect(event && progressLine(event, { since: START })).toBe(
    "+00:00:34  ubuntu-22.04-base  ap-singapore  img-8toqc6s3 IMPORTING 42%",
  )
})

test("before anything is under way, the phase", () => {
  expect(renderProgress(PROGRESS_START, START, paper)).toEqual(["00:00:00  starting"])
  expect(renderProgress(after(4), START + 1500, paper)).toEqual(["00:00:01  rehearsing 2  3 waiting"])
})

test("rows of what is under way, then what is settled, then the counts", () => {
  const drawn = renderProgress(after(18), START + 40_000, paper)
  expect(drawn).toEqual([
    "  + debian-12-base     ap-singapore     3.0s  done  img-deb00001",
    "  | ubuntu-22.04-base  ap-singapore      37s  IMPORTING 42%  img-8toqc6s3",
    "  | ubuntu-22.04-base  eu-frankfurt      37s  IMPORTING  img-fa11ed00",
    "00:00:40  2 under way  1 done  1 retried",
  ])
})

test("the spinner follows the time", () => {
  const marks = [0, 80, 160, 240, 320].map((ms) => renderProgress(after(9), START + ms, paper)[0]?.charAt(2))
  expect(marks).toEqual(["|", "/", "-", "\\", "|"])
})

test("more rows than lines are folded", () => {
  const many = Array.from({ length: 50 }, (_, i) => ({
    type: "placement.started" as const,
    at: START + i,
    placement: { image: `image-${i}`, account: "default", region: "ap-singapore" },
    action: "import" as const,
  }))
  const state = many.reduce(
    progressState,
    progressState(PROGRESS_START, { type: "run.started", at: START, actions: 60 }),
  )
  const drawn = renderProgress(state, START + 1000, { ...paper, height: 5 })
  expect(drawn).toHaveLength(5)
  expect(drawn.slice(-2)).toEqual(["    and 47 more under way", "00:00:01  10 waiting  50 under way"])
})

test("an interruption and a failure are seen", () => {
  const drawn = renderProgress(after(20), START + 1_808_000, paper)
  expect(drawn.at(-1)).toBe(
    "00:30:08  interrupted, again leaves at once  1 under way  1 done  1 failed  1...",
  )
})

test("a state is not changed by the next one", () => {
  const before = after(8)
  const copy = new Map(before.rows)
  progressState(before, events[11] ?? (events[0] as never))
  expect(before.rows).toEqual(copy)
})
