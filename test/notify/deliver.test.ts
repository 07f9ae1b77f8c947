// Delivery over real HTTP: what counts as accepted, what is tried again and for how long, and what is said of failure.
import { createHmac } from "node:crypto"
import { describe, expect, onTestFinished, test } from "vitest"
import { openWebhooks } from "../../src/cli/webhooks.ts"
import { type Delivery, deliver, type Post } from "../../src/notify/index.ts"
import type { Kind, Target } from "../../src/notify/target.ts"
import { aNotification } from "./build.ts"
import { answer, receiver, silence } from "./receiver.ts"

const notification = aNotification()

/** A clock on which only waits take time; the network takes as long as it takes. */
function waits(): { clock: Parameters<typeof deliver>[2]["clock"]; slept: number[] } {
  const slept: number[] = []
  let now = Date.parse("2026-11-24T06:00:00Z")
  return {
    slept,
    clock: {
      now: () => now,
      monotonic: () => now,
      sleep: async (ms) => {
        slept.push(ms)
        now += ms
      },
    },
  }
}

function post(): Post {
  const webhooks = openWebhooks({})
  onTestFinished(() => webhooks.close())
  return webhooks.post
}

interface Sent {
  readonly delivery: Delivery
  readonly slept: number[]
}

async function send(
  target: { kind: Kind; url: string; secret?: string },
  how: { post?: Post } = {},
): Promise<Sent> {
  const { clock, slept } = waits()
  const to: Target = { ...target, id: "t", url: new URL(target.url) }
  const delivery = await deliver(to, notification, {
    post: how.post ?? post(),
    clock,
    signal: new AbortController().signal,
    random: () => 0.5,
  })
  return { delivery, slept }
}

describe("accepted", () => {
  test.each([
    ["json", ""],
    ["json", { anything: 1 }],
    ["slack", "ok"],
    ["wecom", { errcode: 0, errmsg: "ok" }],
    ["dingtalk", { errcode: 0, errmsg: "ok" }],
    ["feishu", { code: 0, msg: "success", data: {} }],
    ["feishu", { StatusCode: 0, StatusMessage: "success" }],
  ] as const)("%s answers %o", async (kind, usual) => {
    const r = await receiver(usual)
    const { delivery } = await send({ kind, url: r.url })
    expect(delivery).toEqual({ accepted: true, attempts: 1 })
    expect(r.received).toHaveLength(1)
    expect(r.received[0]?.headers["content-type"]).toBe("application/json; charset=utf-8")
    expect(() => JSON.parse(r.received[0]?.body ?? "")).not.toThrow()
  })

  test("a signature can be checked with what was received alone, and each attempt has its own", async () => {
    const r = await receiver()
    r.answers.push(answer(500))
    const { slept } = await send({ kind: "json", url: r.url, secret: "key" })
    const signatures = r.received.map(({ headers, body }) => {
      const signature = String(headers["x-cvmimg-signature"])
      const t = /^t=(\d+),/.exec(signature)?.[1] ?? ""
      expect(signature).toBe(`t=${t},v1=${createHmac("sha256", "key").update(`${t}.${body}`).digest("hex")}`)
      return signature
    })
    expect(slept).toEqual([1_000])
    expect(new Set(signatures).size).toBe(2)
    expect(new Set(r.received.map((x) => x.headers["x-cvmimg-delivery"]))).toEqual(new Set([notification.id]))
  })

  test("DingTalk's signature is added to the address that was given", async () => {
    const r = await receiver({ errcode: 0 }, "/robot/send?access_token=T")
    await send({ kind: "dingtalk", url: r.url, secret: "SEC" })
    const { searchParams } = r.received[0]?.url ?? new URL("http://x")
    const t = searchParams.get("timestamp") ?? ""
    expect(searchParams.get("access_token")).toBe("T")
    expect(searchParams.get("sign")).toBe(createHmac("sha256", "SEC").update(`${t}\nSEC`).digest("base64"))
  })
})

