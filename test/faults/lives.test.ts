// What becomes of imports after they were accepted: late, flickering, failing, endless, odd, deleted. Rows 18, 19, 23-25.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { qcow2Image, rawImage } from "../../scripts/sample-images.mjs"
import { until } from "../support/steady.ts"
import { FENCES, image, MINUTE, SECOND, SINGAPORE, scene, stack, VARIANTS } from "./scene.ts"

const manifests = [stack(), image("web")]

describe.concurrent("an import that is visible late", () => {
  test.each(VARIANTS)(
    "names unique: %s, after %i ms: waited for, and pending to whoever looks meanwhile",
    async (duplicateNames, visibilityDelayMs) => {
      const s = await scene({ manifests, speed: 600, behaviour: { duplicateNames, visibilityDelayMs } })
      const sent = await s.apply("--no-wait")
      expect(sent.rows).toEqual(["import web ap-singapore: running"])
      expect(sent.code).toBe(5)
      // Whoever looks now must not take it for missing as if nothing had been sent.
      const meanwhile = await s.plan()
      const notices = meanwhile.plan.actions.flatMap((a) => a.notices)
      expect(`${meanwhile.rows} ${notices}`).toMatch(/^(await|keep) web|import_accepted/)
      // The service has it: that is known.
      expect(notices).not.toContain("maybe_importing")
      if (visibilityDelayMs === 15 * MINUTE) expect(notices).toEqual(["import_accepted"])
      const drift = await s.run(["drift", "-o", "json"])
      const { placements } = JSON.parse(drift.stdout) as { placements: { verdict: string }[] }
      expect(placements.map(({ verdict }) => verdict)).not.toContain("drifted")
      expect(drift.code).toBe(0)
      const { code, rows } = await s.apply()
      expect(code).toBe(0)
      expect(rows.filter((row) => !row.endsWith(": done"))).toEqual([])
      expect(s.imports()).toEqual(["web ap-singapore"])
      await s.settled()
    },
  )
})

test("sent and not waited for, more than there is room for: what goes on and what does not is said, and how to go on", async () => {
  const s = await scene({
    manifests: [stack("apply: { maxImporting: 1 }"), image("a"), image("b")],
    behaviour: { importMs: 5 * MINUTE },
  })
  const sent = await s.apply("--no-wait")
  expect(sent.rows).toEqual(["import a ap-singapore: running", "import b ap-singapore: skipped (no_room)"])
  expect(sent.code).toBe(5)
  expect(sent.stdout).toMatch(/goes on in the cloud: cvmimg wait, or apply again/)
  expect(sent.stdout).toMatch(/imports under way hold every place .* apply again when they have ended/)
  expect((await s.run(["wait"])).code).toBe(0)
  expect((await s.apply()).rows).toEqual(["import b ap-singapore: done"])
  expect(s.imports()).toEqual(["a ap-singapore", "b ap-singapore"])
  await s.settled()
})

describe.concurrent("an image that flickers", () => {
  test.each(FENCES)("names unique: %s: during the wait it is waited for", async (duplicateNames) => {
    const s = await scene({
      manifests,
      behaviour: { duplicateNames, importMs: 2 * MINUTE },
      faults: ["import:web:flicker=10s,gone=5s,times=5"],
    })
    expect(await s.apply()).toMatchObject({ code: 0, rows: ["import web ap-singapore: done"] })
    expect(s.imports()).toEqual(["web ap-singapore"])
    s.clock.advance(10 * MINUTE)
    await s.settled()
  })

  test.each(FENCES)(
    "names unique: %s: while its import is of unknown outcome, it is not made again",
    async (duplicateNames) => {
      const s = await scene({
        manifests: [stack("apply: { visibilityWindow: 5m }"), image("web")],
        speed: 150,
        behaviour: { duplicateNames, visibilityDelayMs: 2 * MINUTE },
        faults: ["ImportImage:real,1:lost-after", "import:web:flicker=20s,gone=10s,times=3"],
      })
      const stop = new AbortController()
      const first = s.run(["apply", "--yes"], { signal: stop.signal })
      await until(() => s.imports().length === 1)
      stop.abort(new Error("stopped"))
      await first
      expect(await s.apply()).toMatchObject({ code: 0, rows: [expect.stringMatching(/: done$/)] })
      expect(s.imports()).toEqual(["web ap-singapore"])
      // A plan believes one complete listing: it is made when listings show the image again for good.
      s.clock.advance(10 * MINUTE)
      await s.settled()
    },
  )

  test("in a plan one complete listing says what is there", async () => {
    const s = await scene({ manifests })
    await s.apply()
    s.emulator.fault("DescribeImages:1:hide=web")
    expect((await s.plan()).rows).toEqual(["import web ap-singapore: missing"])
    expect((await s.plan()).rows).toEqual(["keep web ap-singapore: in_sync"])
    await s.settled()
  })
})

