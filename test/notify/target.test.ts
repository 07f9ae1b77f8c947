// Who is told: what --notify takes, where secrets come from, and that what is said of a mistake holds no secret.
import { describe, expect, test } from "vitest"
import { parseTarget, resolveTarget, targetText } from "../../src/notify/index.ts"
import type { SecretRef, Target, TargetSpec } from "../../src/notify/target.ts"

const SECRET = "T000-CANARY-4711"

function spec(text: string): TargetSpec {
  const parsed = parseTarget(text)
  if ("problem" in parsed) throw new Error(parsed.problem)
  return parsed
}

function problem(found: object): string {
  if (!("problem" in found)) throw new Error("nothing is wrong with it")
  expect(JSON.stringify(found)).not.toContain(SECRET)
  return String(found.problem)
}

const reading =
  (values: Readonly<Record<string, string>>) =>
  (ref: SecretRef): string | undefined =>
    ref.from === "argument" ? ref.value : values[ref.from === "env" ? ref.name : ref.path]

describe("a target as it is written", () => {
  test.each([
    ["slack=env:HOOK", "slack:env:HOOK"],
    ["lark=@/run/secrets/hook", "feishu:file:/run/secrets/hook"],
    ["wechat=env:W", "wecom:env:W"],
  ])("%s", (text, id) => {
    expect(spec(text).id).toBe(id)
  })

  test("an address that was written out is known by its hash", () => {
    const { id } = spec(`json=https://hooks.example.com/${SECRET}`)
    expect(id).toMatch(/^json:url:[0-9a-f]{16}$/)
    expect(spec(`json=https://hooks.example.com/${SECRET}`).id).toBe(id)
    expect(spec("json=https://hooks.example.com/other").id).not.toBe(id)
  })

  test("an address may hold commas; the secret is what stands last", () => {
    expect(spec("json=https://a.example/x,y?z=1,2,secret=@k")).toMatchObject({
      address: { from: "argument", value: "https://a.example/x,y?z=1,2" },
      secret: { from: "file", path: "k" },
    })
  })

  test.each([
    [`mail=https://x.example/${SECRET}`, /kinds: json, slack, wecom, feishu, dingtalk/],
    [SECRET, /begins with a kind/],
    [`slack=ftp://x.example/${SECRET}`, /needs an https:/],
    ["slack=", /needs an https:/],
    ["slack=env:", /needs an https:/],
    [`slack=https://x.example/a,secret=env:KEY`, /slack knows no secret/],
    [`json=https://x.example/a,secret=${SECRET}`, /secret= takes env:NAME or @FILE/],
    [`feishu=env:A,secret=https://${SECRET}`, /secret= takes env:NAME or @FILE/],
  ])("%s is refused", (text, message) => {
    expect(problem(parseTarget(text))).toMatch(message)
  })
})

describe("a target with its secrets", () => {
  test("they come from the environment and from files, without the newline at their end", () => {
    const read = reading({ HOOK: ` https://chat.example/${SECRET}\n`, "/k": "key\n" })
    const target = resolveTarget(spec("json=env:HOOK,secret=@/k"), read, false) as Target
    expect(target.url.href).toBe(`https://chat.example/${SECRET}`)
    expect(target.secret).toBe("key")
    expect(targetText(target)).toBe("json (chat.example)")
  })

  test.each([
    [{}, /environment variable HOOK is not there or empty/],
    [{ HOOK: "  " }, /is not there or empty/],
    [{ HOOK: SECRET }, /is no address/],
    [{ HOOK: `ftp://x.example/${SECRET}` }, /no https:/],
    [{ HOOK: `https://me:${SECRET}@x.example/` }, /user name or password/],
    [{ HOOK: `http://x.example/${SECRET}` }, /plain http to x\.example.*--notify-allow-http/],
    [{ HOOK: "https://x.example/" }, /environment variable KEY is not there/],
  ])("%o", (values: Readonly<Record<string, string>>, message) => {
    expect(problem(resolveTarget(spec("json=env:HOOK,secret=env:KEY"), reading(values), false))).toMatch(
      message,
    )
  })

  test("plain http goes to this machine, and elsewhere only if that is asked for", () => {
    const to = (url: string, allow = false): object =>
      resolveTarget(spec("slack=env:HOOK"), reading({ HOOK: url }), allow)
    for (const host of ["127.0.0.1:80", "localhost:9", "[::1]:9"])
      expect(to(`http://${host}/`)).toHaveProperty("url")
    for (const host of ["127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"]) {
      expect(to(`http://${host}/`)).toHaveProperty("problem")
      expect(to(`http://${host}/`, true)).toHaveProperty("url")
    }
  })
})
