/** The whole way from the port to the emulator, in real time but for stalls, with the emulator holding the documented limits. */
import type { ServerResponse } from "node:http"
import { afterEach, describe, expect, it } from "vitest"
import { connect } from "../../src/cloud/connect.ts"
import type { Cloud } from "../../src/cloud/port.ts"
import { type Emulator, type EmulatorOptions, startEmulator } from "../../src/emulator/index.ts"
import { FastClock } from "../support/fast-clock.ts"
import { failureOf, REQUEST, SCOPE } from "./support.ts"

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function start(
  options: EmulatorOptions,
  clock = new FastClock(1),
): Promise<{ emulator: Emulator; cloud: Cloud; clock: FastClock }> {
  const emulator = await startEmulator({ ...options, wallClock: clock })
  const accounts = [{ name: "default", vars: {} }]
  const cloud = await connect({
    site: "intl",
    accounts,
    clock,
    env: emulator.env,
    home: "/nonexistent",
  })
  open.push(cloud, emulator)
  return { emulator, cloud, clock }
}

const importAll = (cloud: Cloud, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, i) =>
      cloud.importImage(SCOPE, { ...REQUEST, osType: "Other Linux", osVersion: "-", name: `image-${i}` }),
    ),
  )

describe("against the emulator's own limits", () => {
  it("imports at 97 % of 10 a second or more, without one refusal", async () => {
    const { emulator, cloud } = await start({})
    await importAll(cloud, 36)
    expect(emulator.requests.filter((r) => r.code !== null)).toEqual([])
    const times = emulator.requests.map((r) => r.monotonicMs)
    const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1_000
    expect(35 / seconds).toBeGreaterThan(9.7)
  })

  it("lists 2,000 images in 8 regions in exactly as many calls as there are pages", async () => {
    const regions =
      "ap-singapore ap-hongkong ap-tokyo ap-seoul ap-bangkok ap-jakarta eu-frankfurt na-ashburn".split(" ")
    const images = regions.flatMap((region) =>
      Array.from({ length: 250 }, (_, i) => ({ region, name: `i-${i}` })),
    )
    const { emulator, cloud, clock } = await start({ images })
    const began = clock.monotonic()
    const all = await Promise.all(regions.map((region) => cloud.listImages({ account: "default", region })))
    expect(all.map((list) => list.length)).toEqual(regions.map(() => 250))
    expect(emulator.requests).toHaveLength(regions.length * 3)
    expect(clock.monotonic() - began).toBeLessThan(2_000)
  })

  it("gets through a storm of refusals, once each, at little cost", async () => {
    const clock = new FastClock(1)
    const until = clock.monotonic() + 3_000
    const refuses = (): { code: string; message: string } | undefined =>
      clock.monotonic() < until ? { code: "RequestLimitExceeded", message: "busy" } : undefined
    const { emulator, cloud } = await start({ faults: { refuses } }, clock)
    const accepted = await importAll(cloud, 12)
    expect(accepted).toHaveLength(12)
    const names = emulator.ledger.map((entry) => entry.parameters.ImageName)
    expect(names).toEqual(Array.from({ length: 12 }, (_, i) => `image-${i}`))
    const refused = emulator.requests.filter((r) => r.code !== null).length
    expect(refused).toBeGreaterThan(0)
    expect(refused).toBeLessThanOrEqual(6)
  })
})

describe("a lost connection", () => {
  it("is an unknown outcome, whether the import was accepted or never arrived; and is not repeated", async () => {
    const hangUp = (_: unknown, response: ServerResponse): boolean => {
      response.destroy()
      return true
    }
    const lost = await start({ faults: { delivers: hangUp } })
    const request = { ...REQUEST, osType: "Other Linux", osVersion: "-" }
    expect(await failureOf(lost.cloud.importImage(SCOPE, request))).toMatchObject({ ambiguous: true })
    expect(lost.emulator.ledger).toHaveLength(1)
    const dropped = await start({ faults: { arrives: hangUp } })
    expect(await failureOf(dropped.cloud.importImage(SCOPE, request))).toMatchObject({ ambiguous: true })
    expect(dropped.emulator.ledger).toHaveLength(0)
  })
})
