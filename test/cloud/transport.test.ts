/** Every way in which the wire itself can fail, by servers that really do so, seen through the whole adapter. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import * as http from "node:http"
import * as https from "node:https"
import * as net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { afterEach, describe, expect, it, vi } from "vitest"
import type { ConnectOptions } from "../../src/cloud/connect.ts"
import type { Cloud } from "../../src/cloud/port.ts"
import { createTransport, DEFAULT_LIMITS, type TransportError } from "../../src/cloud/transport.ts"
import {
  api,
  cloudAt,
  failureOf,
  httpServer,
  type Listening,
  PATIENT,
  REQUEST,
  rawServer,
  SCOPE,
} from "./support.ts"

const open: { close(): unknown }[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const one of open.splice(0)) await one.close()
})

async function against(
  server: Promise<Listening>,
  limits: NonNullable<ConnectOptions["limits"]> = {},
): Promise<Cloud> {
  const listening = await server
  const cloud = await cloudAt(listening.url, { limits: { ...PATIENT, ...limits } })
  open.push(cloud, listening)
  return cloud
}

/** The failure of a read and of a write; the write's outcome is what most depends on. */
async function both(
  cloud: Cloud,
): Promise<{ code: string; write: boolean; read: boolean; status?: number | undefined }> {
  const read = await failureOf(cloud.listImages(SCOPE))
  const write = await failureOf(cloud.importImage(SCOPE, REQUEST))
  expect(write.code).toBe(read.code)
  expect(write).toMatchObject({ action: "ImportImage", ...SCOPE })
  return { code: write.code, write: write.ambiguous, read: read.retryable, status: write.httpStatus }
}

const once = (text: string, then: (socket: net.Socket) => void = () => {}) =>
  rawServer((socket) => {
    socket.once("data", () => {
      socket.write(text)
      then(socket)
    })
  })

const reply = (body: string | Buffer, headers: Record<string, string> = {}, status = 200) =>
  httpServer((_, response) => {
    response.writeHead(status, headers)
    response.end(body)
  })

