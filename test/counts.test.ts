/** What a plan costs, on the emulator's log: calls that grow with regions and pages, never with images. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { choicesOf } from "../src/cli/choices.ts"
import type { Io } from "../src/cli/io.ts"
import { type PlanningHow, planDesired, planToApply } from "../src/cli/world.ts"
import { systemClock } from "../src/cloud/clock.ts"
import { type Emulator, type EmulatorOptions, startEmulator } from "../src/emulator/index.ts"
import { apply, type Desired, loadStack, type Plan } from "../src/index.ts"

const REGIONS = ["ap-singapore", "ap-hongkong", "eu-frankfurt", "na-ashburn"]

interface World {
  readonly emulator: Emulator
  /** Probes of source objects since the last reading. */
  readonly probes: () => readonly string[]
  /** Plans these documents and counts the calls. */
  plan(documents: readonly string[], options?: Parameters<typeof choicesOf>[0]): Promise<Counted>
  /** Plans and carries out. */
  settle(documents: readonly string[]): Promise<void>
}

interface Counted {
  readonly plan: Plan
  readonly calls: Readonly<Record<string, number>>
  readonly probes: readonly string[]
}

const stack = (regions: readonly string[], more = ""): string => `
apiVersion: cvmimg/v1
kind: Stack
metadata: { name: golden }
spec:
  defaults: { regions: [${regions.join(", ")}], os: { type: Ubuntu, version: "22" } }
${more}`

const image = (name: string, spec = "", url = name): string => `
apiVersion: cvmimg/v1
kind: Image
metadata: { name: ${name} }
spec:
  source: { url: "https://golden-{region}-1250000000.cos.{region}.myqcloud.com/${url}.qcow2" }
${spec.replace(/^(?=.)/gm, "  ")}`

const images = (n: number, spec = "", url?: string): string[] =>
  Array.from({ length: n }, (_, i) => image(`web-${String(i).padStart(2, "0")}`, spec, url ?? `web-${i}`))

