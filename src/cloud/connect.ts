/** The door to the world. Loads the vendor's SDK only when it is called. */
import type { Clock } from "../model/clock.ts"
import type { Failure } from "../model/failure.ts"
import type { Account, Site } from "../model/stack.ts"
import type { CredentialSource } from "./keys.ts"
import type { PaceSettings } from "./pacing.ts"
import type { Cloud, Examiner, ReadingCloud, SourceSigner } from "./port.ts"
import type { Env } from "./proxy.ts"
import type { RetryPolicy } from "./retry.ts"
import type { TransportLimits } from "./transport.ts"
import type { Deadlines } from "./wire.ts"

export interface ConnectOptions {
  readonly site: Site
  /** The stack's accounts. */
  readonly accounts: readonly Account[]
  readonly clock: Clock
  /** Environment variables: credentials, proxy, CVMIMG_ENDPOINT. */
  readonly env: Env
  /** Home directory, where credential files are looked for. */
  readonly home: string
  /** Leads every service to one address: https, or http on loopback. Default: CVMIMG_ENDPOINT, else the site's hosts. */
  readonly endpoint?: string
  /** Instead of the chain of docs/credentials.md. */
  readonly credentials?: CredentialSource
  /** The stack's apply.importTimeout, in ms; signed source URLs are valid for an hour longer. Default: 2 h. */
  readonly importTimeoutMs?: number
  readonly pace?: PaceSettings
  readonly limits?: Partial<TransportLimits & Deadlines>
  readonly retry?: Partial<RetryPolicy>
  /** For plan, drift and review: every call that would change something is refused before it leaves. */
  readonly readOnly?: boolean
  /** A call failed for the `attempt`th time and is made again after `delayMs`. */
  readonly onRetry?: (failure: Failure, delayMs: number, attempt: number) => void
  /** A request is about to be sent; repetitions count. */
  readonly onRequest?: () => void
}

const HOUR_MS = 3_600_000

/** What `connect` gives to those who only read: the writing side is neither in the type nor let through. */
export function connectReading(options: ConnectOptions): Promise<ReadingCloud & SourceSigner> {
  return connect({ ...options, readOnly: true })
}

/** Connects without a call. Rejects with a CloudError `ClientError.Endpoint` if the endpoint cannot be used. */
export async function connect(options: ConnectOptions): Promise<Cloud & SourceSigner & Examiner> {
  const [{ connectTencent }, { credentialChain }] = await Promise.all([
    import("./tencent.ts"),
    import("./credentials.ts"),
  ])
  const endpoint = options.endpoint ?? options.env.CVMIMG_ENDPOINT
  const { credentials } = options
  return connectTencent({
    site: options.site,
    accounts: options.accounts,
    clock: options.clock,
    env: options.env,
    ...(endpoint === undefined || endpoint === "" ? {} : { endpoint }),
    credentials: (sts) =>
      credentials ??
      credentialChain({
        accounts: options.accounts,
        env: options.env,
        home: options.home,
        clock: options.clock,
        sts,
      }),
    signatureMs: (options.importTimeoutMs ?? 2 * HOUR_MS) + HOUR_MS,
    pace: options.pace ?? {},
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.readOnly === undefined ? {} : { readOnly: options.readOnly }),
    ...(options.retry === undefined ? {} : { retry: options.retry }),
    ...(options.onRetry === undefined ? {} : { onRetry: options.onRetry }),
    ...(options.onRequest === undefined ? {} : { onRequest: options.onRequest }),
  })
}
