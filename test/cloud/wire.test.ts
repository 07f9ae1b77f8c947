/** What is repeated and what is not, over real HTTP. */
import { afterEach, describe, expect, it } from "vitest"
import { systemClock } from "../../src/cloud/clock.ts"
import { failureOf as failureFrom } from "../../src/cloud/failure.ts"
import { type CredentialSource, Keys } from "../../src/cloud/keys.ts"
import { createRetryBudget, DEFAULT_RETRY, retryDelay } from "../../src/cloud/retry.ts"
import type { Failure } from "../../src/model/failure.ts"
import { api, cloudAt, failureOf, httpServer, KEYS, REQUEST, SCOPE } from "./support.ts"

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

const FAST = { attempts: 5, baseMs: 1, maxMs: 2, throttleMs: 60_000 }

/** A cloud on a server that answers each call in turn; what is left is answered like the last. */
async function script(...answers: (object | [string, string] | "500" | "reset")[]) {
  const calls: { action: string; at: number }[] = []
  const retries: Failure[] = []
  let n = 0
  const server = await httpServer((request, response) => {
    calls.push({ action: String(request.headers["x-tc-action"]), at: performance.now() })
    const answer = answers[Math.min(n++, answers.length - 1)] ?? {}
    if (answer === "reset") return void request.socket.resetAndDestroy()
    if (answer === "500") {
      response.writeHead(500)
      return void response.end()
    }
    api(() => answer as object)(request, response)
  })
  let onRetry = (): void => {}
  const retried = new Promise<void>((resolve) => {
    onRetry = resolve
  })
  const cloud = await cloudAt(server.url, {
    retry: FAST,
    onRetry: (failure) => {
      retries.push(failure)
      onRetry()
    },
  })
  open.push(cloud, server)
  return { cloud, calls, retries, retried }
}

const THROTTLED: [string, string] = ["RequestLimitExceeded", "too many"]

describe("reads", () => {
  it.each<[string, [string, string] | "500" | "reset"]>([
    ["InternalError", ["InternalError", "sorry"]],
    ["status 500", "500"],
    ["a reset", "reset"],
  ])("are repeated after %s", async (_, fault) => {
    const { cloud, calls, retries } = await script(fault, fault, { ImageNumQuota: 5 })
    expect(await cloud.imageQuota(SCOPE)).toBe(5)
    expect(calls).toHaveLength(3)
    expect(retries).toHaveLength(2)
  })

  it("are not repeated after a refusal, nor for ever", async () => {
    const refused = await script(["UnauthorizedOperation", "no"])
    expect((await failureOf(refused.cloud.imageQuota(SCOPE))).advice).toContain("cvm:DescribeImageQuota")
    expect(refused.calls).toHaveLength(1)
    const down = await script("500")
    expect((await failureOf(down.cloud.imageQuota(SCOPE))).httpStatus).toBe(500)
    expect(down.calls).toHaveLength(5)
  })

  it("share a budget: a service that is down is not hammered", async () => {
    const { cloud, calls } = await script("500")
    await Promise.all(Array.from({ length: 9 }, () => failureOf(cloud.imageQuota(SCOPE))))
    // 9 first calls and 100 tokens at 5 each.
    expect(calls).toHaveLength(29)
  })

  it("rehearsals count as reads, and DryRunOperation is success", async () => {
    const { cloud, calls } = await script("500", ["DryRunOperation", "would have"])
    expect(await cloud.rehearseImport(SCOPE, REQUEST)).toEqual({ requestId: "request-1" })
    expect(calls.map((c) => c.action)).toEqual(["ImportImage", "ImportImage"])
  })
})

