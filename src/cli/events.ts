/** `--log-format json`: everything on standard error is one JSON object per line, plain words included. */
import type { ApplyEvent } from "../model/outcome.ts"
import { eventLog, messageLine } from "../report/progress-json.ts"
import { UsageError } from "./exit.ts"
import type { Io } from "./io.ts"

const LOG_FORMATS = ["text", "json"] as const

export type LogFormat = (typeof LOG_FORMATS)[number]

/** One way to show events. */
export interface Show {
  start(): void
  event(event: ApplyEvent): void
  stop(): void
}

/** Throws UsageError for a format that does not exist. */
export function logFormatOf(text: string | undefined): LogFormat {
  const format = LOG_FORMATS.find((one) => one === (text ?? "text"))
  if (format === undefined) {
    throw new UsageError(`unknown log format '${text ?? ""}'; choose one of ${LOG_FORMATS.join(", ")}`)
  }
  return format
}

/** The same Io, where whatever is written to standard error as text becomes an event of type `message` per line. */
export function withJsonLog(io: Io): Io {
  const write = (text: string): void => {
    for (const line of text.split("\n")) {
      if (line.trim() !== "") io.stderr.write(`${messageLine(line, io.clock.now())}\n`)
    }
  }
  const stderr = { write, isTerminal: false, width: 120, height: 24, color: false }
  return { ...io, stderr }
}

/** Shows events as lines of JSON. `io` is the one without the messages. */
export function eventObjects(io: Io): Show {
  const log = eventLog()
  return {
    start() {},
    event(event) {
      io.stderr.write(`${log.line(event)}\n`)
    },
    stop() {},
  }
}
