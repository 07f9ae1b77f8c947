/** Everything of the process that a command may touch, as one argument. */
import type { Clock } from "../model/clock.ts"
import { LOG_WIDTH } from "./widths.ts"

export interface Output {
  readonly write: (text: string) => void
  readonly isTerminal: boolean
  /** Columns of the terminal, or a width that reads well in a log. */
  readonly width: number
  readonly height: number
  readonly color: boolean
}

export interface Io {
  readonly stdout: Output
  readonly stderr: Output
  readonly stdin: NodeJS.ReadStream
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly clock: Clock
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal
  /** 130 or 143 once a signal came. */
  readonly interrupted: () => number | undefined
}

/**
 * The streams of a process as outputs. A reader that went away (`| head`) is no reason to fail; of anything else, such as
 * a full disk, `broken` is told, and the run goes on to its end.
 */
export function outputOf(
  stream: NodeJS.WriteStream,
  env: NodeJS.ProcessEnv,
  broken: (error: Error) => void,
): Output {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") broken(error)
  })
  return {
    write: (text) => {
      stream.write(text)
    },
    isTerminal: stream.isTTY === true,
    get width() {
      return stream.columns ?? LOG_WIDTH
    },
    get height() {
      return stream.rows ?? 24
    },
    color: wantsColor(stream, env),
  }
}

/** See no-color.org and force-color.org; a terminal that calls itself dumb takes no colours. */
function wantsColor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return false
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "" && env.FORCE_COLOR !== "0") return true
  return stream.isTTY === true && env.TERM !== "dumb"
}