describe("writes", () => {
  it.each<[string, [string, string] | "500" | "reset" | object]>([
    ["InternalError", ["InternalError", "sorry"]],
    ["an unknown code", ["Brand.New", "?"]],
    ["status 500", "500"],
    ["a reset", "reset"],
  ])("are never repeated after %s", async (_, fault) => {
    const { cloud, calls } = await script(fault, {})
    expect((await failureOf(cloud.importImage(SCOPE, REQUEST))).ambiguous).toBe(true)
    expect(calls).toHaveLength(1)
  })

  it("are repeated when throttled, after a second at the earliest, in order", async () => {
    const { cloud, calls, retries } = await script(THROTTLED, {})
    expect(await cloud.importImage(SCOPE, REQUEST)).toEqual({ requestId: "request-1" })
    expect(calls).toHaveLength(2)
    expect((calls[1]?.at ?? 0) - (calls[0]?.at ?? 0)).toBeGreaterThanOrEqual(995)
    expect(retries[0]).toMatchObject({ code: "RequestLimitExceeded", ambiguous: false, blame: "rate" })
  })

  it("are repeated when nothing listened yet", async () => {
    const reserved = await httpServer(() => {})
    await reserved.close()
    let onRetry = (): void => {}
    const retried = new Promise<void>((resolve) => {
      onRetry = resolve
    })
    const retry = { ...FAST, attempts: 20, baseMs: 2_000, maxMs: 2_000 }
    const cloud = await cloudAt(reserved.url, { retry, onRetry })
    const write = cloud.modifyImage(SCOPE, "img-1", { deprecated: true })
    await retried
    const server = await httpServer(
      api(() => ({})),
      reserved.port,
    )
    open.push(cloud, server)
    expect(await write).toEqual({ requestId: "request-1" })
  })

  it("stop waiting when aborted", async () => {
    const { cloud, calls, retried } = await script(THROTTLED)
    const controller = new AbortController()
    void retried.then(() => controller.abort(new Error("stop")))
    await expect(cloud.importImage(SCOPE, REQUEST, { signal: controller.signal })).rejects.toThrow("stop")
    expect(calls).toHaveLength(1)
  })
})

