// Events as JSON: a golden that a person can read, the schema, and the page that tells of them.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { expect, test } from "vitest"
import { type ApplyEvent, OUTCOMES } from "../../src/model/outcome.ts"
import { VERBS } from "../../src/model/plan.ts"
import { eventLog, messageLine } from "../../src/report/progress-json.ts"
import { aFailure } from "./build.ts"
import { events, START } from "./events.ts"

const read = (path: string): string => readFileSync(join(import.meta.dirname, "../..", path), "utf8")
const schema = JSON.parse(read("schemas/event.schema.json"))
const { placement: _, failure, ...shapes } = schema.$defs
const valid = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema)

const lines = (() => {
  const log = eventLog()
  return [...events.map((event) => log.line(event)), messageLine("Nothing was changed.", START)]
})()

test("one run, line by line", async () => {
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("golden/events.jsonl")
})

test("every line holds to the schema, and every type of the model is among them", () => {
  for (const line of lines)
    expect(valid(JSON.parse(line)), `${line} ${JSON.stringify(valid.errors)}`).toBe(true)
  const types: Record<ApplyEvent["type"], true> = {
    "run.started": true,
    "tags.started": true,
    "tags.settled": true,
    "rehearsal.started": true,
    "rehearsal.checked": true,
    "rehearsal.settled": true,
    "placement.started": true,
    "import.accepted": true,
    "import.unclear": true,
    "image.state": true,
    "update.started": true,
    "update.settled": true,
    "call.retried": true,
    interrupted: true,
    "placement.settled": true,
    "run.settled": true,
  }
  const all = [...Object.keys(types), "message"].sort()
  expect(Object.keys(shapes).sort()).toEqual(all)
  expect(schema.oneOf.map((one: { $ref: string }) => one.$ref.split("/").at(-1)).sort()).toEqual(all)
  expect([...new Set(lines.map((line) => JSON.parse(line).type))].sort()).toEqual(all)
})

test("steps and the run have durations, retries their attempt", () => {
  const values = lines.map((line) => JSON.parse(line))
  const of = (type: string) => values.find((value) => value.type === type)
  expect(of("update.settled").durationMs).toBe(3000)
  expect(of("run.settled")).toMatchObject({ durationMs: 1_809_000, outcomes: { failed: 1 } })
  const retried = { type: "call.retried", at: START, failure: aFailure(), delayMs: 0.4, attempt: 3 } as const
  expect(JSON.parse(eventLog().line(retried))).toMatchObject({ attempt: 3, delayMs: 0 })
})

test("the schema has the words of the model and the failure of results", () => {
  expect(shapes["placement.settled"].properties.action.enum).toEqual(VERBS)
  expect(shapes["placement.settled"].properties.outcome.enum).toEqual(OUTCOMES)
  expect(Object.keys(shapes["run.settled"].properties.outcomes.properties)).toEqual(OUTCOMES)
  expect(failure).toEqual(JSON.parse(read("schemas/apply.schema.json")).$defs.failure)
})

test("docs/events.md tells every type with its keys, and its example holds", () => {
  const page = read("docs/events.md")
  const rows = new Map(
    [...page.matchAll(/^\| `([\w.]+)` \| [^|]+ \|([^|]*)\|$/gm)].map(([, type = "", keys = ""]) => [
      type,
      keys,
    ]),
  )
  const told = Object.fromEntries(
    Object.entries(shapes as Record<string, { required: string[]; properties: object }>).map(
      ([type, shape]) => {
        const keys = Object.keys(shape.properties).filter(
          (key) => !["formatVersion", "type", "time"].includes(key),
        )
        return [type, keys.map((key) => (shape.required.includes(key) ? key : `${key}?`)).sort()]
      },
    ),
  )
  const written = Object.fromEntries(
    [...rows]
      .filter(([type]) => type in told)
      .map(([type, keys]) => [type, (keys.match(/[\w?]+/g) ?? []).sort()]),
  )
  expect(written).toEqual(told)
  for (const [, json = ""] of page.matchAll(/```json\n(.*)\n```/g)) expect(valid(JSON.parse(json))).toBe(true)
})
