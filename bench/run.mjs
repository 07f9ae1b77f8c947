// npm run bench [-- NAME]: measures, prints one table and writes bench/results.json. Needs nothing but this repository.
//
// A row is a file in bench/rows/ that is listed below and exports { goal, name, what, most | least, unit?, anchor?,
// measure }. `goal` is a goal of docs/performance.md, G1 to G9; several rows may belong to one. `measure(tools)` gives
// { value, wallMs?, cpuMs?, cpuRatio?, detail? }, or { absent: why } where the product cannot do it yet. Values are
// ratios or counts taken in one run, alternating with what they are a ratio to: times move too much on a shared machine.
// `most` or `least` is what `value` may be; rows that follow each other and have `waits` spend hardly any CPU and run
// side by side. `anchor` says what others need. NAME is a goal, a row's name or the beginning of several.
import { writeFileSync } from "node:fs"
import { cpus, loadavg } from "node:os"
import { fileURLToPath } from "node:url"
import applyRate from "./rows/apply-rate.mjs"
import applyRefused from "./rows/apply-refused.mjs"
import applyThrottled from "./rows/apply-throttled.mjs"
import applyWindow from "./rows/apply-window.mjs"
import doubling from "./rows/doubling.mjs"
import fleetCalls from "./rows/fleet-calls.mjs"
import fleetFar from "./rows/fleet-far.mjs"
import fleetLists from "./rows/fleet-lists.mjs"
import fleetMemory from "./rows/fleet-memory.mjs"
import fleetPure from "./rows/fleet-pure.mjs"
import fleetTime from "./rows/fleet-time.mjs"
import help from "./rows/help.mjs"
import listing from "./rows/listing.mjs"
import packaged from "./rows/package.mjs"
import pendingCalls from "./rows/pending-calls.mjs"
import pendingCpu from "./rows/pending-cpu.mjs"
import pendingMemory from "./rows/pending-memory.mjs"
import planOne from "./rows/plan-one.mjs"
import planRegion from "./rows/plan-region.mjs"
import reviewMany from "./rows/review-many.mjs"
import sdkCall from "./rows/sdk-call.mjs"
import validateCold from "./rows/validate-cold.mjs"
import validateJsYaml from "./rows/validate-js-yaml.mjs"
import validateMany from "./rows/validate-many.mjs"
import validateWarm from "./rows/validate-warm.mjs"
import version from "./rows/version.mjs"
import * as tools from "./tools.mjs"

const ROWS = [
  version,
  help,
  validateCold,
  validateWarm,
  validateMany,
  reviewMany,
  validateJsYaml,
  sdkCall,
  planOne,
  planRegion,
  fleetCalls,
  fleetLists,
  listing,
  fleetFar,
  fleetTime,
  applyRate,
  applyWindow,
  applyRefused,
  applyThrottled,
  pendingCalls,
  pendingCpu,
  pendingMemory,
  fleetMemory,
  fleetPure,
  doubling,
  packaged,
]

const [wanted = ""] = process.argv.slice(2)
const chosen = ROWS.filter(({ goal, name }) => goal === wanted.toUpperCase() || name.startsWith(wanted))
if (chosen.length === 0) {
  const names = ROWS.map(({ goal, name }) => `${goal} ${name}`).join(", ")
  console.error(`no goal or row is named ${wanted}; there are: ${names}`)
  process.exit(64)
}

const started = performance.now()
const results = []
for (let i = 0; i < chosen.length; ) {
  let end = i + 1
  // Rows that mostly wait are measured at once.
  if (chosen[i].waits) while (chosen[end]?.waits) end++
  results.push(...(await Promise.all(chosen.slice(i, end).map(measured))))
  i = end
}

print(results)
const machine = {
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
  cpus: cpus().length,
  load: loadavg(),
}
const report = {
  formatVersion: 2,
  measuredAt: new Date().toISOString(),
  seconds: Math.round((performance.now() - started) / 1000),
  machine,
  rows: results,
}
writeFileSync(fileURLToPath(new URL("results.json", import.meta.url)), `${JSON.stringify(report, null, 2)}\n`)
process.exitCode = results.some(({ verdict }) => verdict === "failed") ? 1 : 0

async function measured({ measure, waits: _, ...row }) {
  const begun = performance.now()
  let found
  try {
    found = await measure(tools)
  } catch (error) {
    found = { failed: error instanceof Error ? error.message : String(error) }
  }
  const seconds = Math.round((performance.now() - begun) / 100) / 10
  const verdict = verdictOf(found, row)
  // The whole takes minutes: whoever waits sees that it goes on.
  process.stderr.write(`${row.goal} ${row.name}: ${found.value?.toFixed(2) ?? ""} ${verdict}, ${seconds} s\n`)
  return { ...row, ...found, verdict, measuredInSeconds: seconds }
}

function verdictOf({ value, absent, failed }, { most, least }) {
  if (failed !== undefined) return "failed"
  if (absent !== undefined) return "absent"
  if (most === undefined && least === undefined) return "-"
  return (most === undefined || value <= most) && (least === undefined || value >= least) ? "ok" : "short"
}

function print(rows) {
  const head = ["goal", "row", "value", "wanted", "verdict", "wall", "CPU", "what", "others", "detail"]
  const cells = rows.map((row) => [
    row.goal,
    row.name,
    row.value === undefined ? "" : `${row.value.toFixed(2)}${row.unit ?? ""}`,
    wantedOf(row),
    row.verdict,
    inSeconds(row.wallMs),
    inSeconds(row.cpuMs),
    row.what,
    row.anchor ?? "",
    row.failed ?? row.absent ?? row.detail ?? "",
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

function wantedOf({ most, least, unit = "" }) {
  if (most !== undefined) return `<= ${most}${unit}`
  return least === undefined ? "" : `>= ${least}${unit}`
}

function inSeconds(ms) {
  return ms === undefined ? "" : `${(ms / 1000).toFixed(2)} s`
}