async function world(options: EmulatorOptions = {}): Promise<World> {
  const emulator = await startEmulator({
    publicImages: true,
    ...options,
    behaviour: {
      enforceRates: false,
      importMs: 0,
      importMsPerGiB: 0,
      visibilityDelayMs: 0,
      tagDelayMs: 0,
      ...options.behaviour,
    },
  })
  const folder = mkdtempSync(join(tmpdir(), "cvmimg-counts-"))
  let probed: string[] = []
  const cos = await passOn(String(emulator.env.CVMIMG_COS_ENDPOINT), (line) => probed.push(line))
  onTestFinished(async () => {
    cos.server.close()
    await emulator.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const quiet = { write: () => {}, isTerminal: false, width: 80, height: 24, color: false }
  const io: Io = {
    stdout: quiet,
    stderr: quiet,
    stdin: process.stdin,
    env: { ...emulator.env, CVMIMG_COS_ENDPOINT: cos.url, HOME: folder },
    cwd: folder,
    clock: systemClock,
    signal: new AbortController().signal,
    interrupted: () => undefined,
  }
  const planned = async <P>(
    documents: readonly string[],
    told: Parameters<typeof choicesOf>[0],
    make: (io: Io, desired: Desired, how: PlanningHow) => Promise<P>,
  ) => {
    writeFileSync(join(folder, "cvmimg.yaml"), documents.join("\n---\n"))
    const { desired, diagnostics } = await loadStack([folder], { cwd: folder })
    if (desired === undefined) throw new Error(JSON.stringify(diagnostics))
    const how = { choices: choicesOf(told), checks: true, rehearse: false }
    return { desired, ...(await make(io, desired, how)) }
  }
  return {
    emulator,
    probes: () => probed,
    async plan(documents, told = {}) {
      emulator.clearLogs()
      probed = []
      const { plan, cloud } = await planned(documents, told, planDesired)
      cloud.close()
      const calls: Record<string, number> = {}
      for (const { action, code } of emulator.requests) {
        // The one call that a plan does without as well.
        if (action !== "DescribeResourcesByTags") expect(code, action).toBeNull()
        calls[action] = (calls[action] ?? 0) + 1
      }
      expect(emulator.ledger).toEqual([])
      return { plan, calls, probes: probed }
    },
    async settle(documents) {
      const { plan, cloud, desired } = await planned(documents, {}, planToApply)
      const run = apply(plan, { cloud, clock: systemClock, settings: desired.stack.apply })
      for (;;) {
        const step = await run.next()
        if (step.done !== true) continue
        expect(step.value.results.filter((r) => r.outcome !== "done")).toEqual([])
        break
      }
      cloud.close()
    },
  }
}

/** A store in front of the emulator's that writes down what is asked of it. */
async function passOn(
  target: string,
  asked: (line: string) => void,
): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    asked(`${request.method} ${request.url}`)
    const headers = new Headers()
    for (const [name, value] of Object.entries(request.headers)) {
      if (typeof value === "string" && !/^(host|connection)$/.test(name)) headers.set(name, value)
    }
    void fetch(`${target}${request.url}`, { method: request.method ?? "GET", headers }).then(
      async (reply) => {
        const body = Buffer.from(await reply.arrayBuffer())
        const kept = [...reply.headers].filter(
          ([name]) => !/^(connection|transfer-encoding|keep-alive)$/.test(name),
        )
        response.writeHead(reply.status, Object.fromEntries(kept))
        response.end(request.method === "HEAD" ? undefined : body)
      },
    )
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const address = server.address()
  return { server, url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}` }
}

/** Somebody's images that fill a region's listing. */
const others = (region: string, n: number) =>
  Array.from({ length: n }, (_, i) => ({ region, name: `other-${i}`, sharedWith: ["100000000009"] }))

describe("planning N images in R regions", () => {
  test.each([
    [1, 1],
    [20, 1],
    [20, 4],
  ])("%i in %i, nothing there: one listing a region, two lists a region, one tag query", async (n, r) => {
    const w = await world()
    const { plan, calls, probes } = await w.plan([stack(REGIONS.slice(0, r)), ...images(n)])
    expect(plan.summary.import).toBe(n * r)
    expect(calls).toEqual({
      DescribeImages: r,
      DescribeImportImageOs: r,
      DescribeImageQuota: r,
      GetResources: 1,
    })
    expect(new Set(probes).size).toBe(probes.length)
  })

  test.each([
    [99, 1],
    [100, 1],
    [101, 2],
    [250, 3],
  ])("%i private images in a region: %i pages, and public ones do not count", async (there, pages) => {
    const w = await world({ images: others("ap-singapore", there) })
    const { calls } = await w.plan([stack(REGIONS.slice(0, 2)), ...images(10)])
    expect(calls).toEqual({
      DescribeImages: pages + 1,
      DescribeImportImageOs: 2,
      DescribeImageQuota: 2,
      GetResources: 1,
    })
  })

  test("nothing to import: neither the list of systems nor the quota", async () => {
    const w = await world()
    const documents = [stack(REGIONS.slice(0, 2)), ...images(5, "tags: { app: web }")]
    await w.settle(documents)
    const { plan, calls } = await w.plan(documents)
    expect(plan.summary.keep).toBe(10)
    expect(calls).toEqual({ DescribeImages: 2, GetResources: 1 })
    // One region has something to import, the other has not.
    const more = await w.plan([...documents, image("new", "regions: [ap-hongkong]")])
    expect(more.calls).toEqual({
      DescribeImages: 2,
      GetResources: 1,
      DescribeImportImageOs: 1,
      DescribeImageQuota: 1,
    })
  })

  test("tags off: no tag query; a selection: none either", async () => {
    const w = await world()
    const off = await w.plan([stack(REGIONS.slice(0, 1), "  provenance: { tags: false }"), ...images(1)])
    expect(off.calls).not.toHaveProperty("GetResources")
    const one = await w.plan([stack(REGIONS), ...images(2)], { region: ["ap-singapore"] })
    expect(one.calls).toEqual({ DescribeImages: 1, DescribeImportImageOs: 1, DescribeImageQuota: 1 })
  })

  describe("more images of the stack than a page of the tag service holds", () => {
    const documents = [stack(["ap-singapore"]).replace("golden }", 'golden, id: "0123abcd" }'), ...images(1)]
    const owned = (region: string, n: number) =>
      Array.from({ length: n }, (_, i) => ({
        region,
        name: `gone-${i}`,
        tags: { "cvmimg.stack": "0123abcd", "cvmimg.image": `gone-${i}` },
      }))

    test("all of them in regions that are listed anyway: one page and a count", async () => {
      const w = await world({ images: [...owned("ap-singapore", 450), ...others("ap-hongkong", 3)] })
      const { calls, plan } = await w.plan(documents)
      expect(calls).toMatchObject({ DescribeImages: 5, GetResources: 1, DescribeResourcesByTags: 1 })
      expect(plan.notices).toHaveLength(450)
    })

    test("one of them elsewhere: every page, and it is found", async () => {
      const w = await world({ images: [...owned("ap-singapore", 450), ...owned("eu-frankfurt", 1)] })
      const { calls, plan } = await w.plan(documents)
      expect(calls).toMatchObject({ DescribeImages: 6, GetResources: 3, DescribeResourcesByTags: 1 })
      expect(plan.notices).toHaveLength(451)
    })

    test("they cannot be counted: every page", async () => {
      const w = await world({ images: [...owned("ap-singapore", 450), ...owned("eu-frankfurt", 1)] })
      w.emulator.fault("DescribeResourcesByTags:*:error=UnauthorizedOperation")
      const { calls, plan } = await w.plan(documents)
      expect(calls).toMatchObject({ GetResources: 3, DescribeResourcesByTags: 1 })
      expect(plan.notices).toHaveLength(451)
    })
  })

  test("a region that only has orphans costs its listing", async () => {
    const w = await world()
    await w.settle([stack(REGIONS.slice(0, 2)), ...images(2)])
    const { plan, calls } = await w.plan([stack(REGIONS.slice(0, 1)), ...images(2)])
    expect(plan.notices).toHaveLength(2)
    expect(calls).toEqual({ DescribeImages: 2, GetResources: 1 })
  })
})

describe("shares", () => {
  test("are looked up for images that the manifest shares, once each", async () => {
    const w = await world({ images: others("ap-singapore", 20) })
    const documents = [stack(["ap-singapore"]), ...images(3, 'sharedWith: ["100000000008"]'), image("plain")]
    await w.settle(documents)
    const { plan, calls } = await w.plan(documents)
    expect(plan.summary.keep).toBe(4)
    expect(calls).toEqual({ DescribeImages: 1, GetResources: 1, DescribeImageSharePermission: 3 })
  })

  test("are looked up for images about to be replaced, deprecated or deleted, and no others", async () => {
    const w = await world()
    await w.settle([stack(["ap-singapore"]), ...images(6)])
    const changed = [
      image("web-00", "", "new"),
      image("web-01", "deprecated: true", "web-1"),
      ...images(4).slice(2),
    ]
    const { plan, calls } = await w.plan(
      [stack(["ap-singapore"], "  prune: { orphans: delete }"), ...changed],
      { prune: "orphans" },
    )
    expect(plan.summary).toMatchObject({ replace: 1, update: 1, delete: 2, keep: 2 })
    expect(calls).toMatchObject({ DescribeImages: 1, GetResources: 1, DescribeImageSharePermission: 4 })
  })
})

describe("probes", () => {
  test("are one for each object, however many images and regions import it", async () => {
    const w = await world()
    const { plan, probes } = await w.plan([stack(REGIONS), ...images(10, "", "same"), image("other")])
    expect(plan.summary.import).toBe(44)
    const objects = new Set(probes.map((line) => line.replace(/^\w+ /, "")))
    expect(objects.size).toBe(2 * REGIONS.length)
    expect(new Set(probes).size).toBe(probes.length)
  })

  test("follow the objects of images that stand, too: a changed object is seen", async () => {
    const w = await world()
    const documents = [stack(REGIONS.slice(0, 1)), ...images(2)]
    await w.settle(documents)
    expect(new Set((await w.plan(documents)).probes.map((line) => line.replace(/^\w+ /, ""))).size).toBe(2)
  })
})
