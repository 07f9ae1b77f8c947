// What each chat is sent: golden files of one message, limits with thousands of findings, and foreign text that must
// mean nothing.
import { createHmac } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, test } from "vitest"
import type { Notification } from "../../src/model/notification.ts"
import { requestOf } from "../../src/notify/deliver.ts"
import { notificationOf } from "../../src/notify/index.ts"
import { inertText } from "../../src/notify/inert.ts"
import { KINDS, type Kind } from "../../src/notify/target.ts"
import { AT, aNotification, anItem, aReport, HOSTILE, healedItem, hostileItem, someNews } from "./build.ts"

const both = aNotification(someNews({ healed: [healedItem], unchanged: [anItem({ image: "old" })] }))

function bodyOf(kind: Kind, n: Notification, secret?: string): string {
  const url = new URL("https://chat.example/hook?key=1")
  return requestOf({ kind, id: "x", url, ...(secret === undefined ? {} : { secret }) }, n, AT).body
}

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../schemas/notification.schema.json"), "utf8"),
)
const valid = new Ajv2020({ allErrors: true, allowUnionTypes: true, formats: { "date-time": true } }).compile(
  schema,
)

describe("golden", () => {
  test.each(KINDS)("%s", async (kind) => {
    const text = `${JSON.stringify(JSON.parse(bodyOf(kind, both, "secret")), null, 2)}\n`
    await expect(text).toMatchFileSnapshot(`golden/${kind}.json.golden`)
  })
})

describe("the JSON document", () => {
  const many = someNews({ new: Array.from({ length: 700 }, (_, i) => anItem({ image: `image-${i}` })) })

  test.each([
    ["news", both],
    ["hostile", aNotification(someNews({ new: [hostileItem] }))],
    ["many", aNotification(many)],
    ["heartbeat", aNotification({ new: [], healed: [], unchanged: [] }, 1)],
  ])("%s holds to its schema", (_name, n) => {
    expect(valid(JSON.parse(bodyOf("json", n))), JSON.stringify(valid.errors)).toBe(true)
  })

  test("what is too much is counted", () => {
    const n = aNotification(many)
    expect([n.new.length, n.more.new]).toEqual([500, 200])
  })

  test("the same news have the same id, others another", () => {
    expect(aNotification().id).toBe(aNotification().id)
    expect(aNotification(someNews({ new: [anItem({ image: "other" })] })).id).not.toBe(aNotification().id)
  })
})

describe("a heartbeat", () => {
  const quiet = { new: [], healed: [], unchanged: [] }
  const hour = 3_600_000
  test.each([
    ["is never sent unless it is asked for", undefined, undefined, false],
    ["is sent to who was never told anything", undefined, hour, true],
    ["is not sent before its time", AT - hour + 1, hour, false],
    ["is sent when it is due", AT - hour, hour, true],
  ])("%s", (_name, last, every, sent) => {
    const n = notificationOf(aReport(), { ...quiet, ...(last === undefined ? {} : { last }) }, every)
    expect(n?.event).toBe(sent ? "heartbeat" : undefined)
  })

  test("news take its place", () => {
    expect(notificationOf(aReport(), someNews(), hour)?.event).toBe("drift")
  })
})

describe("limits", () => {
  const wide = Array.from({ length: 400 }, (_, i) =>
    anItem({ image: `图像-${i}-${"像".repeat(60)}`, changes: Array(9).fill(anItem().changes[0]) }),
  )
  const n = aNotification(someNews({ new: wide }))

  test.each([
    ["wecom", (b: string) => Buffer.byteLength(JSON.parse(b).markdown.content), 4_096],
    ["dingtalk", (b: string) => Buffer.byteLength(b), 20_000],
    ["feishu", (b: string) => Buffer.byteLength(b), 20_480],
    ["slack", (b: string) => JSON.stringify(JSON.parse(b).blocks).length, 13_000],
  ] as const)("%s takes it; the summary is whole, and the rest is counted", (kind, size, limit) => {
    const body = bodyOf(kind, n, "secret")
    expect(size(body)).toBeLessThanOrEqual(limit)
    expect(size(body)).toBeGreaterThan(limit / 2)
    expect(body).toContain("400 new, 0 healed, 0 as before.")
    expect(body).toContain("1 drifted, 2 pending, 9 in sync")
    expect(body).toMatch(/\.\.\. and \d+ more lines; the report has all of them\./)
  })

  test("Slack's blocks stay within their own limits", () => {
    const { blocks } = JSON.parse(bodyOf("slack", n))
    expect(blocks.length).toBeLessThanOrEqual(50)
    for (const { type, text } of blocks)
      expect(text.text.length).toBeLessThanOrEqual(type === "header" ? 150 : 3_000)
  })
})