describe.concurrent("a failed import", () => {
  test.each(FENCES)(
    "names unique: %s: a scheduled apply never loops; the retry removes what is left, and imports once",
    async (duplicateNames) => {
      const s = await scene({
        manifests: [stack(), image("web"), image("other")],
        behaviour: { duplicateNames },
        faults: ["import:web:fail=VirtioNotInstall"],
      })
      const first = await s.apply()
      expect(first.code).toBe(5)
      expect(first.rows).toEqual([
        "import other ap-singapore: done",
        "import web ap-singapore: failed (ImportFailed)",
      ])
      const failed = first.results.find((r) => r.image === "web")
      expect(failed?.imageId).toMatch(/^img-/)
      expect(failed?.error?.advice).not.toBe("")
      const refused = await s.plan()
      expect(refused).toMatchObject({ code: 3 })
      expect(refused.rows).toContain("refuse web ap-singapore: import_failed")
      const writes = s.writes()
      for (let night = 0; night < 3; night++) {
        s.clock.advance(24 * 60 * MINUTE)
        expect((await s.apply()).code).toBe(3)
      }
      expect(s.writes()).toEqual(writes)
      s.emulator.clearFaults()
      const again = await s.apply("--retry-failed")
      expect(again).toMatchObject({ code: 0 })
      expect(s.writes().slice(writes.length)).toEqual([
        "DeleteImages ap-singapore",
        "ImportImage ap-singapore",
      ])
      await s.settled()
    },
  )

  test("is no obstacle to a changed spec", async () => {
    const s = await scene({ manifests, faults: ["import:web:fail=InvalidUrl"] })
    await s.apply()
    s.emulator.clearFaults()
    s.manifests(stack(), image("web", 'os: { type: Ubuntu, version: "20" }'))
    const { code } = await s.apply()
    expect(code).toBe(0)
    expect(s.imports()).toHaveLength(2)
    await s.settled()
  })
})

describe.concurrent("an import without end", () => {
  test.each(FENCES)("names unique: %s: running, 5, and taken up again", async (duplicateNames) => {
    const s = await scene({
      manifests: [stack("apply: { importTimeout: 4m }"), image("web"), image("other")],
      behaviour: { duplicateNames },
      faults: ["import:web:never-ends"],
    })
    const { code, rows, results } = await s.apply()
    expect(rows).toEqual([
      "import other ap-singapore: done",
      "import web ap-singapore: running (ClientError.StillImporting)",
    ])
    expect(code).toBe(5)
    const id = results.find((r) => r.image === "web")?.imageId ?? ""
    s.emulator.world.changeImage(id, { state: "NORMAL" })
    expect((await s.apply()).code).toBe(0)
    expect(s.imports().filter((line) => line.startsWith("web"))).toHaveLength(1)
    await s.settled()
  })
})

