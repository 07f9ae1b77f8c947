// Keys and endpoints: what is wrong with them is said with advice, without a secret and without delay.
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import {
  cvmimg,
  type Ended,
  folder,
  image,
  KEYS,
  NOBODY,
  type RunOptions,
  stackOf,
  within,
  world,
} from "./binary.ts"

const NO_KEYS = { TENCENTCLOUD_SECRET_ID: undefined, TENCENTCLOUD_SECRET_KEY: undefined }

interface Planned extends Ended {
  /** Both outputs, without breaks of lines. */
  readonly text: string
}

const told = (end: Ended): Planned => ({ ...end, text: (end.stdout + end.stderr).replace(/\s+/g, " ") })

const run = (args: readonly string[], env: NonNullable<RunOptions["env"]>): Promise<Ended> =>
  cvmimg(["plan", ...args], { cwd: stackOf(image("web")), env })

const plan = async (args: readonly string[], env: RunOptions["env"] = {}): Promise<Planned> =>
  told(await run(args, env))

/** The same, in less than so many milliseconds. */
const planWithin = async (
  milliseconds: number,
  args: readonly string[],
  env: RunOptions["env"] = {},
): Promise<Planned> => told(await within(milliseconds, () => run(args, env)))

describe("keys", () => {
  test.each([
    [
      "an id that does not exist",
      { TENCENTCLOUD_SECRET_ID: "AKIDnobodysnobodys" },
      "AuthFailure.SecretIdNotFound",
    ],
    [
      "a key that is not the id's",
      { TENCENTCLOUD_SECRET_KEY: `${KEYS.secretKey}x` },
      "AuthFailure.SignatureFailure",
    ],
    [
      "a token that does not belong",
      { TENCENTCLOUD_TOKEN: "tokenOfTheCanaryThatMustNotBeSeen" },
      "AuthFailure",
    ],
  ])("%s: the code, advice, the account, the request", async (_, env, code) => {
    const { url } = await world()
    const end = await plan(["--endpoint", url], env)
    expect(end.code).toBe(1)
    expect(end.text).toContain(code)
    expect(end.text).toMatch(/secret id and key|new ones/)
    expect(end.text).toMatch(/request id [0-9a-f]{8}-[0-9a-f-]{27}/)
    expect(end.text).not.toContain("tokenOfTheCanaryThatMustNotBeSeen")
    const json = await plan(["--endpoint", url, "-o", "json"], env)
    expect(JSON.parse(json.stdout).actions[0]).toMatchObject({
      action: "refuse",
      image: "web",
      account: "default",
      region: "ap-singapore",
      failure: {
        code: expect.stringContaining(code),
        advice: expect.any(String),
        requestId: expect.any(String),
      },
    })
  })

  test("none anywhere: every place that was looked in, and no waiting", async () => {
    const { url } = await world()
    const end = await planWithin(4_000, ["--endpoint", url], { ...NO_KEYS, CVMIMG_METADATA: undefined })
    expect(end.code).toBe(1)
    expect(end.text).toContain("ClientError.Credentials")
    for (const place of [
      "TENCENTCLOUD_SECRET_ID",
      ".tencentcloud/credentials",
      ".tccli",
      "metadata",
      "TKE",
    ]) {
      expect(end.text).toContain(place)
    }
  })

  test("a metadata service that never answers is given a second", async () => {
    const { url } = await world()
    const hook = folder({
      "hang.mjs": `const real = globalThis.fetch
      globalThis.fetch = (url, init) => !String(url).startsWith("http://metadata.tencentyun.com/") ? real(url, init)
      : new Promise((_, reject) => {
        const { signal } = init
        process.stderr.write("asked\\n")
        const alive = setInterval(() => {}, 1_000)
        signal.addEventListener("abort", () => { clearInterval(alive); reject(signal.reason) })
      })`,
    })
    const end = await planWithin(4_000, ["--endpoint", url], {
      ...NO_KEYS,
      CVMIMG_METADATA: undefined,
      NODE_OPTIONS: `--import ${join(hook, "hang.mjs")}`,
    })
    expect(end).toMatchObject({ code: 1, stderr: expect.stringContaining("asked\n") })
    expect(end.text).toContain("ClientError.Credentials")
    expect(end.ms).toBeGreaterThan(900)
  })

  test("half a pair is told by its name, not by its value", async () => {
    const { url } = await world()
    const end = await plan(["--endpoint", url], { TENCENTCLOUD_SECRET_ID: undefined })
    expect(end.code).toBe(1)
    expect(end.text).toContain("TENCENTCLOUD_SECRET_KEY is set, but TENCENTCLOUD_SECRET_ID is not")
  })

  test("the files of the SDKs and of tccli are read; a broken one is not quoted", async () => {
    const { url } = await world()
    const ini = `[default]\nsecret_id = ${KEYS.secretId}\nsecret_key = ${KEYS.secretKey}\n`
    const json = JSON.stringify({ ...KEYS })
    for (const files of [{ ".tencentcloud/credentials": ini }, { ".tccli/default.credential": json }]) {
      const end = await plan(["--endpoint", url], { ...NO_KEYS, HOME: folder(files) })
      expect(end, end.text).toMatchObject({ code: 0, stderr: "" })
    }
    const broken = folder({ ".tccli/default.credential": json.slice(0, -1) })
    const end = await plan(["--endpoint", url], { ...NO_KEYS, HOME: broken })
    expect(end.code).toBe(1)
    expect(end.text).toContain("is not JSON")
  })
})