describe("without a readable reply", () => {
  it("refused connection: not accepted", async () => {
    const cloud = await cloudAt("http://127.0.0.1:4")
    expect(await both(cloud)).toMatchObject({
      code: "ClientError.ConnectionRefused",
      write: false,
      read: true,
    })
  })

  it("name that does not resolve: not accepted", async () => {
    const cloud = await cloudAt("https://cvm.does-not-exist.invalid")
    expect(await both(cloud)).toMatchObject({ code: "ClientError.Dns", write: false, read: true })
  })

  it("reset before the reply: unknown", async () => {
    const cloud = await against(rawServer((socket) => socket.once("data", () => socket.resetAndDestroy())))
    expect(await both(cloud)).toMatchObject({ code: "ClientError.ConnectionLost", write: true, read: true })
  })

  it("hang-up before the reply: unknown", async () => {
    const cloud = await against(rawServer((socket) => socket.once("data", () => socket.end())))
    expect(await both(cloud)).toMatchObject({ code: "ClientError.ConnectionLost", write: true })
  })

  it("reset after the headers: unknown", async () => {
    const head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
    const cloud = await against(once(head, (socket) => setTimeout(() => socket.resetAndDestroy(), 20)))
    expect(await both(cloud)).toMatchObject({ code: "ClientError.ConnectionLost", write: true })
  })

  it("body cut short, connection closed: unknown", async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"Response":{'
    const cloud = await against(once(head, (socket) => socket.end()))
    expect(await both(cloud)).toMatchObject({ code: "ClientError.ConnectionLost", write: true })
  })

  it("body cut short, connection left open: fails at the idle deadline, not at the total one", async () => {
    const server = once('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"Response":{')
    const cloud = await against(server, { idleMs: 300 })
    const failure = await failureOf(cloud.importImage(SCOPE, REQUEST))
    expect(failure).toMatchObject({ code: "ClientError.Timeout", ambiguous: true })
    expect(failure.message).toContain("stalled for 300 ms")
  })

  /** Lets the client's timers run when the test says so, and everything else when it may. */
  const ownTime = (): { pass(ms: number): Promise<void> } => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] })
    return {
      async pass(ms) {
        vi.advanceTimersByTime(ms)
        // What a timer wrote is on the wire; each turn reads what has arrived.
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
      },
    }
  }

  it("half-open connection: fails at the total deadline", async () => {
    let arrived = (): void => {}
    const request = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const cloud = await against(
      rawServer((socket) => socket.once("data", arrived)),
      { writeMs: 1_000 },
    )
    const time = ownTime()
    let ended = false
    const failing = failureOf(cloud.importImage(SCOPE, REQUEST)).finally(() => {
      ended = true
    })
    await request
    await time.pass(999)
    expect(ended).toBe(false)
    await time.pass(1)
    expect(await failing).toMatchObject({ code: "ClientError.Timeout", ambiguous: true })
  })

  it("a byte now and then: fails at the total deadline", async () => {
    let arrived = (): void => {}
    const request = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const server = httpServer((_, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write(" "), 100)
      response.on("close", () => clearInterval(timer))
      response.write(" ", arrived)
    })
    const cloud = await against(server, { idleMs: 300, writeMs: 1_000 })
    const time = ownTime()
    let ended = false
    const failing = failureOf(cloud.importImage(SCOPE, REQUEST)).finally(() => {
      ended = true
    })
    await request
    await time.pass(0)
    for (let tenth = 1; tenth < 10; tenth++) await time.pass(100)
    expect(ended).toBe(false)
    await time.pass(100)
    const { code, message } = await failing
    expect({ code, message }).toEqual({
      code: "ClientError.Timeout",
      message: expect.stringContaining("within 1000 ms"),
    })
  })

  it("connection that never stands: not accepted, at the connect deadline", async () => {
    // A listener that accepts TCP and never answers the TLS handshake.
    const server = await rawServer(() => {})
    open.push(server)
    const cloud = await cloudAt(`https://127.0.0.1:${server.port}`, {
      limits: { ...PATIENT, connectMs: 500 },
    })
    const start = performance.now()
    expect(await both(cloud)).toMatchObject({ code: "ClientError.Timeout", write: false, read: true })
    expect(performance.now() - start).toBeLessThan(PATIENT.writeMs ?? 0)
  })

  it("connection lost during the TLS handshake: not accepted", async () => {
    const server = await rawServer((socket) => socket.once("data", () => socket.destroy()))
    open.push(server)
    const cloud = await cloudAt(`https://127.0.0.1:${server.port}`)
    const failure = await failureOf(cloud.importImage(SCOPE, REQUEST))
    expect(failure.ambiguous).toBe(false)
  })
})

