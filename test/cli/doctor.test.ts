// Everything that doctor tells, against a world in which it holds, and that nothing is ever changed by asking.
import { execFileSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, onTestFinished, test } from "vitest"
import { takeLock } from "../../src/apply/lock.ts"
import { examineNode, examineProxy } from "../../src/cli/doctor-local.ts"
import type { Io } from "../../src/cli/io.ts"
import type { Emulator } from "../../src/emulator/index.ts"
import type { Finding } from "../../src/model/doctor.ts"
import { cvmimg, folder, image, KEYS, NOBODY, type RunOptions, STACK, stackOf, world } from "./binary.ts"

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "../../schemas/doctor.schema.json"), "utf8"))
const valid = new Ajv2020({ allErrors: true }).compile(schema)

const NO_KEYS = { TENCENTCLOUD_SECRET_ID: undefined, TENCENTCLOUD_SECRET_KEY: undefined }
const MUTATING = /^(?!$|Describe|Get)/

async function doctor(cwd: string, env: NonNullable<RunOptions["env"]>, args: readonly string[] = []) {
  const end = await cvmimg(["doctor", "-o", "json", ...args], { cwd, env })
  expect(end.stderr).toBe("")
  const report = JSON.parse(end.stdout) as {
    stack?: string
    findings: Finding[]
    summary: Record<string, number>
  }
  expect(valid(report), JSON.stringify(valid.errors)).toBe(true)
  expect(end.code).toBe(report.findings.some((f) => f.status === "error") ? 1 : 0)
  const status = (check: string, subject?: string): string[] =>
    report.findings
      .filter((f) => f.check === check && (subject ?? f.subject) === f.subject)
      .map((f) => f.status)
  const found = (check: string, subject?: string): Finding | undefined =>
    report.findings.find((f) => f.check === check && (subject ?? f.subject) === f.subject)
  return { ...end, report, status, found }
}

/** Nothing was accepted as a write, and whatever could be one said DryRun. */
function expectUnchanged(emulator: Emulator): void {
  expect(emulator.ledger).toEqual([])
  for (const { action, parameters } of emulator.requests) {
    if (MUTATING.test(action)) expect(parameters, action).toMatchObject({ DryRun: true })
  }
}

describe("a world in order", () => {
  test("everything is ok or not testable, and nothing is changed", async () => {
    const emulator = await world({ images: [{ region: "ap-singapore", name: "old" }] })
    const cwd = stackOf(image("web"))
    const { code, status, found, report } = await doctor(cwd, emulator.env)
    expect(code).toBe(0)
    expect(report.stack).toBe("golden")
    expect(report.findings.filter((f) => !["ok", "skipped"].includes(f.status))).toEqual([])
    for (const subject of [
      "DescribeImages",
      "DescribeImportImageOs",
      "DescribeImageQuota",
      "DescribeImageSharePermission",
    ]) {
      expect(status("right", `cvm:${subject}`), subject).toEqual(["ok"])
    }
    expect(status("right", "cvm:ImportImage")).toEqual(["ok"])
    expect(status("right", "cvm:DeleteImages")).toEqual(["ok"])
    expect(status("right", "tag:GetResources")).toEqual(["ok"])
    expect(status("right", "tag:DescribeResourcesByTags")).toEqual(["ok"])
    expect(status("right", "cvm:ModifyImageAttribute")).toEqual(["skipped"])
    expect(found("right", "tag:CreateTag")?.message).toContain("not testable without writing")
    expect(found("account")?.message).toContain("root account 100000000001")
    expect(found("credentials")?.message).toBe(
      "AKIDcana…nary, from the environment variable TENCENTCLOUD_SECRET_ID",
    )
    expect(found("network")?.tookMs).toBeGreaterThanOrEqual(0)
    expect(found("clock")?.message).toBe("as the service's")
    expect(status("source")).toEqual(["ok"])
    const rehearsals = emulator.requests.filter((r) => MUTATING.test(r.action)).map((r) => r.action)
    expect(rehearsals.sort()).toEqual(["DeleteImages", "ImportImage"])
    expectUnchanged(emulator)
    expect(readdirSync(cwd).sort()).toEqual(["cvmimg.yaml", "images"])
  })

  test("no stack: the standard credentials are looked at", async () => {
    const emulator = await world()
    const { code, found, status } = await doctor(folder(), emulator.env, ["--region", "ap-tokyo"])
    expect(code).toBe(0)
    expect(found("manifests")).toMatchObject({
      status: "warning",
      advice: expect.stringContaining("cvmimg.yaml"),
    })
    expect(found("right", "cvm:DescribeImages")).toMatchObject({ status: "ok", region: "ap-tokyo" })
    expect(status("right", "cvm:ImportImage")).toEqual(["skipped"])
  })

  test("manifests that are wrong: an error, and all else is looked at", async () => {
    const emulator = await world()
    const { code, status } = await doctor(stackOf(image("web", "boot: UEFI")), emulator.env)
    expect(code).toBe(1)
    expect(status("manifests")).toEqual(["error"])
    expect(status("right", "cvm:DescribeImages")).toEqual(["ok"])
  })
})

