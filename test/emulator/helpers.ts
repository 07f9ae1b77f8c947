import { createHash, createHmac } from "node:crypto"
import * as cvmSdk from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/index.js"
import * as stsSdk from "tencentcloud-sdk-nodejs/tencentcloud/services/sts/index.js"
import * as tagSdk from "tencentcloud-sdk-nodejs/tencentcloud/services/tag/index.js"
import { afterEach } from "vitest"
import { demoAccount, type Emulator, type EmulatorOptions, startEmulator } from "../../src/emulator/index.ts"

const running: Emulator[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((emulator) => emulator.close()))
})

/** Starts an emulator that is closed after the test. */
export async function start(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator(options)
  running.push(emulator)
  return emulator
}

const region: string = "ap-singapore"
const url: string = "https://golden-1250000000.cos.ap-singapore.myqcloud.com/ubuntu/jammy.qcow2"

/** The smallest good ImportImage. */
export const good: {
  Architecture: string
  OsType: string
  OsVersion: string
  ImageUrl: string
  ImageName: string
} = {
  Architecture: "x86_64",
  OsType: "Ubuntu",
  OsVersion: "22",
  ImageUrl: url,
  ImageName: "ubuntu-22.04-base",
}

interface Keys {
  secretId: string
  secretKey: string
  token?: string
}

const demoKeys: Keys = { secretId: demoAccount.secretId ?? "", secretKey: demoAccount.secretKey ?? "" }

/** The vendor's own clients, unmodified. */
export interface Clients {
  cvm: InstanceType<typeof cvmSdk.cvm.v20170312.Client>
  tag: InstanceType<typeof tagSdk.tag.v20180813.Client>
  sts: InstanceType<typeof stsSdk.sts.v20180813.Client>
}

export function sdk(
  emulator: Emulator,
  place: string = region,
  keys: Keys = demoKeys,
  method: string = "POST",
): Clients {
  const config = {
    credential: keys,
    region: place,
    profile: {
      httpProfile: {
        protocol: "http://",
        endpoint: `127.0.0.1:${emulator.port}`,
        reqMethod: method as "POST",
      },
    },
  }
  return {
    cvm: new cvmSdk.cvm.v20170312.Client(config),
    tag: new tagSdk.tag.v20180813.Client(config),
    sts: new stsSdk.sts.v20180813.Client(config),
  }
}

/** What a raw call may change about itself. */
export interface RawOptions {
  keys?: Keys
  region?: string | null
  version?: string
  method?: "POST" | "GET"
  body?: string
  query?: string
  timestamp?: number
  date?: string
  service?: string
  host?: string
  headers?: Record<string, string>
  signed?: string[]
  unsignedPayload?: boolean
  lowerAction?: boolean
  tamper?: (authorization: string) => string
}

export interface RawReply {
  status: number
  headers: Headers
  code: string | undefined
  message: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: replies of every action
  response: any
}

/** A request of a client of its own: signs host with port and the service `cvm`, as the Go and Python SDKs do. */
export function signed(
  emulator: Emulator,
  action: string,
  parameters: unknown = {},
  options: RawOptions = {},
): { method: "POST" | "GET"; path: string; headers: Record<string, string>; body: string } {
  const keys = options.keys ?? demoKeys
  const method = options.method ?? "POST"
  const body = method === "GET" ? "" : (options.body ?? JSON.stringify(parameters))
  const query = options.query ?? ""
  const timestamp = options.timestamp ?? Math.floor(Date.now() / 1000)
  const date = options.date ?? new Date(timestamp * 1000).toISOString().slice(0, 10)
  const scope = `${date}/${options.service ?? "cvm"}/tc3_request`
  const place = options.region === undefined ? region : options.region
  const headers: Record<string, string> = {
    "content-type":
      method === "GET" ? "application/x-www-form-urlencoded" : "application/json; charset=utf-8",
    "x-tc-action": action,
    "x-tc-version": options.version ?? (isTagAction(action) ? "2018-08-13" : "2017-03-12"),
    "x-tc-timestamp": String(timestamp),
    ...(place === null ? {} : { "x-tc-region": place }),
    ...(keys.token === undefined ? {} : { "x-tc-token": keys.token }),
    ...(options.unsignedPayload ? { "x-tc-content-sha256": "UNSIGNED-PAYLOAD" } : {}),
    ...options.headers,
  }
  const names = options.signed ?? ["content-type", "host"]
  const host = options.host ?? `127.0.0.1:${emulator.port}`
  const lines = names.map((name) => {
    const value = name === "host" ? host : (headers[name] ?? "")
    return `${name}:${name === "x-tc-action" && options.lowerAction ? value.toLowerCase() : value}\n`
  })
  const hashed = sha256(options.unsignedPayload ? "UNSIGNED-PAYLOAD" : body)
  const canonical = `${method}\n/\n${query}\n${lines.join("")}\n${names.join(";")}\n${hashed}`
  const text = `TC3-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`
  const key = [date, options.service ?? "cvm", "tc3_request"].reduce<Buffer | string>(
    (previous, part) => createHmac("sha256", previous).update(part).digest(),
    `TC3${keys.secretKey}`,
  )
  const signature = createHmac("sha256", key).update(text).digest("hex")
  const authorization = `TC3-HMAC-SHA256 Credential=${keys.secretId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`
  headers.authorization = options.tamper?.(authorization) ?? authorization
  return { method, path: `/${query === "" ? "" : `?${query}`}`, headers, body }
}

/** Sends it with fetch. */
export async function raw(
  emulator: Emulator,
  action: string,
  parameters: unknown = {},
  options: RawOptions = {},
): Promise<RawReply> {
  const { method, path, headers, body } = signed(emulator, action, parameters, options)
  const reply = await fetch(`${emulator.url}${path}`, {
    method,
    headers,
    ...(method === "GET" ? {} : { body }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: replies of every action
  const { Response: response } = (await reply.json()) as any
  return {
    status: reply.status,
    headers: reply.headers,
    code: response.Error?.Code,
    message: response.Error?.Message,
    response,
  }
}

function isTagAction(action: string): boolean {
  return /Tag|GetResources|GetCallerIdentity|AssumeRole/.test(action)
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}

/** The error code that a promise fails with, or "none". */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return "none"
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}
