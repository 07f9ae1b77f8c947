/**
 * The vendor's SDK with its transport replaced. Models, actions, versions and the TC3 signature are the SDK's;
 * `doRequestWithSign3`, the one method that puts a request on the wire, is ours (transport.ts), because the original
 * hides whether bytes left, follows redirects, knows no deadline per phase and lets `http_proxy` catch loopback.
 */
import { randomUUID } from "node:crypto"
import signing from "tencentcloud-sdk-nodejs/tencentcloud/common/sign.js"
import { cvm } from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/index.js"
import { sts } from "tencentcloud-sdk-nodejs/tencentcloud/services/sts/index.js"
import { tag } from "tencentcloud-sdk-nodejs/tencentcloud/services/tag/index.js"
import type { Clock } from "../model/clock.ts"
import { CloudError, type FailureFacts, failureOf } from "./failure.ts"
import type { Service } from "./hosts.ts"
import type { Keys } from "./keys.ts"
import { type Reply, type Transport, TransportError } from "./transport.ts"

/** How the service's clock differs from this machine's: shared by all clients of one connection. */
export interface Skew {
  /** To be added to our time, in ms. */
  offsetMs: number
}

export interface ClientSettings {
  readonly service: Service
  readonly account: string
  readonly region: string | undefined
  readonly origin: URL
  readonly transport: Transport
  readonly clock: Clock
  readonly skew: Skew
}

/** What one request needs beside its parameters. `keys: null`: unsigned, for AssumeRoleWithWebIdentity alone. */
export interface RequestSettings {
  readonly keys: Keys | null
  readonly totalMs: number
  readonly signal?: AbortSignal | undefined
  readonly onSent?: () => void
}

/** One request: resolves with the content of `Response`, RequestId in it; rejects with a CloudError. */
export interface SdkClient {
  request(action: string, params: object, settings: RequestSettings): Promise<Record<string, unknown>>
}

const CLIENTS = { cvm: cvm.v20170312.Client, tag: tag.v20180813.Client, sts: sts.v20180813.Client }

/** Node gives a CommonJS default export one level deeper than bundlers and test runners do. */
const { sign3 } = signing.default ?? (signing as unknown as (typeof signing)["default"])

export function createSdkClient(settings: ClientSettings): SdkClient {
  const client = new CLIENTS[settings.service]({
    // Never asked: what puts the request on the wire gets the keys of each call.
    credential: { getCredential: () => Promise.reject(new Error("credentials are given per call")) },
    ...(settings.region === undefined ? {} : { region: settings.region }),
    profile: { language: "en-US", httpProfile: { reqMethod: "POST", endpoint: settings.origin.host } },
  })
  Object.defineProperty(client, "doRequestWithSign3", {
    value: (action: string, params: object, options: RequestSettings) =>
      exchange(settings, { sdk: client.sdkVersion, api: client.apiVersion }, action, params, options),
  })
  return {
    request: (action, params, options) => client.request(action, params, options as object),
  }
}

async function exchange(
  settings: ClientSettings,
  version: { readonly sdk: string; readonly api: string },
  action: string,
  params: object,
  options: RequestSettings,
): Promise<Record<string, unknown>> {
  const { service, region, origin, clock, skew } = settings
  const body = Buffer.from(JSON.stringify(params))
  const timestamp = Math.floor((clock.now() + skew.offsetMs) / 1_000)
  const headers: Record<string, string> = {
    "Content-Type": "application/json",
    Accept: "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": "cvmimg",
    "X-TC-Action": action,
    "X-TC-Version": version.api,
    "X-TC-Timestamp": String(timestamp),
    "X-TC-RequestClient": version.sdk,
    "X-TC-Language": "en-US",
    "X-TC-TraceId": randomUUID(),
    ...(region === undefined ? {} : { "X-TC-Region": region }),
    ...(options.keys?.token === undefined ? {} : { "X-TC-Token": options.keys.token }),
  }
  headers.Authorization =
    options.keys === null
      ? "SKIP"
      : sign3({
          method: "POST",
          url: origin.href,
          payload: body,
          timestamp,
          // The SDK takes the host's first label, which is wrong for an address of one's own.
          service,
          secretId: options.keys.secretId,
          secretKey: options.keys.secretKey,
          multipart: false,
          boundary: "",
          headers,
        })
  const known = {
    service,
    action,
    account: settings.account,
    ...(region === undefined ? {} : { region }),
    secrets: options.keys?.secrets() ?? [],
  }
  let reply: Reply
  try {
    reply = await settings.transport.post({
      url: origin,
      headers,
      body,
      totalMs: options.totalMs,
      signal: options.signal,
      ...(options.onSent === undefined ? {} : { onSent: options.onSent }),
    })
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    if (error.fault === "Aborted" && !error.sent) throw options.signal?.reason
    throw new CloudError(
      failureOf(`ClientError.${error.fault}`, { ...known, message: error.message, unsent: !error.sent }),
    )
  }
  return interpret(reply, known, clock.now())
}

type Known = Omit<FailureFacts, "message">

/** The content of `Response`, or the error that the reply means. */
function interpret(reply: Reply, known: Known, now: number): Record<string, unknown> {
  const fail = (code: string, facts: FailureFacts): CloudError =>
    new CloudError(failureOf(code, facts), facts.skewSeconds)
  const response = parsed(reply.body)
  const error = response?.Error as { Code?: unknown; Message?: unknown } | undefined
  const code = typeof error?.Code === "string" ? error.Code : undefined
  const text = typeof error?.Message === "string" ? error.Message : ""
  const requestId = response?.RequestId
  const facts: Known = {
    ...known,
    ...(typeof requestId === "string" ? { requestId } : {}),
    ...(reply.status === 200 ? {} : { httpStatus: reply.status }),
  }
  if (reply.status !== 200) {
    const detail = code === undefined ? "" : ` (${code}: ${text})`
    throw fail("ClientError.HttpStatus", { ...facts, message: `HTTP status ${reply.status}${detail}.` })
  }
  if (response === undefined) {
    const what = reply.body.length === 0 ? "is empty" : "is not the service's JSON"
    throw fail("ClientError.InvalidReply", { ...facts, message: `The reply ${what}.` })
  }
  if (error !== undefined && error !== null) {
    if (code === undefined) {
      throw fail("ClientError.InvalidReply", { ...facts, message: "The reply is an error without a code." })
    }
    throw fail(code, { ...facts, message: text === "" ? code : text, ...skewOf(code, reply, now) })
  }
  if (typeof requestId !== "string" || requestId === "") {
    throw fail("ClientError.InvalidReply", { ...facts, message: "The reply has no RequestId." })
  }
  return response
}

function parsed(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"))
    const response = (value as { Response?: unknown } | null)?.Response
    return typeof response === "object" && response !== null && !Array.isArray(response)
      ? (response as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** For SignatureExpire: how far this machine's clock, uncorrected, is ahead of the Date header. */
function skewOf(code: string, reply: Reply, now: number): { readonly skewSeconds?: number } {
  if (code !== "AuthFailure.SignatureExpire") return {}
  const date = Date.parse(reply.headers.date ?? "")
  if (Number.isNaN(date)) return {}
  return { skewSeconds: Math.round((now - date) / 1_000) }
}