describe("keys and rights", () => {
  test.each([
    ["wrong id", { TENCENTCLOUD_SECRET_ID: "AKIDnobodysnobodys" }, "AuthFailure.SecretIdNotFound"],
    ["wrong key", { TENCENTCLOUD_SECRET_KEY: `${KEYS.secretKey}x` }, "AuthFailure.SignatureFailure"],
  ])("%s: said once, with what to do", async (_, env, code) => {
    const emulator = await world()
    const { found, report } = await doctor(stackOf(image("web")), { ...emulator.env, ...env })
    expect(found("account")).toMatchObject({ status: "error", code, advice: expect.any(String) })
    expect(report.summary.error).toBe(1)
    expect(found("right")?.message).toContain("the service does not take the keys")
  })

  test("no keys: every place that was looked in", async () => {
    const emulator = await world()
    const { found, status } = await doctor(stackOf(image("web")), { ...emulator.env, ...NO_KEYS })
    expect(found("credentials")).toMatchObject({
      status: "error",
      message: expect.stringContaining(".tccli"),
    })
    expect(status("network")).toEqual(["ok"])
    expect(found("right")?.status).toBe("skipped")
  })

  test("rights that are missing, by name; what apply alone needs is a warning", async () => {
    const denied = [
      "cvm:ImportImage",
      "cvm:DeleteImages",
      "cvm:DescribeImageQuota",
      "tag:GetResources",
      "tag:DescribeResourcesByTags",
    ]
    const emulator = await world({ accounts: [{ uin: "100000000001", ...KEYS, denied }] })
    const { code, found, status } = await doctor(stackOf(image("web")), emulator.env)
    expect(code).toBe(0)
    for (const subject of denied) {
      expect(found("right", subject), subject).toMatchObject({
        status: "warning",
        code: expect.stringContaining("UnauthorizedOperation"),
        advice: expect.stringContaining(subject),
        requestId: expect.any(String),
      })
    }
    expect(status("right", "cvm:DescribeImages")).toEqual(["ok"])
    emulator.world.setAccount({
      uin: "100000000001",
      ...KEYS,
      denied: ["cvm:DescribeImages", "sts:GetCallerIdentity"],
    })
    const worse = await doctor(stackOf(image("web")), emulator.env)
    expect(worse.code).toBe(1)
    expect(worse.found("right", "cvm:DescribeImages")?.status).toBe("error")
    expect(worse.found("account")?.status).toBe("warning")
    expectUnchanged(emulator)
  })

  test("several accounts: keys of a file, an assumed role, each told by itself and never whole", async () => {
    const other = {
      uin: "100000000002",
      secretId: "AKIDotherotherother",
      secretKey: "kEyOfTheOtherThatMustNotBeSeen02",
      roles: ["golden"],
    }
    const emulator = await world({ accounts: [{ uin: "100000000001", ...KEYS }, other] })
    const accounts =
      "accounts: { one: {}, two: { profile: two }, three: { assumeRole: { arn: 'qcs::cam::uin/100000000002:roleName/golden' } } }"
    const cwd = folder({
      "cvmimg.yaml": STACK.replace("spec:\n", `spec:\n  ${accounts}\n`),
      "web.yaml": image("web"),
    })
    const HOME = folder({
      ".tencentcloud/credentials": `[two]\nsecret_id = ${other.secretId}\nsecret_key = ${other.secretKey}\n`,
    })
    const { stdout, report } = await doctor(cwd, { ...emulator.env, HOME })
    const told = Object.fromEntries(
      report.findings.filter((f) => f.check === "credentials").map((f) => [f.account, f.message]),
    )
    expect(told.two).toContain(".tencentcloud/credentials [two]")
    expect(told.three).toMatch(
      /^\S+…\S*, from the role qcs::cam::uin\/100000000002:roleName\/golden, assumed with the keys of .*; temporary, for another \d+ min$/,
    )
    const owners = report.findings
      .filter((f) => f.check === "account")
      .map((f) => `${f.account} ${f.message.slice(0, 25)}`)
    expect(owners).toEqual([
      "one root account 100000000001",
      "three root account 100000000002",
      "two root account 100000000002",
    ])
    expect(stdout).not.toContain(other.secretKey)
    expect(stdout).not.toContain(other.secretId)
    expect(stdout).not.toContain(KEYS.secretId)
    const one = await doctor(cwd, { ...emulator.env, HOME }, ["--account", "two"])
    expect(new Set(one.report.findings.flatMap((f) => f.account ?? []))).toEqual(new Set(["two"]))
    expect(await cvmimg(["doctor", "--account", "four"], { cwd, env: emulator.env })).toMatchObject({
      code: 64,
    })
  })
})