describe("the clock", () => {
  /** A service whose clock is `offset` seconds off ours, with the documented limit of five minutes. */
  const at = Date.UTC(2026, 10, 24, 6)
  const clock = { ...systemClock, now: () => at }
  async function skewed(offset: number, withDate = true) {
    const stamps: number[] = []
    const server = await httpServer((request, response) => {
      const now = at / 1_000 + offset
      const stamp = Number(request.headers["x-tc-timestamp"])
      stamps.push(stamp - now)
      response.sendDate = false
      if (withDate) response.setHeader("date", new Date(now * 1_000).toUTCString())
      api(() =>
        Math.abs(stamp - now) > 300 ? ["AuthFailure.SignatureExpire", "expired"] : { ImageNumQuota: 1 },
      )(request, response)
    })
    const cloud = await cloudAt(server.url, { clock })
    open.push(cloud, server)
    return { cloud, stamps }
  }

  it.each([600, -600])(
    "that is %i s off is corrected once from the Date header, for reads and writes",
    async (s) => {
      const { cloud, stamps } = await skewed(s)
      expect(await cloud.importImage(SCOPE, REQUEST)).toMatchObject({ requestId: "request-1" })
      expect(await cloud.imageQuota(SCOPE)).toBe(1)
      expect(stamps).toHaveLength(3)
      expect(Math.abs(stamps[0] ?? 0)).toBeGreaterThan(590)
      for (const stamp of stamps.slice(1)) expect(Math.abs(stamp)).toBeLessThanOrEqual(2)
    },
  )

  it("is corrected for calls that were under way together, too", async () => {
    const { cloud, stamps } = await skewed(600)
    const all = await Promise.all(Array.from({ length: 5 }, () => cloud.imageQuota(SCOPE)))
    expect(all).toEqual([1, 1, 1, 1, 1])
    expect(stamps.length).toBeLessThanOrEqual(10)
  })

  it("is left alone without a Date header", async () => {
    const { cloud, stamps } = await skewed(600, false)
    const failure = await failureOf(cloud.importImage(SCOPE, REQUEST))
    expect(failure).toMatchObject({ code: "AuthFailure.SignatureExpire", ambiguous: false })
    expect(stamps).toHaveLength(1)
  })

  it("that the service keeps refusing is reported with its skew", async () => {
    const server = await httpServer((request, response) => {
      response.sendDate = false
      response.setHeader("date", new Date(at - 900_000).toUTCString())
      api(() => ["AuthFailure.SignatureExpire", "expired"])(request, response)
    })
    const cloud = await cloudAt(server.url, { clock })
    open.push(cloud, server)
    const failure = await failureOf(cloud.imageQuota(SCOPE))
    expect(failure.message).toMatch(/clock is (?:899|900|901) s ahead of the service's/)
  })
})

describe("temporary credentials that were turned away", () => {
  async function withTokens(renewed: Keys) {
    const tokens: unknown[] = []
    let renewals = 0
    const old = new Keys({ secretId: "AKIDold-old-old", secretKey: "old-old-old", token: "old-token" })
    const credentials: CredentialSource = {
      of: async () => old,
      renew: async () => {
        renewals++
        return renewed
      },
    }
    const server = await httpServer(
      api((_action, _params, headers) => {
        tokens.push(headers["x-tc-token"])
        return headers["x-tc-token"] === "new-token" ? {} : ["AuthFailure.TokenFailure", "expired old-token"]
      }),
    )
    const cloud = await cloudAt(server.url, { credentials })
    open.push(cloud, server)
    return { cloud, tokens, renewals: () => renewals, old }
  }

  it("are read again, once, and the call repeated", async () => {
    const fresh = new Keys({ secretId: "AKIDnew-new-new", secretKey: "new-new-new", token: "new-token" })
    const { cloud, tokens } = await withTokens(fresh)
    expect(await cloud.importImage(SCOPE, REQUEST)).toEqual({ requestId: "request-2" })
    expect(tokens).toEqual(["old-token", "new-token"])
  })

  it("are an error where there are no others", async () => {
    const same = new Keys({ secretId: "AKIDold-old-old", secretKey: "old-old-old", token: "old-token" })
    const { cloud, tokens, renewals } = await withTokens(same)
    const failure = await failureOf(cloud.importImage(SCOPE, REQUEST))
    expect(failure).toMatchObject({ code: "AuthFailure.TokenFailure", ambiguous: false, blame: "permission" })
    expect(failure.message).not.toContain("old-token")
    expect(tokens).toHaveLength(1)
    expect(renewals()).toBe(1)
  })
})

describe("delays", () => {
  const failure = failureFrom("InternalError", { message: "x" })
  it("double, with full jitter, up to a bound", () => {
    const budget = createRetryBudget()
    const policy = { ...DEFAULT_RETRY, attempts: 100 }
    const delays = [1, 2, 3, 4, 5, 6, 7].map((made) =>
      retryDelay({ failure, write: false, made, elapsedMs: 0 }, policy, budget, () => 0.5),
    )
    expect(delays).toEqual([125, 250, 500, 1_000, 2_000, 4_000, 4_000])
  })

  it("of a throttled call never end before a second, nor its repetition before its patience", () => {
    const throttled = failureFrom("RequestLimitExceeded", { message: "x" })
    const budget = createRetryBudget()
    const delay = (elapsedMs: number) =>
      retryDelay({ failure: throttled, write: true, made: 0, elapsedMs }, DEFAULT_RETRY, budget, () => 0)
    expect(delay(0)).toBe(1_000)
    expect(delay(14 * 60_000)).toBe(1_000)
    expect(delay(15 * 60_000)).toBeNull()
  })
})

it("the scope's service, version and region travel in the headers, in POST alone", async () => {
  const seen: Record<string, unknown>[] = []
  const server = await httpServer((request, response) => {
    const h = request.headers
    seen.push({
      method: request.method,
      url: request.url,
      action: h["x-tc-action"],
      version: h["x-tc-version"],
      region: h["x-tc-region"],
      language: h["x-tc-language"],
      credential: /Credential=([^,]*)/.exec(h.authorization ?? "")?.[1]?.replace(/\d{4}-\d\d-\d\d/, "DATE"),
    })
    api(() => ({ AccountId: "1", UserId: "2", Arn: "qcs::cam::uin/1:uin/2" }))(request, response)
  })
  const cloud = await cloudAt(server.url, { clock: systemClock })
  open.push(cloud, server)
  await cloud.modifyImage(SCOPE, "img-1", { name: "x" })
  await cloud.ensureTag("default", "k", "v")
  expect(await cloud.callerIdentity("default")).toEqual({
    accountId: "1",
    userId: "2",
    arn: "qcs::cam::uin/1:uin/2",
  })
  const common = { method: "POST", url: "/", language: "en-US" }
  const id = KEYS.secretId
  expect(seen).toEqual([
    {
      ...common,
      action: "ModifyImageAttribute",
      version: "2017-03-12",
      region: "ap-singapore",
      credential: `${id}/DATE/cvm/tc3_request`,
    },
    {
      ...common,
      action: "CreateTag",
      version: "2018-08-13",
      region: undefined,
      credential: `${id}/DATE/tag/tc3_request`,
    },
    {
      ...common,
      action: "GetCallerIdentity",
      version: "2018-08-13",
      region: undefined,
      credential: `${id}/DATE/sts/tc3_request`,
    },
  ])
})