describe("tried again", () => {
  test.each([
    ["json", answer(500)],
    ["json", answer(503)],
    ["slack", answer(429)],
    ["json", (response: { destroy(): void }) => response.destroy()],
    ["wecom", answer(200, { errcode: 45_009, errmsg: "api freq out of limit" })],
    ["wecom", answer(200, { errcode: -1 })],
    ["dingtalk", answer(200, { errcode: 130_101, errmsg: "send too fast" })],
    ["feishu", answer(200, { code: 11_232, msg: "frequency limited" })],
  ] as const)("%s: twice, then accepted", async (kind, trouble) => {
    const r = await receiver()
    r.answers.push(trouble as never, trouble as never)
    const { delivery, slept } = await send({ kind, url: r.url })
    expect(delivery).toEqual({ accepted: true, attempts: 3 })
    expect(slept).toEqual([1_000, 2_000])
  })

  test("four times at the most", async () => {
    const r = await receiver()
    r.answers.push(...Array.from({ length: 9 }, () => answer(502)))
    const { delivery, slept } = await send({ kind: "json", url: r.url })
    expect(delivery).toMatchObject({ accepted: false, attempts: 4, problem: "unreachable", code: "502" })
    expect(slept).toEqual([1_000, 2_000, 4_000])
  })

  test("after as long as the receiver asks for, in seconds or as a date", async () => {
    const r = await receiver()
    r.answers.push(
      answer(429, "", { "retry-after": "7" }),
      answer(503, "", { "retry-after": "Tue, 24 Nov 2026 06:00:20 GMT" }),
    )
    const { delivery, slept } = await send({ kind: "slack", url: r.url })
    expect(delivery).toEqual({ accepted: true, attempts: 3 })
    expect(slept).toEqual([7_000, 13_000])
  })

  test("but no run is held up for long: it is told with the next one", async () => {
    const r = await receiver()
    r.answers.push(answer(429, "", { "retry-after": "3600" }))
    const { delivery, slept } = await send({ kind: "slack", url: r.url })
    expect(delivery).toMatchObject({ accepted: false, attempts: 1, problem: "busy", code: "429" })
    expect(slept).toEqual([])
  })

  test("a receiver that does not answer costs its time limit and no more", async () => {
    const [silent, good] = [await receiver(), await receiver()]
    silent.answers.push(silence, silence)
    const real = post()
    let attempts = 0
    const { delivery } = await send(
      { kind: "json", url: good.url },
      {
        post: (q) => {
          attempts += 1
          return attempts > 2 ? real(q) : real({ ...q, url: new URL(silent.url), timeoutMs: 100 })
        },
      },
    )
    expect(delivery).toEqual({ accepted: true, attempts: 3 })
    expect(good.received).toHaveLength(1)
  })

  test("each attempt is given 10 seconds", async () => {
    const limits: number[] = []
    await send(
      { kind: "json", url: "http://127.0.0.1:9/" },
      {
        post: async ({ timeoutMs }) => {
          limits.push(timeoutMs)
          throw new Error("refused")
        },
      },
    )
    expect(limits).toEqual([10_000, 10_000, 10_000, 10_000])
  })
})

describe("refused", () => {
  test.each([
    ["json", answer(401), "refused", "401"],
    ["slack", answer(404, "no_service"), "gone", "404"],
    ["slack", answer(410, "channel_is_archived"), "gone", "410"],
    ["slack", answer(400, "invalid_payload"), "refused", "400"],
    ["json", answer(302, "", { location: "http://127.0.0.1:9/" }), "unexpected", "302"],
    ["wecom", answer(200, { errcode: 93_000, errmsg: "invalid webhook url" }), "gone", "code 93000"],
    ["wecom", answer(200, { errcode: 40_058 }), "refused", "code 40058"],
    ["dingtalk", answer(200, { errcode: 310_000, errmsg: "sign not match" }), "refused", "code 310000"],
    ["feishu", answer(200, { code: 19_021, msg: "sign match fail" }), "refused", "code 19021"],
    ["feishu", answer(200, { code: 19_001 }), "gone", "code 19001"],
    ["feishu", answer(200, "<html>portal</html>"), "unexpected", "200 without a code"],
    ["wecom", answer(200, "null"), "unexpected", "200 without a code"],
  ] as const)("%s: at once, as %#", async (kind, trouble, problem, code) => {
    const r = await receiver()
    r.answers.push(trouble)
    const { delivery } = await send({ kind, url: r.url })
    expect(delivery).toMatchObject({ accepted: false, attempts: 1, problem, code })
    expect(r.received).toHaveLength(1)
  })

  test("nobody there", async () => {
    const { delivery } = await send({ kind: "json", url: "http://127.0.0.1:9/CANARY?key=CANARY" })
    expect(delivery).toMatchObject({ accepted: false, attempts: 4, problem: "unreachable", code: "no reply" })
    expect(JSON.stringify(delivery)).not.toContain("CANARY")
  })

  test("an abort ends it at once", async () => {
    const r = await receiver()
    r.answers.push(silence)
    const stop = new AbortController()
    const { clock } = waits()
    const running = deliver({ kind: "json", id: "t", url: new URL(r.url) }, notification, {
      post: post(),
      clock,
      signal: stop.signal,
      random: () => 0.5,
    })
    setTimeout(() => stop.abort(new Error("interrupted by SIGTERM")), 50)
    await expect(running).rejects.toThrow("interrupted by SIGTERM")
  })
})