describe("network", () => {
  test("offline: soon, with what to do, and what needs no network is told all the same", async () => {
    const end = await doctor(stackOf(image("web")), { CVMIMG_ENDPOINT: NOBODY })
    expect(end.code).toBe(1)
    expect(end.found("network")).toMatchObject({ status: "error", code: "ClientError.ConnectionRefused" })
    expect(end.status("credentials")).toEqual(["ok"])
    expect(end.status("lock")).toEqual(["ok"])
    expect(end.ms).toBeLessThan(15_000)
  })

  test("a proxy that refuses is named without its password", async () => {
    const end = await doctor(folder(), {
      HTTPS_PROXY: `http://user:${KEYS.secretKey}@127.0.0.1:9`,
    })
    expect(end.found("proxy")).toMatchObject({ status: "ok", message: "http://127.0.0.1:9" })
    expect(end.found("network")).toMatchObject({ status: "error" })
    const bad = await doctor(folder(), { HTTPS_PROXY: "ftp://127.0.0.1:9" })
    expect(bad.found("proxy")).toMatchObject({
      status: "error",
      advice: expect.stringContaining("HTTPS_PROXY"),
    })
    const wrong = await doctor(folder(), {}, ["--endpoint", "http://203.0.113.7"])
    expect(wrong.found("network")).toMatchObject({ status: "error", code: "ClientError.Endpoint" })
  })

  test("variables that mean nothing here are told, unless another one decides", () => {
    const of = (env: NodeJS.ProcessEnv, endpoint?: string): string =>
      examineProxy({ env } as Io, "intl", endpoint).status
    const http_proxy = "http://192.0.2.1:3128"
    expect(of({ http_proxy })).toBe("warning")
    expect(of({ ALL_PROXY: http_proxy })).toBe("warning")
    expect(of({ http_proxy }, "https://127.0.0.1:1")).toBe("ok")
    expect(of({ http_proxy, HTTPS_PROXY: http_proxy, NO_PROXY: "*" })).toBe("ok")
  })

  test("a clock that is off", async () => {
    const emulator = await world({ faults: ["server:*:skew=-10m"] })
    const { found, status } = await doctor(stackOf(image("web")), emulator.env)
    expect(found("clock")).toMatchObject({
      status: "warning",
      message: expect.stringMatching(/^(599|60[01]) s ahead of/),
    })
    expect(status("right", "cvm:DescribeImages")).toEqual(["ok"])
  })

  test("a source that cannot be read", async () => {
    const emulator = await world({ privateObjects: ["golden-ap-singapore-1250000000"] })
    const { found } = await doctor(stackOf(image("web")), emulator.env)
    expect(found("source")).toMatchObject({ status: "error", code: "not_public", account: "default" })
  })
})