describe("with a reply that is none of the service's", () => {
  const html = "<html><body>Sign in to the hotel's network</body></html>"
  it.each([
    ["HTML", html, { "content-type": "text/html" }],
    ["an empty body", "", {}],
    ["{}", "{}", {}],
    ["null", "null", {}],
    ["a Response that is a list", '{"Response":[]}', {}],
    ["a Response without a RequestId", '{"Response":{"TotalCount":0,"ImageSet":[]}}', {}],
    ["an error without a code", '{"Response":{"Error":{},"RequestId":"r"}}', {}],
    ["broken gzip", "not gzip", { "content-encoding": "gzip" }],
    ["another encoding", "x", { "content-encoding": "br" }],
  ])("%s with status 200: unknown, never an empty listing", async (_, body, headers) => {
    const cloud = await against(reply(body, headers as Record<string, string>))
    expect(await both(cloud)).toMatchObject({ code: "ClientError.InvalidReply", write: true, read: true })
  })

  it.each(["{}", '{"TotalCount":0}'.replace("0", '"0"'), '{"TotalCount":3,"ImageSet":null}'])(
    "a listing that lacks its fields is refused: %s",
    async (response) => {
      const cloud = await against(httpServer(api(() => JSON.parse(response) as object)))
      expect((await failureOf(cloud.listImages(SCOPE))).code).toBe("ClientError.InvalidReply")
    },
  )

  it.each([
    [500, true],
    [502, true],
    [503, true],
    [504, true],
    [429, true],
    [404, false],
    [403, false],
  ])("status %i: unknown", async (status, retryable) => {
    const cloud = await against(reply("nope", {}, status))
    expect(await both(cloud)).toEqual({
      code: "ClientError.HttpStatus",
      write: true,
      read: retryable,
      status,
    })
  })

  it("status 500 with the API's JSON: unknown, its code in the message", async () => {
    const body = '{"Response":{"Error":{"Code":"InternalError","Message":"sorry"},"RequestId":"r-1"}}'
    const cloud = await against(reply(body, {}, 500))
    const failure = await failureOf(cloud.importImage(SCOPE, REQUEST))
    expect(failure).toMatchObject({ code: "ClientError.HttpStatus", ambiguous: true, requestId: "r-1" })
    expect(failure.message).toContain("InternalError: sorry")
  })

  it("a redirect is not followed", async () => {
    let elsewhere = 0
    const target = await httpServer((_, response) => {
      elsewhere++
      response.end()
    })
    open.push(target)
    const cloud = await against(reply("", { location: target.url }, 302))
    expect(await both(cloud)).toEqual({
      code: "ClientError.HttpStatus",
      write: true,
      read: false,
      status: 302,
    })
    expect(elsewhere).toBe(0)
  })

  it("a gzip bomb and a body without end stop at the cap", async () => {
    const bomb = gzipSync(Buffer.alloc(17 << 20))
    const zipped = await against(reply(bomb, { "content-encoding": "gzip" }))
    expect(await both(zipped)).toMatchObject({ code: "ClientError.TooLarge", write: true, read: false })
    let written = 0
    const endless = await against(
      httpServer((_, response) => {
        const chunk = Buffer.alloc(1 << 20)
        const more = (): void => {
          while (!response.destroyed && response.write(chunk)) written += chunk.length
          if (!response.destroyed) response.once("drain", more)
        }
        more()
      }),
    )
    expect((await failureOf(endless.importImage(SCOPE, REQUEST))).code).toBe("ClientError.TooLarge")
    expect(written).toBeLessThan(64 << 20)
  })

  it("gzip is understood", async () => {
    const body = gzipSync('{"Response":{"TotalCount":0,"ImageSet":[],"RequestId":"r"}}')
    const cloud = await against(reply(body, { "content-encoding": "gzip" }))
    expect(await cloud.listImages(SCOPE)).toEqual([])
  })
})

