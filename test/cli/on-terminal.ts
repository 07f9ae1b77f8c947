/** The binary, or a command that runs it, on a pseudo terminal. Skipped where there is no python3 to make one. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { join } from "node:path"
import { expect, onTestFinished } from "vitest"
import { BINARY, cleanEnv, expectClean } from "./binary.ts"
import { Screen } from "./screen.ts"

const TERMINAL = join(import.meta.dirname, "terminal.py")
export const hasPty: boolean = spawnSync("python3", ["-c", "import pty, termios"]).status === 0

export interface OnTerminal {
  readonly child: ChildProcess
  readonly screen: Screen
  /** Everything that was ever written. */
  shown(): string
  type(text: string): void
  until(condition: (screen: Screen) => boolean): Promise<void>
  readonly code: Promise<number | null>
}

export function onTerminal(
  args: readonly string[],
  cwd: string,
  {
    rows = 24,
    env = {},
    command = [process.execPath, BINARY],
  }: { rows?: number; env?: Record<string, string>; command?: readonly string[] } = {},
): OnTerminal {
  const child = spawn("python3", [TERMINAL, "80", String(rows), ...command, ...args], {
    cwd,
    env: cleanEnv({ TERM: "xterm-256color", ...env }),
    stdio: ["pipe", "pipe", "inherit"],
  })
  onTestFinished(() => {
    child.kill("SIGKILL")
  })
  const screen = new Screen(80, rows)
  let shown = ""
  const looking = new Set<() => void>()
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text
    screen.write(text)
    for (const look of looking) look()
  })
  const code = new Promise<number | null>((resolve) => child.once("close", resolve))
  return {
    child,
    screen,
    shown: () => shown,
    type: (text) => child.stdin.write(text),
    code,
    until: (condition) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!condition(screen)) return
          looking.delete(look)
          resolve()
        }
        looking.add(look)
        void code.then(() => reject(new Error(`it ended:\n${shown}`)))
        look()
      }),
  }
}

export function expectWhole(t: OnTerminal): void {
  expect(t.screen.complaints).toEqual([])
  expect(t.screen.cursorShown).toBe(true)
  expectClean(t.shown())
}
