// I5: whatever goes wrong, no secret comes out. The binary runs into as much trouble as it can, with keys and signatures
// that would be recognised in any of the forms in which they could be written.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { cvmimg, type Ended, folder, image, STACK, stackOf, start, world } from "../cli/binary.ts"
import { forms, found } from "../support/canary.ts"
import { until } from "../support/steady.ts"

/** Signs that each way of quoting writes in another way. */
const SECRET_KEY = "kEy+/Of=The&Canary<01>\"x'y%41zZ"
const TOKEN = "tOken+/Of=The&Canary-0123456789"
const SIGNATURE = "5ca1ab1e0ddba11c0ffee0c0a57a1c0a51ca11ed"
const ACCOUNT = {
  uin: "100000000001",
  secretId: "AKIDcanarycanarycanary",
  secretKey: SECRET_KEY,
  token: TOKEN,
}
const KEYS = {
  TENCENTCLOUD_SECRET_ID: ACCOUNT.secretId,
  TENCENTCLOUD_SECRET_KEY: SECRET_KEY,
  TENCENTCLOUD_TOKEN: TOKEN,
}

test("the search finds what it is to find", () => {
  for (const secret of [SECRET_KEY, TOKEN, SIGNATURE]) {
    for (const shift of ["", "x", "xy"]) {
      const text = `a ${Buffer.from(`${shift}${secret} and more`).toString("base64")} b`
      expect(found(text, [secret]), text).not.toEqual([])
    }
    for (const form of forms(secret)) expect(found(`…${form}…`, [secret])).not.toEqual([])
  }
})

/** Those that give it no key, that close its outputs, or that run it through `start` or `onTerminal`. */
const APART = [
  "test/cli/interrupt.test.ts",
  "test/cli/startup.test.ts",
  "test/comment/review.test.ts",
  "test/emulator/faults-command.test.ts",
  "test/faults/process.test.ts",
  "test/fuzz/io.ts",
  "test/laws/approval-shape.test.ts",
  "test/pipeline/written.ts",
]

test("every test that runs the tool by itself searches what it says", () => {
  const root = join(import.meta.dirname, "../..")
  const texts = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => ({ path: `test/${path}`, text: readFileSync(join(root, "test", path), "utf8") }))
  const runs = texts.filter(({ text }) =>
    /\bBINARY\b|bin\/cvmimg\.cjs|from ".*src\/cli\/main\.ts"/.test(text),
  )
  const silent = runs.filter(({ text }) => !/\b(secretsIn|expectClean|found)\(/.test(text))
  expect(runs.length).toBeGreaterThan(10)
  const wrong = silent.map(({ path }) => path).filter((path) => !APART.includes(path))
  expect(wrong, "use start or cvmimg of test/cli/binary.ts, or secretsIn of test/support/canary.ts").toEqual(
    [],
  )
})

