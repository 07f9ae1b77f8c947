/** A command in this process, with everything that it says kept. */
import { Readable } from "node:stream"
import { run } from "../../src/cli/main.ts"
import type { Clock } from "../../src/model/clock.ts"

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const clock: Clock = {
  now: () => Date.UTC(2026, 10, 1, 12),
  monotonic: () => performance.now(),
  sleep: () => Promise.resolve(),
}

export async function command(
  args: readonly string[],
  more: { readonly stdin?: Buffer; readonly cwd?: string } = {},
): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []]
  const output = (to: string[]) => ({
    write: (text: string) => {
      to.push(text)
    },
    isTerminal: false,
    width: 100,
    height: 24,
    color: false,
  })
  const stdin = Readable.from(more.stdin === undefined ? [] : [more.stdin]) as unknown as NodeJS.ReadStream
  const code = await run(
    {
      stdout: output(out),
      stderr: output(err),
      stdin,
      env: {},
      cwd: more.cwd ?? "/",
      clock,
      signal: new AbortController().signal,
      interrupted: () => undefined,
    },
    args,
  )
  return { code, stdout: out.join(""), stderr: err.join("") }
}
