// Drift as a process that goes on: the binary, the emulator, real signals and real HTTP.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, test } from "vitest"
import { exposition } from "../report/exposition.ts"
import { writeSecret } from "../support/canary.ts"
import {
  cvmimg,
  type Ended,
  folder,
  image,
  KEYS,
  type Running,
  STACK,
  stackOf,
  start,
  world,
} from "./binary.ts"

const health = new Ajv2020({ formats: { "date-time": true } }).compile(
  JSON.parse(readFileSync(join(import.meta.dirname, "../../schemas/health.schema.json"), "utf8")),
)

interface Going {
  readonly url: string
  readonly running: Running
  health(): Promise<{ status: number; document: Record<string, unknown> }>
  metric(name: string, verdict?: string): Promise<number | undefined>
  stop(signal?: NodeJS.Signals): Promise<Ended>
}

async function going(
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
  ...args: string[]
): Promise<Going> {
  const running = start(["drift", "--every", "1s", "--jitter", "0", "--listen", "127.0.0.1:0", ...args], {
    cwd,
    env,
  })
  const [, url = ""] = await running.until(/Listening at (http:\S+)/)
  return {
    url,
    running,
    async health() {
      const reply = await fetch(`${url}/healthz`)
      const document = (await reply.json()) as Record<string, unknown>
      expect(health(document), JSON.stringify(health.errors)).toBe(true)
      return { status: reply.status, document }
    },
    async metric(name, verdict) {
      const text = await (await fetch(`${url}/metrics`)).text()
      if (text === "") return undefined
      const samples = exposition(text).flatMap((f) => f.samples)
      return samples.find((s) => s.name === `cvmimg_drift_${name}` && s.labels.verdict === verdict)?.value
    },
    stop(signal = "SIGTERM") {
      running.child.kill(signal)
      return running.ended
    },
  }
}

/** Waits until it holds; what it was last is in the error. */
async function becomes<T>(what: () => Promise<T>, wanted: (value: T) => boolean): Promise<T> {
  const until = Date.now() + 120_000
  for (;;) {
    const value = await what()
    if (wanted(value)) return value
    if (Date.now() > until) throw new Error(`stayed ${JSON.stringify(value)}`)
    await new Promise((done) => setTimeout(done, 50))
  }
}

describe("--every", () => {
  test("sees what changes in the cloud and in the manifests, survives failures, ends with a signal", async () => {
    const emulator = await world({ behaviour: { tagDelayMs: 0 } })
    const env = { CVMIMG_ENDPOINT: emulator.url, CVMIMG_COS_ENDPOINT: emulator.env.CVMIMG_COS_ENDPOINT }
    const cwd = stackOf(image("web", "family: web"))
    expect((await cvmimg(["apply", "--yes"], { cwd, env })).code).toBe(0)
    const g = await going(cwd, env, "--metrics-file", "drift.prom")
    await becomes(
      () => g.metric("placements", "in_sync"),
      (n) => n === 1,
    )

    const [found] = emulator.world.images()
    emulator.world.changeImage(found?.id ?? "", { family: "taken" })
    await becomes(
      () => g.metric("placements", "drifted"),
      (n) => n === 1,
    )

    writeFileSync(join(cwd, "images/1.yaml"), image("api"))
    await becomes(
      () => g.metric("placements", "pending"),
      (n) => n === 1,
    )

    writeFileSync(join(cwd, "cvmimg.yaml"), `${STACK}  nonsense: 1\n`)
    const failing = await becomes(g.health, (h) => h.status === 503)
    expect(failing.document.status).toBe("failing")
    expect(failing.document.failuresInARow).toBeGreaterThanOrEqual(3)
    expect((await fetch(`${g.url}/livez`)).status).toBe(200)
    expect(await g.metric("last_run_success")).toBe(0)

    writeFileSync(join(cwd, "cvmimg.yaml"), STACK)
    await becomes(g.health, (h) => h.status === 200)
    expect(exposition(readFileSync(join(cwd, "drift.prom"), "utf8")).length).toBeGreaterThan(5)
    const end = await g.stop("SIGTERM")
    expect(end.code).toBe(143)
    expect(end.stderr).toMatch(/Next run at \d{4}-/)
  })

  test("keys are read anew for each run", async () => {
    const emulator = await world()
    const home = folder()
    const keys = (secretKey: string): void =>
      writeSecret(
        join(home, ".tencentcloud/credentials"),
        `[default]\nsecret_id = ${KEYS.secretId}\nsecret_key = ${secretKey}\n`,
      )
    keys("wrong".repeat(6))
    const g = await going(stackOf(image("web")), {
      CVMIMG_ENDPOINT: emulator.url,
      HOME: home,
      TENCENTCLOUD_SECRET_ID: undefined,
      TENCENTCLOUD_SECRET_KEY: undefined,
    })
    await becomes(
      () => g.metric("last_run_success"),
      (n) => n !== undefined,
    )
    const wrong = emulator.requests.length
    keys(KEYS.secretKey)
    await becomes(
      () => g.metric("placements", "pending"),
      (n) => n === 1,
    )
    expect(wrong).toBeGreaterThan(0)
    expect((await g.stop("SIGINT")).code).toBe(130)
  })

  test("a signal in the middle of a run ends it at once", async () => {
    const emulator = await world({ faults: ["DescribeImages:*:delay=1h"] })
    const g = await going(stackOf(image("web")), { CVMIMG_ENDPOINT: emulator.url })
    await becomes(
      async () => emulator.requests.length,
      (n) => n > 0,
    )
    const began = performance.now()
    expect((await g.stop()).code).toBe(143)
    // A read is given half a minute.
    expect(performance.now() - began).toBeLessThan(20_000)
  })

  test("an address that is taken is told, and ends it", async () => {
    const emulator = await world()
    const cwd = stackOf(image("web"))
    const g = await going(cwd, { CVMIMG_ENDPOINT: emulator.url })
    const { host } = new URL(g.url)
    const second = await cvmimg(["drift", "--every", "1h", "--listen", host], { cwd })
    expect(second.code).toBe(1)
    expect(second.stderr).toMatch(/EADDRINUSE/)
    await g.stop()
  })
})
