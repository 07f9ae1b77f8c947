/** The cloud port on Tencent Cloud's API 3.0: each method is one action, in the port's words. */
import type { Clock } from "../model/clock.ts"
import type { Failure } from "../model/failure.ts"
import type { Account, Site } from "../model/stack.ts"
import { importParameters } from "./convert.ts"
import { signCosUrl } from "./cos-sign.ts"
import { examiner } from "./examine.ts"
import { originOf } from "./hosts.ts"
import type { CredentialSource, Keys } from "./keys.ts"
import { createPacer, type PaceSettings } from "./pacing.ts"
import type { Cloud, Examiner, SourceSigner } from "./port.ts"
import type { Env } from "./proxy.ts"
import { readOnly } from "./read-only.ts"
import { DEFAULT_RETRY, type RetryPolicy } from "./retry.ts"
import { createCalls } from "./tencent-calls.ts"
import { type ClientSettings, createSdkClient, type SdkClient } from "./tencent-client.ts"
import { readsOf } from "./tencent-reads.ts"
import { type Importing, writesOf } from "./tencent-writes.ts"
import { createTransport, DEFAULT_LIMITS, type Transport, type TransportLimits } from "./transport.ts"
import { createWire, type Deadlines, type Wire, type WireCall } from "./wire.ts"

export interface TencentOptions {
  readonly site: Site
  readonly accounts: readonly Account[]
  /** Leads every service to this address; https, or http on loopback. */
  readonly endpoint?: string
  /** Made with a way to call sts, for credentials that are exchanged there. */
  readonly credentials: (sts: StsCall) => CredentialSource
  readonly clock: Clock
  /** Proxy settings are read from it. */
  readonly env: Env
  /** How long signed source URLs are valid, in ms. */
  readonly signatureMs: number
  readonly pace: PaceSettings
  readonly limits?: Partial<TransportLimits & Deadlines>
  readonly retry?: Partial<RetryPolicy>
  readonly random?: () => number
  /** Refuses every call that would change something before it leaves; rehearsals pass. */
  readonly readOnly?: boolean
  /** Another way to put one request on the wire; default: the SDK's client with our transport. */
  readonly client?: (settings: ClientSettings) => SdkClient
  /** A call failed for the `attempt`th time and is made again after `delayMs`. */
  readonly onRetry?: (failure: Failure, delayMs: number, attempt: number) => void
  /** A request is about to be sent; repetitions count. */
  readonly onRequest?: () => void
}

/** An action of sts for an account, signed with the given keys or, with null, not at all. */
export type StsCall = (
  account: string,
  action: string,
  params: object,
  settings: {
    readonly keys: Keys | null
    /** Default: the site's main one. */
    readonly region?: string
    readonly signal?: AbortSignal | undefined
  },
) => Promise<Record<string, unknown>>

const READ_MS = 30_000
const WRITE_MS = 60_000
/** Signed URLs start in the past, for clocks that differ. */
const SIGNED_EARLIER_S = 300
/** Never the length that imports are signed for, so that no probe uses up an import's URL. */
const LOOK_MS = 10 * 60_000

function counted(transport: Transport, onRequest: (() => void) | undefined): Transport {
  if (onRequest === undefined) return transport
  return {
    close: transport.close,
    post(exchange) {
      onRequest()
      return transport.post(exchange)
    },
  }
}

export function connectTencent(options: TencentOptions): Cloud & SourceSigner & Examiner {
  const { site, endpoint, clock } = options
  // Wrong settings are found here, not at the first call.
  originOf(site, "cvm", undefined, endpoint)
  const transport = counted(
    createTransport(options.env, { ...DEFAULT_LIMITS, ...options.limits }),
    options.onRequest,
  )
  const skew = { offsetMs: 0 }
  const clients = new Map<string, SdkClient>()
  const client = (call: WireCall): SdkClient => {
    const { service, account, region } = call
    const key = `${account}\u0000${region ?? ""}\u0000${service}`
    let found = clients.get(key)
    if (found === undefined) {
      const origin = originOf(site, service, region, endpoint)
      const made = (options.client ?? createSdkClient)({
        service,
        account,
        region,
        origin,
        transport,
        clock,
        skew,
      })
      found = options.readOnly === true ? readOnly(made) : made
      clients.set(key, found)
    }
    return found
  }
  const mainRegion = site === "cn" ? "ap-guangzhou" : "ap-singapore"
  const sts: StsCall = (account, action, params, settings) =>
    wire({ service: "sts", account, action, params, write: false, region: mainRegion, ...settings })
  const credentials = options.credentials(sts)
  const wire: Wire = createWire({
    clock,
    credentials,
    client,
    lane: createPacer(options.pace, clock),
    skew,
    deadlines: { readMs: READ_MS, writeMs: WRITE_MS, ...options.limits },
    retry: { ...DEFAULT_RETRY, ...options.retry },
    random: options.random ?? Math.random,
    ...(options.onRetry === undefined ? {} : { onRetry: options.onRetry }),
  })

  const calls = createCalls(wire, new Set(options.accounts.map((account) => account.name)))

  const sign = (url: string, keys: Keys, forMs: number, method: "GET" | "HEAD" = "GET"): string => {
    const now = Math.floor((clock.now() + skew.offsetMs) / 1_000)
    return signCosUrl(url, keys, now - SIGNED_EARLIER_S, now + Math.ceil(forMs / 1_000), method)
  }
  const importing: Importing = (scope, request, rehearsal) => async (own) => {
    if (!request.sign) return importParameters(request, rehearsal)
    const signer = request.signAs ?? scope.account
    const keys = signer === scope.account ? own : await credentials.of(calls.checked(signer))
    return importParameters(request, rehearsal, (url) => sign(url, keys, options.signatureMs))
  }

  const totalMs = options.limits?.readMs ?? READ_MS
  return {
    ...examiner({ site, endpoint, env: options.env, clock, transport, credentials, totalMs }),
    ...readsOf(calls),
    ...writesOf(calls, importing),
    async sourceUrl(account, url, method, o) {
      return sign(url, await credentials.of(calls.checked(account), o?.signal), LOOK_MS, method)
    },
    close() {
      transport.close()
    },
  }
}