describe("this machine", () => {
  test("a Node.js that is too old", () => {
    expect(examineNode("20.18.3")).toMatchObject({
      status: "error",
      advice: expect.stringContaining("20.19"),
    })
    expect([examineNode("20.19.0"), examineNode("24.1.0")].map((f) => f.status)).toEqual(["ok", "ok"])
  })

  test("git: .cvmimg that is ignored, that is not, and that is in the repository", async () => {
    const emulator = await world()
    const cwd = stackOf(image("web"))
    const git = (...args: string[]): unknown => execFileSync("git", args, { cwd, stdio: "ignore" })
    const { found } = await doctor(cwd, emulator.env)
    expect(found("git")?.status).toBe("skipped")
    git("init", "-q")
    mkdirSync(join(cwd, ".cvmimg"))
    expect((await doctor(cwd, emulator.env)).found("git")).toMatchObject({
      status: "warning",
      message: ".cvmimg is not ignored",
    })
    writeFileSync(join(cwd, ".cvmimg/x"), "")
    git("add", ".cvmimg/x")
    expect((await doctor(cwd, emulator.env)).found("git")?.message).toContain("in the repository")
    git("rm", "-q", "--cached", ".cvmimg/x")
    writeFileSync(join(cwd, ".gitignore"), ".cvmimg/\n")
    expect((await doctor(cwd, emulator.env)).found("git")).toMatchObject({
      status: "ok",
      message: ".cvmimg is ignored",
    })
  })

  test("a run that holds the stack, and what earlier runs left", async () => {
    const emulator = await world({ behaviour: { importMs: 600_000 } })
    const cwd = stackOf(image("web"))
    expect(await cvmimg(["apply", "--yes", "--no-wait"], { cwd, env: emulator.env })).toMatchObject({
      code: 5,
    })
    const lock = takeLock(cwd, Date.now())
    onTestFinished(() => lock.release())
    const { found } = await doctor(cwd, emulator.env)
    expect(found("lock")).toMatchObject({
      status: "warning",
      message: expect.stringContaining(`process ${process.pid}`),
    })
    expect(found("journal")).toMatchObject({ status: "warning", advice: "go on with: cvmimg wait" })
    expect(found("place")?.status).toBe("ok")
  })

  test("a place that is no folder", async () => {
    const emulator = await world()
    const cwd = stackOf(image("web"))
    writeFileSync(join(cwd, ".cvmimg"), "")
    const { found } = await doctor(cwd, emulator.env)
    expect(found("place")).toMatchObject({ status: "error", message: expect.stringContaining("no folder") })
  })
})

