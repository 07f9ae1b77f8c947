/** Canaries: keys, tokens and signatures must not come out of anything that the cloud hands back. */
import { inspect } from "node:util"
import { expect, it } from "vitest"
import { systemClock } from "../../src/cloud/clock.ts"
import { connect } from "../../src/cloud/connect.ts"
import { CloudError } from "../../src/cloud/failure.ts"
import type { Failure } from "../../src/model/failure.ts"
import { api, httpServer, REQUEST, rawServer, SCOPE } from "./support.ts"

const CANARY = "canary"
const ENV = {
  TENCENTCLOUD_SECRET_ID: "AKIDcanaryid0123456789",
  TENCENTCLOUD_SECRET_KEY: "canarykey0123456789",
  TENCENTCLOUD_TOKEN: "canarytoken0123456789",
}

const show = (value: unknown): string =>
  [
    inspect(value, { depth: 12, showHidden: true, getters: true }),
    value instanceof Error ? `${value.stack} ${value}` : "",
    JSON.stringify(value, (_, v: unknown) =>
      v instanceof Error ? { ...v, message: v.message, stack: v.stack } : v,
    ),
  ].join("\n")

it("nothing that the cloud returns, throws or reports holds a secret", async () => {
  const seen: string[] = []
  // A service, or something in its place, that echoes whatever it was sent.
  const echo = await httpServer((request, response) => {
    const said = `${JSON.stringify(request.headers)} ${ENV.TENCENTCLOUD_SECRET_KEY}`
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      seen.push(said)
      const message = `${said} ${Buffer.concat(chunks).toString()}`
      const body = { Response: { Error: { Code: "InternalError", Message: message }, RequestId: "r" } }
      if (request.headers["x-tc-action"] === "DescribeImageQuota") response.statusCode = 503
      response.end(JSON.stringify(body))
    })
  })
  const reset = await rawServer((socket) => socket.once("data", () => socket.resetAndDestroy()))
  const retries: Failure[] = []
  const shown: string[] = []
  for (const endpoint of [echo.url, reset.url]) {
    const cloud = await connect({
      site: "intl",
      accounts: [{ name: "default", vars: {} }],
      clock: systemClock,
      env: ENV,
      home: "/nonexistent",
      endpoint,
      retry: { attempts: 2, baseMs: 1 },
      onRetry: (failure) => retries.push(failure),
    })
    const signed = { ...REQUEST, sign: true }
    const calls = [
      cloud.importImage(SCOPE, signed),
      cloud.rehearseImport(SCOPE, signed),
      cloud.listImages(SCOPE),
      cloud.imageQuota(SCOPE),
      cloud.callerIdentity("default"),
      cloud.ensureTag("default", "a", "b"),
      cloud.modifyTags(SCOPE, "img-1", { set: { a: "b" }, remove: [] }),
    ]
    for (const result of await Promise.allSettled(calls)) {
      expect(result.status).toBe("rejected")
      if (result.status === "rejected") {
        expect(result.reason).toBeInstanceOf(CloudError)
        shown.push(show(result.reason))
      }
    }
    shown.push(show(cloud))
    cloud.close()
  }
  shown.push(show(retries))
  expect(seen.some((text) => text.includes(CANARY))).toBe(true)
  for (const text of shown) {
    expect(text).not.toContain(CANARY)
    expect(text).not.toMatch(/q-signature=[0-9a-f]|Signature=[0-9a-f]/)
  }
  await echo.close()
  await reset.close()
})

it("a successful import returns no URL", async () => {
  const server = await httpServer(api(() => ({ ImageId: "img-1" })))
  const home = "/nonexistent"
  const accounts = [{ name: "default", vars: {} }]
  const cloud = await connect({
    site: "intl",
    accounts,
    clock: systemClock,
    env: ENV,
    home,
    endpoint: server.url,
  })
  const accepted = await cloud.importImage(SCOPE, { ...REQUEST, sign: true })
  expect(accepted).toEqual({ requestId: "request-1", imageId: "img-1" })
  cloud.close()
  await server.close()
})
