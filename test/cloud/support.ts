/** Servers that misbehave on purpose, and a cloud that talks to them. */
import * as http from "node:http"
import * as net from "node:net"
import { systemClock } from "../../src/cloud/clock.ts"
import { type ConnectOptions, connect } from "../../src/cloud/connect.ts"
import { CloudError } from "../../src/cloud/failure.ts"
import { type CredentialSource, Keys } from "../../src/cloud/keys.ts"
import type { Cloud } from "../../src/cloud/port.ts"
import type { Failure } from "../../src/model/failure.ts"
import type { Scope } from "../../src/model/placement.ts"
import type { ImportRequest } from "../../src/model/request.ts"

export const SCOPE: Scope = { account: "default", region: "ap-singapore" }

export const KEYS: Keys = new Keys({ secretId: "AKIDtestidtestidtestid", secretKey: "testkeytestkeytestkey" })

export const FIXED: CredentialSource = {
  of: async () => KEYS,
  renew: async () => KEYS,
}

export const REQUEST: ImportRequest = {
  name: "ubuntu-22.04-base",
  description: "Ubuntu [cvmimg:1 00000000 11111111 2222222222222222 333333333333 44444444]",
  url: "https://golden-1250000000.cos.ap-singapore.myqcloud.com/ubuntu/jammy.qcow2",
  sign: false,
  osType: "Ubuntu",
  osVersion: "16",
  architecture: "x86_64",
  force: false,
  tags: {},
  dataDiskUrls: [],
}

/** Longer than any test: what a machine that stalls must not run into. Whoever looks at a deadline sets that one. */
export const PATIENT: NonNullable<ConnectOptions["limits"]> = {
  connectMs: 100_000,
  idleMs: 100_000,
  readMs: 100_000,
  writeMs: 100_000,
}

/** A cloud that tries once unless told otherwise. */
export function cloudAt(endpoint: string, more: Partial<ConnectOptions> = {}): Promise<Cloud> {
  return connect({
    site: "intl",
    accounts: [{ name: "default", vars: {} }],
    clock: systemClock,
    env: {},
    home: "/nonexistent",
    credentials: FIXED,
    endpoint,
    retry: { attempts: 1, throttleMs: 0 },
    limits: PATIENT,
    ...more,
  })
}

export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise
  } catch (error) {
    if (error instanceof CloudError) return error.failure
    throw error
  }
  throw new Error("the call succeeded")
}

export interface Listening {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

export async function httpServer(handler: http.RequestListener, port = 0): Promise<Listening> {
  const server = http.createServer(handler)
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", () => resolve()))
  return listening(server, () => server.closeAllConnections())
}

export async function rawServer(handler: (socket: net.Socket) => void): Promise<Listening> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
    socket.once("close", () => sockets.delete(socket))
    handler(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()))
  return listening(server, () => {
    for (const socket of sockets) socket.destroy()
  })
}

function listening(server: net.Server, drop: () => void): Listening {
  const { port } = server.address() as net.AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        drop()
      }),
  }
}

/** A handler that answers as the API does: the content of Response, or an error as `[code, message]`. */
export function api(
  answer: (
    action: string,
    params: Record<string, unknown>,
    headers: http.IncomingHttpHeaders,
  ) => object | [string, string],
): http.RequestListener {
  let count = 0
  return (request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const params = JSON.parse(Buffer.concat(chunks).toString() || "{}") as Record<string, unknown>
      const result = answer(String(request.headers["x-tc-action"]), params, request.headers)
      const RequestId = `request-${++count}`
      const body = Array.isArray(result)
        ? { Error: { Code: result[0], Message: result[1] }, RequestId }
        : { ...result, RequestId }
      response.setHeader("content-type", "application/json")
      response.end(JSON.stringify({ Response: body }))
    })
  }
}
