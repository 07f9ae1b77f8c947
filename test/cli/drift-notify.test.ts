// Notifications and metrics of real runs: the binary against the emulator, receivers on this machine. The address of every
// receiver holds a canary, which must come out nowhere but in the requests to it.
import { createHmac } from "node:crypto"
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, test } from "vitest"
import type { Emulator } from "../../src/emulator/index.ts"
import { answer, type Receiver, receiver, silence } from "../notify/receiver.ts"
import { exposition } from "../report/exposition.ts"
import { until } from "../support/steady.ts"
import { cvmimg, type Ended, expectClean, image, KEYS, stackOf, start, world } from "./binary.ts"

const CANARY = "T000-CANARY-4711"
const schema = (name: string): object =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../schemas/${name}.schema.json`), "utf8"))
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, formats: { "date-time": true } })
const valid = ajv.compile(schema("notification"))

interface Scene {
  readonly emulator: Emulator
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  run(...args: readonly string[]): Promise<Ended>
  /** Somebody takes the image's family away, or gives it back. */
  family(of: string, family: string): void
}

/** Two images that were imported, and runs of drift that hold what they print to the canary. */
async function scene(env: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const emulator = await world({ behaviour: { tagDelayMs: 0 } })
  const cwd = stackOf(image("web", "family: web"), image("api", "family: api"))
  const all = { CVMIMG_ENDPOINT: emulator.url, CVMIMG_COS_ENDPOINT: emulator.env.CVMIMG_COS_ENDPOINT, ...env }
  const applied = await cvmimg(["apply", "--yes"], { cwd, env: all })
  expect(applied.code, applied.stderr).toBe(0)
  return {
    emulator,
    cwd,
    env: all,
    async run(...args) {
      const end = await cvmimg(["drift", ...args], { cwd, env: all })
      for (const text of [end.stdout, end.stderr]) expect(text).not.toContain(CANARY)
      return end
    },
    family(of, family) {
      const found = emulator.world.images().find((i) => i.name === of)
      expect(emulator.world.changeImage(found?.id ?? "", { family })).toBe(true)
    },
  }
}

function heard({ received }: Receiver): string[] {
  return received.map(({ body }) => {
    const n = JSON.parse(body)
    expect(valid(n), JSON.stringify(valid.errors)).toBe(true)
    const names = (list: { image: string; verdict: string }[]): string =>
      list.map((i) => `${i.image} ${i.verdict}`).join(",") || "-"
    return `${n.event}: new ${names(n.new)}; healed ${names(n.healed)}; as before ${n.unchanged}`
  })
}

/** Every file below the folder. */
function filesIn(cwd: string): string[] {
  return readdirSync(cwd, { recursive: true, withFileTypes: true }).flatMap((e) =>
    e.isFile() ? [join(e.parentPath, e.name)] : [],
  )
}

describe("notifications", () => {
  test("over several runs: new, nothing, another, healed, heartbeat", async () => {
    const r = await receiver({ errcode: 0 }, `/hook/${CANARY}`)
    const s = await scene({ HOOK: r.url, KEY: `${CANARY}-key` })
    const args = ["--state", "state.json", "--notify", "json=env:HOOK,secret=env:KEY"]
    expect((await s.run(...args)).code).toBe(0)
    s.family("web", "taken")
    expect((await s.run(...args)).code).toBe(2)
    expect((await s.run(...args)).code).toBe(2)
    s.family("api", "taken")
    expect((await s.run(...args)).code).toBe(2)
    s.family("web", "web")
    s.family("api", "api")
    expect((await s.run(...args)).code).toBe(0)
    expect((await s.run(...args, "--heartbeat", "1d")).code).toBe(0)
    // The run that said "healed" has to be a second old, however quick the machine is.
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    expect((await s.run(...args, "--heartbeat", "1s")).code).toBe(0)
    expect(heard(r)).toEqual([
      "drift: new web drifted; healed -; as before 0",
      "drift: new api drifted; healed -; as before 1",
      "drift: new -; healed api in_sync,web in_sync; as before 0",
      "heartbeat: new -; healed -; as before 0",
    ])
    for (const { headers, body, at } of r.received) {
      const [, t = "", v1] = /^t=(\d+),v1=([0-9a-f]+)$/.exec(String(headers["x-cvmimg-signature"])) ?? []
      expect(Math.abs(at / 1000 - Number(t))).toBeLessThan(60)
      expect(v1).toBe(createHmac("sha256", `${CANARY}-key`).update(`${t}.${body}`).digest("hex"))
      expect(body).not.toContain(KEYS.secretId)
    }
    for (const file of filesIn(s.cwd)) expect(readFileSync(file, "utf8"), file).not.toContain(CANARY)
  })

  test("all chats at once; one that fails changes no verdict and is told with the next run", async () => {
    const [slack, wecom, feishu, dingtalk] = await Promise.all(
      ["slack", "wecom", "feishu", "dingtalk"].map((name) =>
        receiver({ errcode: 0, code: 0 }, `/${name}/${CANARY}`),
      ),
    )
    if (slack === undefined || wecom === undefined || feishu === undefined || dingtalk === undefined)
      throw new Error()
    const s = await scene({ SLACK: slack.url, SECRET: "SEC" })
    const args = [
      "--state=state.json",
      "--notify=slack=env:SLACK",
      `--notify=wecom=${wecom.url}`,
      `--notify=lark=${feishu.url},secret=env:SECRET`,
      `--notify=dingtalk=${dingtalk.url}?access_token=T,secret=env:SECRET`,
      "--metrics-file=drift.prom",
    ]
    s.family("web", "taken")
    wecom.answers.push(answer(200, { errcode: 93_000, errmsg: `invalid webhook url ${wecom.url}` }))
    const first = await s.run(...args)
    expect(first.code).toBe(2)
    expect(first.stderr).toMatch(
      /not notified: wecom \(127\.0\.0\.1:\d+\): notify_gone: code 93000\n.*next run/,
    )
    const behind = (kind: string): number | undefined =>
      exposition(readFileSync(join(s.cwd, "drift.prom"), "utf8"))
        .flatMap((f) => f.samples)
        .find((x) => x.name === "cvmimg_drift_receivers_behind" && x.labels.kind === kind)?.value
    expect([behind("wecom"), behind("slack")]).toEqual([1, 0])
    const second = await s.run(...args)
    expect([second.code, second.stderr.includes("not notified")]).toEqual([2, false])
    expect(behind("wecom")).toBe(0)
    expect([slack, wecom, feishu, dingtalk].map((r) => r.received.length)).toEqual([1, 2, 1, 1])
    expect(JSON.parse(slack.received[0]?.body ?? "").blocks[0].text.text).toBe("Drift: golden (1 new)")
    expect(JSON.parse(wecom.received[1]?.body ?? "").markdown.content).toContain(
      "drifted: web in default/ap-singapore",
    )
    expect(JSON.parse(feishu.received[0]?.body ?? "").sign).toMatch(/^[A-Za-z0-9+/]{43}=$/)
    expect(dingtalk.received[0]?.url.searchParams.get("sign")).toMatch(/^[A-Za-z0-9+/]{43}=$/)
  })

  test("a signal while a receiver keeps silent ends it at once; the next run tells", async () => {
    const r = await receiver()
    r.answers.push(silence)
    const s = await scene()
    s.family("web", "taken")
    const args = ["drift", "--state", "state.json", "--notify", `json=${r.url}`]
    const running = start(args, { cwd: s.cwd, env: s.env })
    await until(() => r.received.length === 1)
    const began = performance.now()
    running.child.kill("SIGTERM")
    const end = await running.ended
    expect(end.code).toBe(143)
    expect(end.stdout).toContain("web")
    // A receiver is given 10 seconds, four times.
    expect(performance.now() - began).toBeLessThan(9_000)
    expect((await s.run("--state", "state.json", "--notify", `json=${r.url}`)).code).toBe(2)
    expect(heard(r)).toHaveLength(2)
    expect(heard(r)[1]).toBe("drift: new web drifted; healed -; as before 0")
  })

  test.each([
    [["--notify", `fax=https://x.example/${CANARY}`], /kinds: json, slack/],
    [
      ["--notify", `slack=https://x.example/${CANARY}`, "--notify", `slack=https://x.example/${CANARY}`],
      /twice/,
    ],
    [["--notify", "slack=env:X"], /--notify needs --state FILE/],
    [["--heartbeat", "24h"], /give --notify too/],
    [["--state=s", "--notify", "slack=env:X", "--heartbeat", "often"], /--heartbeat takes a duration/],
    [["--listen", "127.0.0.1:0"], /give --every too/],
    [["--every", "sometimes"], /--every takes a duration/],
    [["--every", "1h", "--listen", "here"], /--listen takes an address/],
  ])("%# is wrong usage", async (args, message) => {
    const end = await cvmimg(["drift", ...args], { cwd: stackOf(image("web")) })
    expect([end.code, end.stdout]).toEqual([64, ""])
    expect(end.stderr).toMatch(message)
    expect(end.stderr).not.toContain(CANARY)
  })
})

