/** `--metrics-file`: metrics for the textfile collector of the node exporter, which must never see half of a file. */
import { randomBytes } from "node:crypto"
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { systemWords } from "../model/system-error.ts"
import { UnusableFile } from "./exit.ts"

/** Puts the text in the file's place in one step. Throws UnusableFile. */
export function writeMetricsFile(path: string, text: string): void {
  // The collector reads *.prom alone; a name of its own, since two processes may write side by side.
  const beside = `${path}.${randomBytes(6).toString("hex")}.tmp`
  try {
    // Readable to all: the exporter runs as somebody else, and no secret is in it.
    writeFileSync(beside, text, { flag: "wx", mode: 0o644 })
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    throw new UnusableFile(`the metrics file ${path} cannot be written: ${systemWords(error)}`)
  }
}

/** When a run last could read everything, as the file of an earlier run tells; milliseconds since the epoch. */
export function lastSuccessIn(path: string): number | undefined {
  try {
    const text = readFileSync(path, "utf8")
    const seconds = /^cvmimg_drift_last_success_timestamp_seconds\{.*\} ([\d.]+)$/m.exec(text)?.[1]
    return seconds === undefined ? undefined : Number(seconds) * 1000
  } catch {
    return undefined
  }
}
