/** What only doctor asks: which keys are in use, who answers and when, and whether images might be deleted. */
import type { Clock } from "../model/clock.ts"
import type { Site } from "../model/stack.ts"
import { CloudError, failureOf } from "./failure.ts"
import { originOf } from "./hosts.ts"
import type { CredentialSource } from "./keys.ts"
import type { Examiner } from "./port.ts"
import { type Env, proxyFor } from "./proxy.ts"
import { type Transport, TransportError } from "./transport.ts"

export interface ExamineSettings {
  readonly site: Site
  readonly endpoint: string | undefined
  readonly env: Env
  readonly clock: Clock
  readonly transport: Transport
  readonly credentials: CredentialSource
  /** For the one request of `reach`, in ms. */
  readonly totalMs: number
}

export function examiner(settings: ExamineSettings): Pick<Examiner, "credentialsOf" | "reach"> {
  const { site, endpoint, env, clock, transport, credentials, totalMs } = settings
  return {
    async credentialsOf(account, o) {
      const keys = await credentials.of(account, o?.signal)
      return {
        origin: keys.origin,
        keyId: masked(keys.secretId),
        temporary: keys.token !== undefined,
        ...(keys.expiresAt === undefined ? {} : { expiresAt: keys.expiresAt }),
      }
    },
    async reach(region, o) {
      const url = originOf(site, "cvm", region, endpoint)
      const known = { service: "cvm", ...(region === undefined ? {} : { region }) }
      const began = clock.monotonic()
      const at = clock.now()
      try {
        // Neither action nor signature: the service can only refuse it.
        const headers = { "Content-Type": "application/json", "User-Agent": "cvmimg" }
        const body = Buffer.from("{}")
        const reply = await transport.post({ url, headers, body, totalMs, signal: o?.signal })
        const tookMs = clock.monotonic() - began
        const date = Date.parse(reply.headers.date ?? "")
        const proxy = proxyFor(url, env)
        return {
          host: url.host,
          tookMs,
          ...(proxy === undefined ? {} : { proxy: proxy.host }),
          // The header counts whole seconds.
          ...(Number.isNaN(date) ? {} : { aheadMs: at + tookMs / 2 - (date + 500) }),
        }
      } catch (error) {
        if (!(error instanceof TransportError)) throw error
        o?.signal?.throwIfAborted()
        throw new CloudError(
          failureOf(`ClientError.${error.fault}`, { ...known, message: error.message, unsent: !error.sent }),
        )
      }
    },
  }
}

/** Enough of a key's id to tell it from others, and too little to use. */
function masked(id: string): string {
  return id.length < 16 ? `${id.slice(0, 4)}…` : `${id.slice(0, 8)}…${id.slice(-4)}`
}
