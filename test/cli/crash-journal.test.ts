// kill -9 between two steps that no call shows: before, within and after each record of the journal. Rows 1, 2, 4.
import { appendFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { folder, image, start } from "./binary.ts"
import { applyTo, converges, heldWorld, journalText, stackWith } from "./crashing.ts"

/**
 * Loaded into the process before the binary: the journal's file handle kills the process by SIGKILL, as a power cut
 * would end it, at the record and the moment that the environment names.
 */
const KILLER = `
const fs = require("node:fs/promises")
const { KILL_RECORD, KILL_AT } = process.env
const die = () => process.kill(process.pid, "SIGKILL")
const { open } = fs
fs.open = async (path, ...rest) => {
  const file = await open(path, ...rest)
  if (!String(path).endsWith(".jsonl")) return file
  let meant = false
  const { appendFile, sync } = file
  file.appendFile = async (bytes) => {
    meant = String(bytes).includes('"type":"' + KILL_RECORD + '"')
    if (meant && KILL_AT === "before it is written") return die()
    return appendFile.call(file, bytes)
  }
  file.sync = async () => {
    if (meant && KILL_AT === "before it is durable") return die()
    await sync.call(file)
    if (meant && KILL_AT === "when it is durable") return die()
  }
  return file
}
require("node:module").syncBuiltinESMExports()
`

const AT = ["before it is written", "before it is durable", "when it is durable"] as const
const RECORDS = ["INTENT", "ACCEPTED", "VISIBLE", "DONE", "SETTLED"] as const
const KILLS = RECORDS.flatMap((record) => AT.map((at) => [record, at] as const))

test.each(KILLS)(
  "killed at %s, %s: the next apply converges, and one import was made",
  async (record, at) => {
    const w = await heldWorld({ duplicateNames: "never", visibilityDelayMs: 300, importMs: 100 })
    // Without tags the import is the only call that is written down.
    const cwd = stackWith([image("web")], "1s")
    appendFileSync(join(cwd, "cvmimg.yaml"), "  provenance: { tags: false }\n")
    const hook = join(folder(), "killer.cjs")
    writeFileSync(hook, KILLER)
    const env = { NODE_OPTIONS: `--require ${hook}`, KILL_RECORD: record, KILL_AT: at }
    const end = await start(applyTo(w), { cwd, env }).ended
    expect(end, end.stdout + end.stderr).toMatchObject({ signal: "SIGKILL" })
    const sent = w.writes.filter((action) => action === "ImportImage").length
    expect(sent).toBe(record === "INTENT" ? 0 : 1)
    // Durable before the call, so that whoever comes next knows of it.
    if (record !== "INTENT" || at === "when it is durable") {
      expect(journalText(cwd)).toContain('"type":"INTENT"')
    }
    await converges(w, cwd)
    expect(w.emulator.ledger.filter(({ action }) => action === "ImportImage")).toHaveLength(1)
  },
  60_000,
)