test("no secret in any byte of stdout, stderr, plans, reports and .cvmimg, whatever goes wrong", async () => {
  const emulator = await world({
    accounts: [ACCOUNT],
    privateObjects: ["golden-ap-singapore-1250000000"],
    behaviour: { signedUrlOnce: false },
  })
  const signed = (name: string): string => image(name).replace('.qcow2" }', '.qcow2", sign: true }')
  const cwds: string[] = []
  const ends: (Ended & { readonly what: string })[] = []
  const env = { ...KEYS, CVMIMG_ENDPOINT: emulator.url, CVMIMG_COS_ENDPOINT: `${emulator.url}/cos` }
  const inFolder = (...images: readonly string[]) => {
    const cwd = stackOf(...images)
    cwds.push(cwd)
    return async (args: readonly string[], more: Record<string, string> = {}, stdin = "") => {
      ends.push({ what: args.join(" "), ...(await cvmimg(args, { cwd, env: { ...env, ...more }, stdin })) })
    }
  }
  const formats = (names: readonly string[], to: string): string[] =>
    names.flatMap((name) => ["-o", `${name}=${to}.${name}`])
  const PLAN = formats(["text", "json", "markdown", "html", "junit", "sarif", "github"], "plan")
  const APPLY = formats(["text", "json", "markdown", "junit", "github", "tfvars", "env"], "apply")

  // What the service, or something in its place, says back: keys, token, and the signed address.
  const echo = `no ${SECRET_KEY} ${TOKEN} https://x.cos.ap-singapore.myqcloud.com/a?q-sign-algorithm=sha1&q-signature=${SIGNATURE}`
  const name = (n: number): string => `case-${n}`
  const effects = [
    { kind: "error", code: "InternalError", message: echo },
    { kind: "error", code: "InvalidParameterValue", message: echo },
    { kind: "error-after", code: "FailedOperation", message: echo },
    { kind: "error", code: "UnauthorizedOperation", message: echo },
    ...["rst", "cut", "html", "garbage", "503", "503-json", "redirect", "huge"].map((by) => ({
      kind: "lost-after",
      by,
    })),
  ] as const
  for (const [i, effect] of effects.entries()) {
    emulator.fault({ on: "ImportImage", calls: 1, image: name(i), dryRun: false, effect } as never)
  }

  const every = inFolder(...effects.map((_, i) => signed(name(i))))
  const log = inFolder(signed("log"))
  const failing = inFolder(signed("failing"))
  const reading = inFolder(signed("reading"))
  const killed = stackOf(signed("killed"))
  cwds.push(killed)
  emulator.fault("import:failing:fail=InvalidUrl")
  emulator.fault("ImportImage:killed,real:lost-after=silence")
  const broken = folder({
    ".tencentcloud/credentials": `[default]\nsecret_key = ${SECRET_KEY}\ntoken ${TOKEN}\n`,
  })
  const url = `https://golden-1250000000.cos.ap-singapore.myqcloud.com/a.qcow2?q-sign-algorithm=sha1&q-ak=${ACCOUNT.secretId}&q-signature=${SIGNATURE}&x-cos-security-token=${encodeURIComponent(TOKEN)}`
  const presigned = `${STACK}---\n${image("web").replace(/url: "[^"]*"/, `url: "${url}"`)}`

  await Promise.all([
    (async () => {
      await every(["plan", "--out", "plan.json", "--rehearse", ...PLAN])
      await every(["show", "plan.json"])
      await every(["explain", name(0), "-o", "json"])
      await every(["apply", "--plan", "plan.json", "--yes", "--keep-going", "--no-wait", ...APPLY])
      await every(["plan", ...formats(["text", "json"], "again")])
      await every(["status", ...formats(["text", "json"], "status")])
    })(),
    (async () => {
      await log(["apply", "--yes", "--log-format", "json", ...APPLY])
      await log(["apply", "--yes", "-o", "json=/dev/full"])
    })(),
    (async () => {
      await failing(["apply", "--yes", ...APPLY])
      await failing(["apply", "--yes", "--retry-failed", ...APPLY])
    })(),
    (async () => {
      // Wrong keys, none, half a pair, a broken file; nobody there; something else there.
      await reading(["plan"], { TENCENTCLOUD_SECRET_ID: "AKIDwrongwrongwrongwrong" })
      await reading(["plan"], { TENCENTCLOUD_TOKEN: `${TOKEN}x` })
      await reading(["plan"], { TENCENTCLOUD_SECRET_ID: "" })
      await reading(["plan"], { TENCENTCLOUD_SECRET_ID: "", TENCENTCLOUD_SECRET_KEY: "", HOME: broken })
      await reading(["plan", "--endpoint", "http://127.0.0.1:1"])
      await reading(["plan", "--endpoint", `http://${encodeURIComponent(SECRET_KEY)}@127.0.0.1:1`])
      await reading(["validate", "-"], {}, presigned)
      await reading(["validate", "-", "-o", "json", "-o", "github"], {}, presigned)
      await reading(["apply", "--yes", "--plan", "cvmimg.yaml"])
      await reading(["plan"], {
        HTTPS_PROXY: `http://user:${encodeURIComponent(SECRET_KEY)}@127.0.0.1:1`,
        CVMIMG_ENDPOINT: "https://127.0.0.2:1",
      })
    })(),
    (async () => {
      const run = start(["apply", "--yes", "--no-checks"], { cwd: killed, env })
      await until(() => emulator.ledger.some((e) => e.parameters.ImageName === "killed"))
      run.child.kill("SIGKILL")
      ends.push({ what: "killed", ...(await run.ended) })
    })(),
  ])

  // The signatures that were really made are secrets too, while they are valid.
  const sent = JSON.stringify(emulator.requests.map((r) => r.parameters))
  const made = [...new Set([...sent.matchAll(/q-signature=([0-9a-f]{40})/g)].map(([, one = ""]) => one))]
  expect(made.length).toBeGreaterThan(5)
  expect(ends.filter((end) => end.code !== 0).length).toBeGreaterThan(8)
  const secrets = [SECRET_KEY, TOKEN, SIGNATURE, ...made]
  for (const { what, stdout, stderr } of ends)
    expect({ what, found: [...found(stdout, secrets), ...found(stderr, secrets)] }).toEqual({
      what,
      found: [],
    })
  let files = 0
  for (const cwd of cwds) {
    for (const path of readdirSync(cwd, { recursive: true, encoding: "utf8" })) {
      const file = join(cwd, path)
      if (!statSync(file).isFile()) continue
      files += 1
      expect({ path, found: found(readFileSync(file, "latin1"), secrets) }).toEqual({ path, found: [] })
    }
  }
  expect(files).toBeGreaterThan(25)
  // That the search would have found them there: the journal is among what was looked at.
  expect(readdirSync(join(killed, ".cvmimg"), { recursive: true }).length).toBeGreaterThan(0)
  writeFileSync(join(killed, "sign"), SIGNATURE)
  expect(found(readFileSync(join(killed, "sign"), "latin1"), secrets)).not.toEqual([])
})