describe("foreign text means nothing", () => {
  const n = {
    ...aNotification(someNews({ new: [hostileItem], healed: [{ ...hostileItem, before: "failed" }] })),
  }
  const hostile: Notification = { ...n, stack: HOSTILE }

  test("in Slack it is code, without a sign that begins a mention or link", () => {
    const body = JSON.parse(bodyOf("slack", hostile))
    expect(body.text).not.toMatch(/[<>]/)
    for (const { type, text } of body.blocks.slice(1)) {
      expect(type).toBe("section")
      expect(text).toMatchObject({ type: "mrkdwn", verbatim: true })
      expect(text.text).not.toMatch(/[<>\u202e]|\p{Cc}(?<!\n)/u)
      // Outside of code stand our own words alone.
      const ours = text.text.replace(/`[^`\n]*`/g, "")
      expect(ours).toMatch(/^[\w ,.:()•/\n-]*$/)
    }
    expect(body.blocks[0].text).toMatchObject({ type: "plain_text", emoji: false })
    expect(body.blocks[0].text.text).not.toMatch(/[<>\n]/)
  })

  test.each([
    ["wecom", (b: { markdown: { content: string } }) => b.markdown.content.split("\n").slice(1).join("\n")],
    ["dingtalk", (b: { markdown: { text: string } }) => b.markdown.text],
    [
      "feishu",
      (b: { card: { elements: { text: { content: string } }[] } }) =>
        b.card.elements.map((e) => e.text.content).join("\n"),
    ],
  ] as const)("in %s no sign of markup, mention or link is left of it", (kind, text) => {
    const body = JSON.parse(bodyOf(kind, hostile))
    const shown = (text as (b: unknown) => string)(body)
    const lines = shown.split("\n").map((line) => line.replace(/^(?:> |### |• )/, ""))
    for (const line of lines) {
      expect(line).not.toMatch(/[<@[\]`*#|~]|:\/\/|www\.|evil\.|\u202e|\p{Cc}/u)
      expect(line).not.toMatch(/(?<!-)>/)
    }
  })

  test("Feishu's card has plain texts only", () => {
    const { card } = JSON.parse(bodyOf("feishu", hostile))
    for (const element of card.elements) {
      expect(element).toEqual({ tag: "div", text: { tag: "plain_text", content: expect.any(String) } })
    }
  })

  test("DingTalk calls nobody", () => {
    expect(JSON.parse(bodyOf("dingtalk", hostile)).at).toEqual({
      atMobiles: [],
      atUserIds: [],
      isAtAll: false,
    })
  })

  test("what is harmless stays as it is", () => {
    for (const text of ["ubuntu-22.04_base", "img-1234abcd", "ap-singapore", "1.2.3", "中文 名", "a/b:c"]) {
      expect(inertText(text)).toBe(text)
    }
  })
})

describe("signatures, made again by hand", () => {
  const url = new URL("https://chat.example/hook?access_token=T")
  const secret = "SEC-of-the-robot"

  test("json: HMAC-SHA256 over time and body", () => {
    const { headers, body } = requestOf({ kind: "json", id: "x", url, secret }, both, AT)
    const [, t = "", v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers["x-cvmimg-signature"] ?? "") ?? []
    expect(Number(t)).toBe(AT / 1000)
    expect(v1).toBe(createHmac("sha256", secret).update(`${t}.${body}`).digest("hex"))
    expect(headers["x-cvmimg-delivery"]).toBe(both.id)
  })

  test("dingtalk: in the query", () => {
    const signed = requestOf({ kind: "dingtalk", id: "x", url, secret }, both, AT).url
    expect(signed.searchParams.get("access_token")).toBe("T")
    expect(signed.searchParams.get("timestamp")).toBe(String(AT))
    expect(signed.searchParams.get("sign")).toBe(
      createHmac("sha256", secret).update(`${AT}\n${secret}`, "utf8").digest().toString("base64"),
    )
    expect(url.searchParams.has("sign")).toBe(false)
  })

  test("feishu: in the body", () => {
    const { timestamp, sign } = JSON.parse(bodyOf("feishu", both, secret))
    expect(timestamp).toBe(String(AT / 1000))
    expect(sign).toBe(createHmac("sha256", `${AT / 1000}\n${secret}`).digest("base64"))
  })

  test("without a secret there is none", () => {
    expect(requestOf({ kind: "json", id: "x", url }, both, AT).headers).not.toHaveProperty(
      "x-cvmimg-signature",
    )
    expect(JSON.parse(bodyOf("feishu", both))).not.toHaveProperty("sign")
  })
})