describe("endpoints", () => {
  test("one that refuses: the code and advice, soon", async () => {
    const end = await planWithin(20_000, ["--endpoint", NOBODY])
    expect(end.code).toBe(1)
    expect(end.text).toContain("ClientError.ConnectionRefused")
  })

  test.each([
    ["http://203.0.113.7:8080", "Plain http"],
    ["http://localhost.example.com", "Plain http"],
    ["ftp://127.0.0.1", "ftp:"],
    ["not a url", "not a URL"],
    ["https://127.0.0.1/path", "more than scheme, host and port"],
    [`https://user:${KEYS.secretKey}@127.0.0.1`, "more than scheme, host and port"],
  ])("%s is refused before anything is sent", async (endpoint, why) => {
    for (const [args, env] of [
      [["--endpoint", endpoint], {}],
      [[], { CVMIMG_ENDPOINT: endpoint }],
    ] as const) {
      const end = await planWithin(4_000, args, env)
      expect(end).toMatchObject({ code: 1, stdout: "" })
      expect(end.stderr).toContain("ClientError.Endpoint")
      expect(end.stderr).toContain(why)
    }
  })

  test("CVMIMG_ENDPOINT leads there, --endpoint wins", async () => {
    const { url } = await world()
    expect(await plan([], { CVMIMG_ENDPOINT: url })).toMatchObject({ code: 0 })
    expect(await plan(["--endpoint", url], { CVMIMG_ENDPOINT: NOBODY })).toMatchObject({ code: 0 })
  })
})

describe("secrets in manifests", () => {
  test("a signed URL is refused, and neither signature nor key is shown again", async () => {
    const signature = "0123456789abcdef0123456789abcdef01234567"
    const cwd = stackOf(
      image("web").replace(
        'web.qcow2"',
        `web.qcow2?q-sign-algorithm=sha1&q-ak=${KEYS.secretId}&q-signature=${signature}"`,
      ),
    )
    for (const format of ["text", "json", "github"]) {
      const { code, stdout, stderr } = await cvmimg(["validate", "-o", format], { cwd })
      expect(code).toBe(1)
      expect(stdout + stderr).toContain("signature")
      expect(stdout + stderr).not.toContain(signature)
    }
  })
})