test("a service that nobody can reach any more: asked until the limit, then running with the reason, and taken up again", async () => {
  const s = await scene({
    manifests: [stack("apply: { importTimeout: 4m }"), image("web")],
    behaviour: { importMs: 2 * MINUTE },
  })
  const running = s.apply("--no-checks")
  await until(() => s.imports().length === 1)
  const began = s.clock.now()
  s.emulator.fault("server:0s-1h:refuse")
  const { code, rows, stdout } = await running
  expect(rows).toEqual([expect.stringMatching(/^import web ap-singapore: running \(ClientError\.Conn/)])
  expect(code).toBe(5)
  expect(stdout.replace(/\s+/g, " ")).toContain("cvmimg wait, or apply again, picks it up")
  expect(s.clock.now() - began).toBeLessThan(10 * MINUTE)
  s.emulator.clearFaults()
  expect((await s.apply()).code).toBe(0)
  expect(s.imports()).toEqual(["web ap-singapore"])
  await s.settled()
})

describe.concurrent("a state that nobody expects", () => {
  test.each(["SYNCING", "PONDERING"])("%s during the wait: not NORMAL, and waited on", async (state) => {
    const s = await scene({ manifests, faults: [`import:web:state=${state},for=1m`] })
    const began = s.clock.now()
    expect(await s.apply()).toMatchObject({ code: 0, rows: ["import web ap-singapore: done"] })
    expect(s.clock.now() - began).toBeGreaterThan(50 * SECOND)
    expect(s.imports()).toEqual(["web ap-singapore"])
    await s.settled()
  })

  test("CREATEFAILED during the wait: a failure", async () => {
    const s = await scene({ manifests, faults: ["import:web:state=CREATEFAILED,for=1h"] })
    expect(await s.apply()).toMatchObject({
      code: 1,
      rows: [expect.stringMatching(/^import web ap-singapore: failed /)],
    })
    expect(s.imports()).toEqual(["web ap-singapore"])
  })

  test.each(["SYNCING", "PONDERING", "CREATEFAILED", "DELETING"])(
    "%s in a plan: no crash, never in sync, nothing written",
    async (state) => {
      const s = await scene({ manifests })
      await s.apply()
      const before = s.writes()
      s.emulator.fault(`DescribeImages:*:show-state=${state}`)
      const { rows } = await s.plan()
      expect(rows).toHaveLength(1)
      expect(rows[0]).not.toMatch(/in_sync|^import /)
      expect(s.writes()).toEqual(before)
      await s.settled()
    },
  )
})

describe.concurrent("an image that somebody deletes during the wait", () => {
  test.each(FENCES)(
    "names unique: %s: a failure, no endless wait, and imported again",
    async (duplicateNames) => {
      const s = await scene({
        manifests,
        behaviour: { duplicateNames, importMs: 5 * MINUTE },
        faults: ["import:web:delete,after=30s"],
      })
      const began = s.clock.now()
      expect(await s.apply()).toMatchObject({
        code: 1,
        rows: [expect.stringMatching(/^import web ap-singapore: failed /)],
      })
      expect(s.clock.now() - began).toBeLessThan(10 * MINUTE)
      s.emulator.clearFaults()
      expect((await s.apply()).code).toBe(0)
      await s.settled()
    },
  )
})

describe.concurrent("the source of a staged image is not looked at again, or is gone", () => {
  const bucket = `golden-${SINGAPORE}-1250000000`
  /** Stopped between the import of the replacement and its first rename; both objects lie in a folder. */
  const half = async () => {
    const objects = mkdtempSync(join(tmpdir(), "cvmimg-lives-"))
    mkdirSync(join(objects, bucket))
    for (const name of ["web", "next"]) {
      writeFileSync(join(objects, bucket, `${name}.qcow2`), qcow2Image(rawImage(name)))
    }
    const s = await scene({ manifests, objects })
    await s.apply()
    s.manifests(stack(), image("web").replace("/web.qcow2", "/next.qcow2"))
    s.emulator.fault("ModifyImageAttribute:*,real,1:error=OperationDenied")
    await s.apply()
    expect(s.emulator.world.images().map((i) => i.name)).toEqual([
      "web",
      expect.stringMatching(/^web\.next-/),
    ])
    s.emulator.clearFaults()
    const gone = (): void => rmSync(objects, { recursive: true })
    return { s, gone }
  }
  const twice = ["web ap-singapore", expect.stringMatching(/^web\.next-\S+ ap-singapore$/)]

  test("apply --no-checks ends the swap, and imports nothing again", async () => {
    const { s } = await half()
    const { plan } = await s.plan("--no-checks")
    expect(plan.actions[0]).toMatchObject({ action: "replace", staged: { state: "NORMAL" }, remove: [] })
    expect((await s.apply("--no-checks")).rows).toEqual(["replace web ap-singapore: done"])
    expect(s.imports()).toEqual(twice)
    await s.settled()
  })

  test("the object is gone: status tells what is left, and wait does it", async () => {
    const { s, gone } = await half()
    gone()
    const status = await s.run(["status"])
    expect({
      code: status.code,
      left: status.stdout.includes("web.next-") || /left/.test(status.stdout),
    }).toEqual({
      code: 5,
      left: true,
    })
    expect((await s.run(["wait"])).code).toBe(0)
    expect(s.imports()).toEqual(twice)
    expect(s.emulator.world.images().map((i) => i.name)).toContain("web")
    expect((await s.plan("--no-checks")).rows).toEqual(["keep web ap-singapore: in_sync"])
  })

  test("a failed import is not made again by apply --no-checks either", async () => {
    const s = await scene({ manifests, faults: ["import:web:fail=InvalidUrl"] })
    await s.apply()
    s.emulator.clearFaults()
    for (const args of [[], ["--no-checks"]]) {
      expect((await s.apply(...args)).rows).toEqual(["refuse web ap-singapore: skipped (import_failed)"])
    }
    expect(s.imports()).toHaveLength(1)
  })
})