describe("abort", () => {
  it("before the call left: the signal's reason", async () => {
    const cloud = await against(httpServer(api(() => ({}))))
    const reason = new Error("stop")
    await expect(cloud.importImage(SCOPE, REQUEST, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    )
  })

  it("while a read is under way: it ends at once", async () => {
    const controller = new AbortController()
    const cloud = await against(httpServer(() => controller.abort(new Error("stop"))))
    expect(await failureOf(cloud.listImages(SCOPE, { signal: controller.signal }))).toMatchObject({
      code: "ClientError.Aborted",
    })
  })

  it("while a write is under way: its reply is awaited", async () => {
    const controller = new AbortController()
    const answer = api(() => ({}))
    const cloud = await against(
      httpServer((request, response) => {
        controller.abort(new Error("stop"))
        answer(request, response)
      }),
    )
    const { requestId } = await cloud.importImage(SCOPE, REQUEST, { signal: controller.signal })
    expect(requestId).not.toBe("")
  })
})

describe("kept-alive connections", () => {
  it("are reused", async () => {
    let connections = 0
    const server = http.createServer(api(() => ({ ImageNumQuota: 1 })))
    server.on("connection", () => connections++)
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()))
    const cloud = await cloudAt(`http://127.0.0.1:${(server.address() as net.AddressInfo).port}`)
    open.push(cloud, { close: () => server.closeAllConnections() }, server)
    for (let i = 0; i < 3; i++) expect(await cloud.imageQuota(SCOPE)).toBe(1)
    expect(connections).toBe(1)
  })

  it("are given up after three idle seconds, which end no call that waits longer than that", async () => {
    let connections = 0
    const quota = api(() => ({ ImageNumQuota: 1 }))
    const server = http.createServer((request, response) => {
      setTimeout(() => quota(request, response), connections === 1 ? 3_500 : 0)
    })
    server.keepAliveTimeout = 60_000
    server.on("connection", () => connections++)
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()))
    const { port } = server.address() as net.AddressInfo
    const cloud = await cloudAt(`http://127.0.0.1:${port}`)
    open.push(cloud, { close: () => server.closeAllConnections() }, server)
    expect(await cloud.imageQuota(SCOPE)).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 3_300))
    expect(await cloud.imageQuota(SCOPE)).toBe(1)
    expect(connections).toBe(2)
  })

  it("closed by the server at the moment of use: unknown, because nothing proves that it was not read", async () => {
    const answer = JSON.stringify({ Response: { TotalCount: 0, ImageSet: [], RequestId: "r" } })
    const cloud = await against(
      rawServer((socket) => {
        let requests = 0
        socket.on("data", (data) => {
          if (!data.toString("latin1").includes("POST /")) return
          requests++
          if (requests > 1) return void socket.resetAndDestroy()
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${answer.length}\r\n\r\n${answer}`)
        })
      }),
    )
    expect(await cloud.listImages(SCOPE)).toEqual([])
    expect(await failureOf(cloud.importImage(SCOPE, REQUEST))).toMatchObject({
      code: "ClientError.ConnectionLost",
      ambiguous: true,
    })
  })
})

describe("proxies", () => {
  it("http_proxy and HTTP_PROXY do not catch loopback", async () => {
    const server = await httpServer(api(() => ({ ImageNumQuota: 7 })))
    const proxy = {
      http_proxy: "http://127.0.0.1:9",
      HTTP_PROXY: "http://127.0.0.1:9",
      HTTPS_PROXY: "http://127.0.0.1:9",
    }
    process.env.http_proxy = proxy.http_proxy
    try {
      const cloud = await cloudAt(server.url, { env: proxy })
      open.push(cloud, server)
      expect(await cloud.imageQuota(SCOPE)).toBe(7)
    } finally {
      process.env.http_proxy = ""
    }
  })

  it("HTTPS_PROXY is asked to CONNECT and sees neither request nor keys", async () => {
    const seen: string[] = []
    const proxy = http.createServer()
    proxy.on("connect", (request, socket) => {
      seen.push(`${request.url} ${JSON.stringify(request.headers)}`)
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n")
    })
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", () => resolve()))
    open.push(proxy)
    const { port } = proxy.address() as net.AddressInfo
    const transport = createTransport({ HTTPS_PROXY: `http://user:p%40ss@127.0.0.1:${port}` })
    open.push(transport)
    const error = await transport
      .post({
        url: new URL("https://cvm.example.test/"),
        headers: { authorization: "secret" },
        body: Buffer.from("{}"),
        totalMs: 100_000,
      })
      .catch((e: unknown) => e as TransportError)
    expect(error).toMatchObject({ fault: "Proxy", sent: false })
    expect(seen).toHaveLength(1)
    expect(seen[0]).toContain("cvm.example.test:443")
    expect(seen[0]).toContain(`Basic ${Buffer.from("user:p@ss").toString("base64")}`)
    expect(seen[0]).not.toContain("secret")
  })
})

interface TlsServer {
  readonly port: number
  readonly cert: Buffer
  readonly requests: () => number
}

/** A server with a certificate of its own making, or undefined where there is no openssl to make one. */
async function tlsServer(): Promise<TlsServer | undefined> {
  const directory = mkdtempSync(join(tmpdir(), "cvmimg-tls-"))
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")]
  try {
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1,DNS:cvm.example.test"]
    const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert]
    execFileSync("openssl", [...args, ...subject], { stdio: "ignore" })
  } catch {
    return undefined
  }
  let requests = 0
  const made = { key: readFileSync(key), cert: readFileSync(cert) }
  rmSync(directory, { recursive: true })
  const server = https.createServer(made, (_, response) => {
    requests++
    response.end("{}")
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()))
  open.push({ close: () => server.closeAllConnections() }, server)
  return { port: (server.address() as net.AddressInfo).port, cert: made.cert, requests: () => requests }
}

describe("TLS", () => {
  it("a certificate that nobody vouches for is refused before anything is sent, whatever node is told", async (t) => {
    const server = await tlsServer()
    if (server === undefined) return t.skip()
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"
    try {
      const cloud = await cloudAt(`https://127.0.0.1:${server.port}`)
      open.push(cloud)
      expect(await both(cloud)).toMatchObject({ code: "ClientError.Tls", write: false, read: false })
      expect(server.requests()).toBe(0)
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    }
  })

  it("a certificate of another name is refused, the right one serves, and both through a proxy too", async (t) => {
    const server = await tlsServer()
    if (server === undefined) return t.skip()
    let tunnels = 0
    const proxy = http.createServer()
    proxy.on("connect", (_, socket) => {
      tunnels++
      const onward = net.connect(server.port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
        onward.pipe(socket).pipe(onward)
      })
      onward.on("error", () => socket.destroy())
      socket.on("error", () => onward.destroy())
    })
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", () => resolve()))
    open.push(proxy)
    const { port } = proxy.address() as net.AddressInfo
    const exchange = { headers: {}, body: Buffer.from("{}"), totalMs: 100_000 }
    const direct = createTransport({}, DEFAULT_LIMITS, server.cert)
    const tunnelled = createTransport(
      { https_proxy: `http://127.0.0.1:${port}` },
      DEFAULT_LIMITS,
      server.cert,
    )
    open.push(direct, tunnelled)
    const good = await direct.post({ ...exchange, url: new URL(`https://127.0.0.1:${server.port}/`) })
    expect(good.status).toBe(200)
    let sent = 0
    for (let i = 0; i < 2; i++) {
      const url = new URL("https://cvm.example.test/")
      const reply = await tunnelled.post({ ...exchange, url, onSent: () => sent++ })
      expect(reply.body.toString()).toBe("{}")
    }
    expect({ tunnels, sent }).toEqual({ tunnels: 1, sent: 2 })
    const wrong = tunnelled.post({ ...exchange, url: new URL("https://tag.example.test/") })
    await expect(wrong).rejects.toMatchObject({ fault: "Tls", sent: false })
    expect(server.requests()).toBe(3)
  })

  it("plain http is refused for anything but loopback", async () => {
    for (const endpoint of [
      "http://example.test",
      "ftp://x",
      "nonsense",
      "https://x/path",
      "https://u:p@x",
    ]) {
      expect((await failureOf(cloudAt(endpoint))).code, endpoint).toBe("ClientError.Endpoint")
    }
  })
})

describe("as much of a body as is enough", () => {
  /** What a GET brings of each path in turn, and how many connections that took. */
  const get = async (handler: http.RequestListener, enough: number, paths: readonly string[]) => {
    const server = await httpServer(handler)
    const transport = createTransport({})
    open.push({ close: () => transport.close() }, server)
    const replies = []
    for (const path of paths) {
      const url = new URL(path, server.url)
      const one = { method: "GET", url, headers: {}, body: Buffer.alloc(0), totalMs: 5_000, enough }
      const { status, body } = await transport.post(one)
      replies.push(`${status} ${body.toString("latin1")}`)
    }
    return replies
  }

  it("a longer one is cut, and its connection not used again", async () => {
    const ports = new Set<number | undefined>()
    const endless: http.RequestListener = (request, response) => {
      ports.add(request.socket.remotePort)
      response.writeHead(200, { "content-length": 1 << 30 }).write("0123456789")
    }
    expect(await get(endless, 4, ["/a", "/b"])).toEqual(["200 0123", "200 0123"])
    expect(ports.size).toBe(2)
  })

  it("one that ends there leaves its connection for the next, and a GET says nothing of a body", async () => {
    const ports = new Set<number | undefined>()
    const lengths = new Set<string | undefined>()
    const short: http.RequestListener = (request, response) => {
      ports.add(request.socket.remotePort)
      lengths.add(request.headers["content-length"])
      response.end(request.url)
    }
    expect(await get(short, 4, ["/123", "/a", "/321"])).toEqual(["200 /123", "200 /a", "200 /321"])
    expect([...ports]).toHaveLength(1)
    expect([...lengths]).toEqual([undefined])
  })

  it("an encoding is not undone", async () => {
    const encoded: http.RequestListener = (_, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end("plain")
    expect(await get(encoded, 100, ["/"])).toEqual(["200 plain"])
  })
})

it("documented defaults", () => {
  expect(DEFAULT_LIMITS).toEqual({ connectMs: 10_000, idleMs: 10_000, maxBytes: 16 * 1024 * 1024 })
})
