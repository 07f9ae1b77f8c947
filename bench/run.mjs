// npm run bench [-- NAME]: measures, prints one table and writes bench/results.json.
//
// A row is a file in bench/rows/ that exports { name, what, goal?, measure } and is listed below. `measure(tools)`
// gives { value, detail? }, or { absent: why } where the binary cannot do it yet. Values are ratios or counts taken
// in one run wherever that is possible: times move too much on a shared machine. `goal` is the most that `value` may
// be. NAME is a row's name or the beginning of several.
import { writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { fileURLToPath } from "node:url"
import doubling from "./rows/doubling.mjs"
import fleetCalls from "./rows/fleet-calls.mjs"
import fleetMemory from "./rows/fleet-memory.mjs"
import fleetNoChecks from "./rows/fleet-no-checks.mjs"
import fleetPure from "./rows/fleet-pure.mjs"
import fleetTime from "./rows/fleet-time.mjs"
import help from "./rows/help.mjs"
import planOne from "./rows/plan-one.mjs"
import planRegion from "./rows/plan-region.mjs"
import validateCold from "./rows/validate-cold.mjs"
import validateMany from "./rows/validate-many.mjs"
import version from "./rows/version.mjs"
import * as tools from "./tools.mjs"

const ROWS = [
  version,
  help,
  validateCold,
  validateMany,
  planOne,
  planRegion,
  fleetTime,
  fleetNoChecks,
  fleetMemory,
  fleetCalls,
  fleetPure,
  doubling,
]

const [wanted = ""] = process.argv.slice(2)
const chosen = ROWS.filter(({ name }) => name.startsWith(wanted))
if (chosen.length === 0) {
  console.error(`no row is named ${wanted}; there are: ${ROWS.map(({ name }) => name).join(", ")}`)
  process.exit(64)
}

const results = []
for (const { name, what, goal, measure } of chosen) {
  let found
  try {
    found = await measure(tools)
  } catch (error) {
    found = { failed: error instanceof Error ? error.message : String(error) }
  }
  results.push({
    name,
    what,
    ...(goal === undefined ? {} : { goal }),
    ...found,
    verdict: verdictOf(found, goal),
  })
}

print(results)
const machine = {
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
  cpus: cpus().length,
}
const report = { formatVersion: 1, measuredAt: new Date().toISOString(), machine, rows: results }
writeFileSync(fileURLToPath(new URL("results.json", import.meta.url)), `${JSON.stringify(report, null, 2)}\n`)
process.exitCode = results.some(({ verdict }) => verdict === "failed") ? 1 : 0

function verdictOf({ value, absent, failed }, goal) {
  if (failed !== undefined) return "failed"
  if (absent !== undefined) return "absent"
  if (goal === undefined) return "-"
  return value <= goal ? "ok" : "short"
}

function print(rows) {
  const head = ["name", "what", "value", "goal", "verdict", "detail"]
  const cells = rows.map(({ name, what, value, goal, verdict, detail, absent, failed }) => [
    name,
    what,
    value === undefined ? "" : value.toFixed(2),
    goal === undefined ? "" : String(goal),
    verdict,
    failed ?? absent ?? detail ?? "",
  ])
  const widths = head.map((_, i) => Math.max(...[head, ...cells].map((row) => row[i].length)))
  for (const row of [head, ...cells])
    console.log(
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join("  ")
        .trimEnd(),
    )
}
