// Names that resolve late, for the time being not, or never. Row 46.
import type { LookupAddress, LookupOptions } from "node:dns"
import { beforeEach, expect, onTestFinished, test, vi } from "vitest"
import { DEFAULT_LIMITS } from "../../src/cloud/transport.ts"
import { openDoor } from "../apply/support/door.ts"
import { cloudAt, failureOf, PATIENT, REQUEST, SCOPE } from "../cloud/support.ts"
import { image, scene, stack } from "./scene.ts"

type Done = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void

let lookups = 0
let answer: (done: Done) => void = () => {}

vi.mock("node:dns", async (original) => {
  const real = await original<typeof import("node:dns")>()
  const lookup = (name: string, options: LookupOptions & { all: true }, done: Done): void => {
    const ours = name === "localhost" || name.endsWith(".invalid")
    if (ours) {
      lookups += 1
      answer(done)
    } else real.lookup(name, options, done)
  }
  return { ...real, lookup }
})

beforeEach(() => {
  lookups = 0
})

const fails = (code: string) => (done: Done) =>
  done(Object.assign(new Error(`getaddrinfo ${code}`), { code, syscall: "getaddrinfo" }), [])

test("a name server that answers after 30 s or never: not accepted, within the budget of a connection", async () => {
  answer = () => {}
  const cloud = await cloudAt("https://cvm.slow.invalid", { limits: { ...PATIENT, connectMs: 500 } })
  const began = performance.now()
  const [read, write] = await Promise.all([
    failureOf(cloud.listImages(SCOPE)),
    failureOf(cloud.importImage(SCOPE, REQUEST)),
  ])
  // The budget of this cloud is 500 ms; the next test has that of the product.
  expect(performance.now() - began).toBeLessThan(PATIENT.connectMs ?? 0)
  for (const failure of [read, write])
    expect(failure).toMatchObject({ code: "ClientError.Timeout", ambiguous: false })
  expect(lookups).toBeGreaterThan(0)
  cloud.close()
})

test("the budget of the product is ten seconds, not a moment more or less", async () => {
  answer = () => {}
  const cloud = await cloudAt("https://cvm.slow.invalid", { limits: DEFAULT_LIMITS })
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const ended: string[] = []
  for (const call of [cloud.listImages(SCOPE), cloud.importImage(SCOPE, REQUEST)])
    void failureOf(call).then(({ code, ambiguous }) => ended.push(`${code} ${ambiguous}`))
  await vi.waitFor(() => expect(lookups).toBeGreaterThan(0))
  await vi.advanceTimersByTimeAsync(9_900)
  expect(ended).toEqual([])
  await vi.advanceTimersByTimeAsync(200)
  expect(ended).toEqual(["ClientError.Timeout false", "ClientError.Timeout false"])
  cloud.close()
})

test.each(["ENOTFOUND", "EAI_AGAIN"])("%s: not accepted, for reads and writes", async (code) => {
  answer = fails(code)
  const cloud = await cloudAt("https://cvm.gone.invalid")
  for (const call of [cloud.listImages(SCOPE), cloud.importImage(SCOPE, REQUEST)])
    expect(await failureOf(call)).toMatchObject({ code: "ClientError.Dns", ambiguous: false })
  cloud.close()
})

test("a name server that comes and goes: every call is made again, and each import is made once", async () => {
  const names = [..."abcdef"]
  const s = await scene({ manifests: [stack(), ...names.map((name) => image(name))] })
  // Each reply says that its connection ends, so that each call has to ask. (One that ends without a word may be used
  // again at that very moment, and what is lost then may have been read.)
  const door = await openDoor(s.emulator.url)
  onTestFinished(() => door.close())
  door.decide = () => "pass and close"
  const env = { CVMIMG_ENDPOINT: door.url.replace("127.0.0.1", "localhost") }
  // Those who ask at once share an answer. Six calls get through before it fails anew, so that however they come
  // together none of them meets it more often than it is tried.
  let [failed, from] = [0, 0]
  answer = (done) => {
    const calls = s.emulator.requests.length
    if (calls < from) return done(null, [{ address: "127.0.0.1", family: 4 }])
    failed += 1
    from = calls + names.length
    fails("EAI_AGAIN")(done)
  }
  const { code, rows } = await s.host(env).apply("--no-checks")
  expect(rows).toEqual(names.map((name) => `import ${name} ap-singapore: done`))
  expect(code).toBe(0)
  expect(failed).toBeGreaterThan(2)
  expect(lookups).toBeGreaterThan(failed)
  expect(s.imports()).toHaveLength(names.length)
  await s.settled()
})
