import { resolve } from "node:path"
import { parseFault, startEmulator } from "../../emulator/index.ts"
import { terminalText } from "../../report/escape.ts"
import { EXIT, UsageError } from "../exit.ts"
import type { Io } from "../io.ts"

export interface EmulatorCommandOptions {
  readonly port: number
  readonly state?: string
  readonly objects?: string
  readonly site: string
  readonly speed: number
  readonly seed?: string
  readonly fault: readonly string[]
}

/** Runs the local API until it is stopped. What it prints can be evaluated by a shell. */
export async function emulator(io: Io, options: EmulatorCommandOptions): Promise<number> {
  const { site } = options
  if (site !== "intl" && site !== "cn") throw new UsageError(`--site is intl or cn, not '${site}'`)
  for (const text of options.fault) {
    const { problem } = parseFault(text)
    if (problem !== undefined)
      throw new UsageError(`--fault '${text}', column ${problem.column}: ${problem.message}`)
  }
  const running = await startEmulator({
    port: options.port,
    site,
    speed: options.speed,
    faults: options.fault,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.state === undefined ? {} : { state: resolve(io.cwd, options.state) }),
    ...(options.objects === undefined ? {} : { objects: resolve(io.cwd, options.objects) }),
  })
  io.stdout.write(`# cvmimg emulator (${site}) at ${running.url}\n`)
  for (const [name, value] of Object.entries(running.env)) io.stdout.write(`export ${name}=${value}\n`)
  await new Promise<void>((done) => {
    if (io.signal.aborted) done()
    else io.signal.addEventListener("abort", () => done(), { once: true })
  })
  for (const { spec, fired, seen } of running.faults)
    io.stderr.write(`cvmimg: fault '${terminalText(spec ?? "")}' fired ${fired} of ${seen}\n`)
  await running.close()
  return EXIT.done
}
