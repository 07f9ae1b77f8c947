/**
 * An apply while it runs, on standard error: live rows on a terminal, a line per event elsewhere, an object per event
 * where --log-format json asks for it.
 */
import { createLogUpdate } from "log-update"
import type { Failure } from "../model/failure.ts"
import type { ApplyEvent, ApplyReport } from "../model/outcome.ts"
import { progressLine } from "../report/progress.ts"
import { followProgress, ownProgress, renderProgress } from "../report/progress-live.ts"
import { eventObjects, type LogFormat, type Show } from "./events.ts"
import type { Io } from "./io.ts"

export interface Progress {
  /** To be told of calls that are made again. */
  readonly retried: (failure: Failure, delayMs: number, attempt: number) => void
  /** Shows the events of a run and gives its report. `also` is told of each event as well. */
  follow(
    run: AsyncGenerator<ApplyEvent, ApplyReport, void>,
    also?: (event: ApplyEvent) => void,
  ): Promise<ApplyReport>
  /** Leaves the terminal as it was. */
  close(): void
}

const REPAINT_MS = 100

/** Picks the way to show progress that the stream can take. */
export function showProgress(io: Io, format: LogFormat): Progress {
  const live = io.stderr.isTerminal && io.env.TERM !== "dumb" && io.env.CI === undefined
  const show = format === "json" ? eventObjects(io) : live ? liveRows(io) : eventLines(io)
  let listener: ((event: ApplyEvent) => void) | undefined
  const tell = (event: ApplyEvent): void => {
    show.event(event)
    listener?.(event)
  }
  return {
    retried: (failure, delayMs, attempt) =>
      tell({ type: "call.retried", at: io.clock.now(), failure, delayMs, attempt }),
    async follow(run, also) {
      listener = also
      show.start()
      for (;;) {
        const step = await run.next()
        if (step.done === true) {
          show.stop()
          return step.value
        }
        tell(step.value)
      }
    },
    close: show.stop,
  }
}

function eventLines(io: Io): Show {
  let startedAt: number | undefined
  return {
    start() {},
    event(event) {
      startedAt ??= event.at
      const line = progressLine(event, { since: startedAt })
      if (line !== undefined) io.stderr.write(`${line}\n`)
    },
    stop() {},
  }
}

function liveRows(io: Io): Show {
  const state = ownProgress()
  let timer: NodeJS.Timeout | undefined
  const screen = createLogUpdate(process.stderr)
  const paint = (): void => {
    const { width, height, color } = io.stderr
    screen(
      renderProgress(state, io.clock.now(), { width, height: Math.max(3, height - 2), color }).join("\n"),
    )
  }
  return {
    start() {
      timer = setInterval(paint, REPAINT_MS)
    },
    event(event) {
      followProgress(state, event)
    },
    stop() {
      if (timer === undefined) return
      clearInterval(timer)
      timer = undefined
      // The table that follows says everything that the rows said, and more.
      screen.clear()
      screen.done()
    },
  }
}