describe("--policy", () => {
  const run = (cwd: string, ...args: string[]) => cvmimg(["doctor", ...args], { cwd, env: NO_KEYS })

  test("plan reads; apply may do what the manifests ask for, in their regions", async () => {
    const cwd = stackOf(image("web", 'sharedWith: ["100000000009"]'), image("db", "regions: [ap-tokyo]"))
    const end = await run(cwd, "--policy", "plan")
    expect(end).toMatchObject({ code: 0, stderr: "" })
    const { version, statement } = JSON.parse(end.stdout)
    expect(version).toBe("2.0")
    expect(statement).toHaveLength(1)
    for (const action of statement[0].action) expect(action).toMatch(/^(cvm:Describe|tag:(Get|Describe))/)
    const apply = JSON.parse((await run(cwd, "--policy", "apply")).stdout)
    expect(apply.statement[0].action).toEqual(expect.arrayContaining(["cvm:ImportImage", "tag:CreateTag"]))
    expect(apply.statement[1]).toEqual({
      effect: "allow",
      action: ["cvm:DeleteImages", "cvm:ModifyImageAttribute", "cvm:ModifyImageSharePermission"],
      resource: ["qcs::cvm:ap-singapore::image/*", "qcs::cvm:ap-tokyo::image/*"],
    })
  })

  test("what plan and apply really call is what the policies grant", async () => {
    const emulator = await world({ behaviour: { importMs: 50 } })
    const cwd = stackOf(image("web", "tags: { app: web }\nfamily: web"))
    const allowed = async (what: string): Promise<string[]> =>
      JSON.parse((await run(cwd, "--policy", what)).stdout).statement.flatMap(
        (s: { action: string[] }) => s.action,
      )
    const called = (): string[] => [...new Set(emulator.requests.map((r) => r.action))]
    const names = (actions: readonly string[]): string[] => actions.map((a) => a.replace(/^\w+:/, ""))
    expect(await cvmimg(["plan"], { cwd, env: emulator.env })).toMatchObject({ code: 0 })
    expect(names(await allowed("plan"))).toEqual(expect.arrayContaining(called()))
    expect(await cvmimg(["apply", "--yes"], { cwd, env: emulator.env })).toMatchObject({ code: 0 })
    writeFileSync(
      join(cwd, "images/0.yaml"),
      image(
        "web",
        "tags: { app: web }\nfamily: web\nbootMode: UEFI\nlifecycle: { retire: delete, keepPrevious: 0 }",
      ),
    )
    expect(
      await cvmimg(["apply", "--yes", "--allow-deletes", "1"], { cwd, env: emulator.env }),
    ).toMatchObject({ code: 0 })
    expect(called()).toEqual(expect.arrayContaining(["ImportImage", "ModifyImageAttribute", "DeleteImages"]))
    expect(names(await allowed("apply"))).toEqual(expect.arrayContaining(called()))
  })

  test("signed sources need their buckets; accounts that differ are asked for", async () => {
    const signed = image("web").replace('qcow2" }', 'qcow2", sign: true }')
    const { stdout } = await run(stackOf(signed), "--policy", "plan")
    expect(JSON.parse(stdout).statement[1]).toEqual({
      effect: "allow",
      action: ["cos:GetObject", "cos:HeadObject"],
      resource: ["qcs::cos:ap-singapore:uid/1250000000:golden-ap-singapore-1250000000/*"],
    })
    const accounts = "accounts: { one: { regions: [ap-tokyo] }, two: { regions: [ap-seoul] } }"
    const cwd = folder({
      "cvmimg.yaml": STACK.replace("spec:\n", `spec:\n  ${accounts}\n`),
      "web.yaml": image("web"),
    })
    expect((await run(cwd, "--policy", "plan")).code).toBe(0)
    expect(await run(cwd, "--policy", "apply")).toMatchObject({ code: 64, stdout: "" })
    expect((await run(cwd, "--policy", "apply", "--account", "two")).stdout).toContain("ap-seoul")
  })

  test("needs valid manifests and a known command", async () => {
    expect(await run(stackOf(image("web", "boot: UEFI")), "--policy", "plan")).toMatchObject({
      code: 1,
      stdout: "",
    })
    expect(await run(stackOf(image("web")), "--policy", "destroy")).toMatchObject({ code: 64, stdout: "" })
  })
})