describe("--metrics-file", () => {
  test("counts what the run did, is replaced in one step, and tells of a failed run too", async () => {
    const s = await scene()
    const file = join(s.cwd, "drift.prom")
    const values = (): Record<string, number> =>
      Object.fromEntries(
        exposition(readFileSync(file, "utf8"))
          .flatMap((f) => f.samples)
          .map((x) => [x.labels.verdict ?? x.name.replace(/^cvmimg_drift_/, ""), x.value]),
      )
    const before = s.emulator.requests.length
    const began = Date.now()
    s.family("web", "taken")
    expect((await s.run("--metrics-file", "drift.prom")).code).toBe(2)
    const good = values()
    expect(good).toMatchObject({ drifted: 1, in_sync: 1, failed: 0, last_run_success: 1 })
    expect(good.last_run_requests).toBe(s.emulator.requests.length - before)
    expect(good.last_run_timestamp_seconds).toBeGreaterThanOrEqual(Math.floor(began / 1000))
    expect(good.last_run_duration_seconds).toBeGreaterThan(0)
    expect(statSync(file).mode & 0o777).toBe(0o644)

    const stack = readFileSync(join(s.cwd, "cvmimg.yaml"), "utf8")
    writeFileSync(join(s.cwd, "cvmimg.yaml"), `${stack}  nonsense: 1\n`)
    expect((await s.run("--metrics-file", "drift.prom")).code).toBe(1)
    const bad = values()
    expect(bad.last_run_success).toBe(0)
    expect(bad.last_success_timestamp_seconds).toBe(good.last_success_timestamp_seconds)
    expect(bad).not.toHaveProperty("drifted")
    for (const path of filesIn(s.cwd)) {
      expect(path).not.toMatch(/\.tmp$/)
      expectClean(readFileSync(path, "utf8"))
    }
  })

  test("one that cannot be written fails the run, and says so", async () => {
    const s = await scene()
    const end = await s.run("--metrics-file", "missing/drift.prom")
    expect(end.code).toBe(1)
    expect(end.stderr).toMatch(
      /the metrics file .*missing\/drift\.prom cannot be written: there is no such file or directory \(ENOENT\)/,
    )
  })
})
