import { resolve } from "node:path"
import { startEmulator } from "../../emulator/index.ts"
import { EXIT, UsageError } from "../exit.ts"
import type { Io } from "../io.ts"

export interface EmulatorCommandOptions {
  readonly port: number
  readonly state?: string
  readonly objects?: string
  readonly site: string
  readonly speed: number
}

/** Runs the local API until it is stopped. What it prints can be evaluated by a shell. */
export async function emulator(io: Io, options: EmulatorCommandOptions): Promise<number> {
  const { site } = options
  if (site !== "intl" && site !== "cn") throw new UsageError(`--site is intl or cn, not '${site}'`)
  const running = await startEmulator({
    port: options.port,
    site,
    speed: options.speed,
    ...(options.state === undefined ? {} : { state: resolve(io.cwd, options.state) }),
    ...(options.objects === undefined ? {} : { objects: resolve(io.cwd, options.objects) }),
  })
  io.stdout.write(`# cvmimg emulator (${site}) at ${running.url}\n`)
  for (const [name, value] of Object.entries(running.env)) io.stdout.write(`export ${name}=${value}\n`)
  await new Promise<void>((done) => {
    if (io.signal.aborted) done()
    else io.signal.addEventListener("abort", () => done(), { once: true })
  })
  await running.close()
  return EXIT.done
}
