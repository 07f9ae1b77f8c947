import type { Command } from "commander"
import type { Io } from "../io.ts"

/** What a command is given when it runs. */
export interface Running {
  readonly io: Io
  /** Takes the exit code. */
  readonly finish: (code: number) => void
  /** Tells what went wrong, and says with which exit code the run ends. */
  readonly failed: (io: Io, error: unknown) => Promise<number>
}

/** Adds one command to the program. What it does is loaded when it runs. */
export type Declare = (program: Command, running: Running) => void
