import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import { systemClock } from "../../src/cloud/clock.ts"
import { connect } from "../../src/cloud/connect.ts"
import type { ChainOptions } from "../../src/cloud/credential-place.ts"
import { credentialChain } from "../../src/cloud/credentials.ts"
import { CloudError, failureOf as failureFrom } from "../../src/cloud/failure.ts"
import { type CredentialSource, Keys } from "../../src/cloud/keys.ts"
import { demoAccount, startEmulator } from "../../src/emulator/index.ts"
import type { Account } from "../../src/model/stack.ts"
import { failureOf } from "./support.ts"

interface Setting {
  env?: Record<string, string>
  files?: Record<string, string>
  account?: Partial<Account>
  fetch?: (url: string) => Response
  sts?: ChainOptions["sts"]
  now?: () => number
}

function chain(setting: Setting): CredentialSource & { reads: string[] } {
  const reads: string[] = []
  const source = credentialChain({
    accounts: [{ name: "default", vars: {}, ...setting.account }],
    env: { CVMIMG_METADATA: setting.fetch === undefined ? "off" : "on", ...setting.env },
    home: "/home/me",
    clock: { ...systemClock, now: setting.now ?? (() => 1_000_000) },
    sts: setting.sts ?? (() => Promise.reject(new Error("no sts"))),
    fetch: (async (url: string) => {
      if (setting.fetch === undefined) throw new Error("no metadata")
      return setting.fetch(String(url))
    }) as typeof fetch,
    readFile: async (path) => {
      reads.push(path)
      return setting.files?.[path]
    },
  })
  return { ...source, reads }
}

const show = (keys: Keys) => ({ id: keys.secretId, key: keys.secretKey, token: keys.token })
const INI = "/home/me/.tencentcloud/credentials"
const ENV = { TENCENTCLOUD_SECRET_ID: "env-id", TENCENTCLOUD_SECRET_KEY: "env-key" }
const ini = (section: string, id: string, more = "") =>
  `; comment\n[${section}]\nsecret_id = ${id}\nsecret_key="${id}-key"\n${more}`

describe("the order of places", () => {
  it("environment first, with any of the three names of the token", async () => {
    const files = { [INI]: ini("default", "file-id") }
    expect(show(await chain({ env: ENV, files }).of("default"))).toEqual({
      id: "env-id",
      key: "env-key",
      token: undefined,
    })
    for (const name of ["TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SESSION_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN"]) {
      expect((await chain({ env: { ...ENV, [name]: "t" } }).of("default")).token).toBe("t")
    }
  })

  it("then the user's file, the machine's, tccli's", async () => {
    const system = "/etc/tencentcloud/credentials"
    const tccli = "/home/me/.tccli/default.credential"
    const files: Record<string, string> = {
      [INI]: ini("default", "user", "token = tok\n"),
      [system]: ini("default", "system"),
      [tccli]: JSON.stringify({ secretId: "tccli", secretKey: "tccli-key", token: null }),
    }
    expect(show(await chain({ files }).of("default"))).toEqual({ id: "user", key: "user-key", token: "tok" })
    delete files[INI]
    expect((await chain({ files }).of("default")).secretId).toBe("system")
    delete files[system]
    expect(show(await chain({ files }).of("default"))).toEqual({
      id: "tccli",
      key: "tccli-key",
      token: undefined,
    })
  })

  it("a profile comes before everything and nothing comes after it", async () => {
    const account = { profile: "prod" }
    const files = { [INI]: `${ini("default", "wrong")}${ini("prod", "right")}` }
    expect((await chain({ env: ENV, files, account }).of("default")).secretId).toBe("right")
    const tccli = { "/home/me/.tccli/prod.credential": '{"secretId":"t","secretKey":"tk"}' }
    expect((await chain({ env: ENV, files: tccli, account }).of("default")).secretId).toBe("t")
    const none = await failureOf(chain({ env: ENV, account }).of("default"))
    expect(none.message).toContain(".tccli/prod.credential does not exist")
  })

  it("a profile is a name, not a path", async () => {
    const source = chain({ account: { profile: "../../etc/passwd" } })
    expect((await failureOf(source.of("default"))).message).toContain("no name of a profile")
    expect(source.reads).toEqual([])
  })

  it("then the CVM role", async () => {
    const fetch = (url: string): Response =>
      url.endsWith("/")
        ? new Response("my-role\n")
        : Response.json({
            Code: "Success",
            TmpSecretId: url.split("/").at(-1),
            TmpSecretKey: "k",
            Token: "t",
            ExpiredTime: 9_999,
          })
    const keys = await chain({ fetch }).of("default")
    expect(show(keys)).toEqual({ id: "my-role", key: "k", token: "t" })
    expect(keys.expiresAt).toBe(9_999_000)
  })

  it("then the TKE identity, by an unsigned call to sts", async () => {
    const calls: unknown[] = []
    const env = {
      TKE_REGION: "ap-singapore",
      TKE_PROVIDER_ID: "p",
      TKE_WEB_IDENTITY_TOKEN_FILE: "/token",
      TKE_ROLE_ARN: "arn",
    }
    const sts: ChainOptions["sts"] = async (account, action, params, settings) => {
      calls.push({ account, action, params, settings })
      return {
        Credentials: { TmpSecretId: "i", TmpSecretKey: "k", Token: "t" },
        ExpiredTime: 9_999,
        RequestId: "r",
      }
    }
    const keys = await chain({ env, sts, files: { "/token": "jwt\n" } }).of("default")
    expect(show(keys)).toEqual({ id: "i", key: "k", token: "t" })
    expect(calls).toEqual([
      {
        account: "default",
        action: "AssumeRoleWithWebIdentity",
        params: {
          ProviderId: "p",
          RoleArn: "arn",
          RoleSessionName: "cvmimg-1000000",
          WebIdentityToken: "jwt",
        },
        settings: { keys: null, region: "ap-singapore", signal: undefined },
      },
    ])
    const half = await failureOf(chain({ env: { TKE_ROLE_ARN: "arn" } }).of("default"))
    expect(half.message).toContain("lacks TKE_REGION")
  })
})

describe("what is missing or broken", () => {
  it("is told place by place, and empty keys are never used", async () => {
    const failure = await failureOf(chain({ env: { ...ENV, TENCENTCLOUD_SECRET_KEY: "" } }).of("default"))
    expect(failure).toMatchObject({ code: "ClientError.Credentials", ambiguous: false, blame: "permission" })
    for (const place of [
      "TENCENTCLOUD_SECRET_KEY is not",
      INI,
      "/etc/tencentcloud",
      ".tccli",
      "CVM role",
      "TKE",
    ]) {
      expect(failure.message).toContain(place)
    }
  })

  it("never quotes a file", async () => {
    const files = {
      [INI]: "[default]\nsecret_id=topsecretid",
      "/home/me/.tccli/default.credential": "topsecret{",
    }
    const failure = await failureOf(chain({ files }).of("default"))
    expect(JSON.stringify(failure)).not.toContain("topsecret")
    expect(failure.message).toContain("lacks secret_id or secret_key")
    expect(failure.message).toContain("is not JSON")
  })

  it("an account that the stack does not have is refused", async () => {
    expect((await failureOf(chain({ env: ENV }).of("nobody"))).message).toContain("no account nobody")
  })
})

describe("a role to assume", () => {
  const role = { arn: "qcs::cam::uin/100000000001:roleName/images" }

  it("is assumed with the account's own keys, whatever place they are from", async () => {
    const calls: unknown[] = []
    const sts: ChainOptions["sts"] = async (account, action, params, { keys }) => {
      calls.push({ account, action, params, signedBy: keys?.secretId })
      return { Credentials: { TmpSecretId: "i", TmpSecretKey: "k", Token: "t" }, ExpiredTime: 9_999 }
    }
    const account = { assumeRole: { ...role, externalId: "x", sessionName: "ci" } }
    expect(show(await chain({ env: ENV, account, sts }).of("default"))).toEqual({
      id: "i",
      key: "k",
      token: "t",
    })
    expect(calls).toEqual([
      {
        account: "default",
        action: "AssumeRole",
        params: { RoleArn: role.arn, RoleSessionName: "ci", DurationSeconds: 7_200, ExternalId: "x" },
        signedBy: "env-id",
      },
    ])
  })

  it("that cannot be assumed is an error, and never left out silently", async () => {
    const denied = new CloudError(failureFrom("UnauthorizedOperation", { message: "no" }))
    const source = chain({ env: ENV, account: { assumeRole: role }, sts: () => Promise.reject(denied) })
    expect((await failureOf(source.of("default"))).code).toBe("UnauthorizedOperation")
    const empty = chain({ env: ENV, account: { assumeRole: role }, sts: async () => ({ Credentials: {} }) })
    expect((await failureOf(empty.of("default"))).code).toBe("ClientError.InvalidReply")
  })

  it("signs the calls of its account, on the emulator", async () => {
    const emulator = await startEmulator({ accounts: [{ ...demoAccount, roles: ["images"] }] })
    const accounts = [
      { name: "default", vars: {} },
      { name: "role", vars: {}, assumeRole: role },
    ]
    const cloud = await connect({
      site: "intl",
      accounts,
      clock: systemClock,
      env: emulator.env,
      home: "/none",
    })
    const own = await cloud.callerIdentity("default")
    const [one, two] = await Promise.all([cloud.callerIdentity("role"), cloud.callerIdentity("role")])
    expect(one).toEqual(two)
    expect(one.accountId).toBe(own.accountId)
    expect(one.arn).toContain("assumed-role")
    expect(emulator.requests.filter((r) => r.action === "AssumeRole")).toHaveLength(1)
    cloud.close()
    await emulator.close()
  })
})

describe("keys that expire", () => {
  const role = (expires: () => number, count: { n: number }) => (url: string) => {
    if (url.endsWith("/")) return new Response("role")
    count.n++
    return Response.json({
      Code: "Success",
      TmpSecretId: `id-${count.n}`,
      TmpSecretKey: "k",
      Token: "t",
      ExpiredTime: expires(),
    })
  }

  it("are read once for all, and again five minutes before they expire", async () => {
    let now = 0
    const count = { n: 0 }
    const source = chain({ fetch: role(() => now / 1_000 + 3_600, count), now: () => now })
    const all = await Promise.all(Array.from({ length: 20 }, () => source.of("default")))
    expect(new Set(all.map((k) => k.secretId))).toEqual(new Set(["id-1"]))
    now = 3_200_000
    expect((await source.of("default")).secretId).toBe("id-1")
    now = 3_300_001
    expect((await source.of("default")).secretId).toBe("id-2")
    expect(count.n).toBe(2)
  })

  it("are renewed once when many calls were turned away together", async () => {
    const count = { n: 0 }
    const source = chain({ fetch: role(() => 99_999, count), now: () => 0 })
    const old = await source.of("default")
    const renewed = await Promise.all(Array.from({ length: 5 }, () => source.renew("default", old)))
    expect(new Set(renewed.map((k) => k.secretId))).toEqual(new Set(["id-2"]))
    expect((await source.renew("default", old)).secretId).toBe("id-2")
    expect(count.n).toBe(2)
  })

  it("a failure is not remembered", async () => {
    let down = true
    const source = chain({
      env: { TKE_REGION: "r", TKE_PROVIDER_ID: "p", TKE_WEB_IDENTITY_TOKEN_FILE: "/t", TKE_ROLE_ARN: "a" },
      files: { "/t": "jwt" },
      sts: async () => {
        if (down) throw new CloudError(failureFrom("InternalError", { message: "down" }))
        return { Credentials: { TmpSecretId: "i", TmpSecretKey: "k", Token: "t" }, ExpiredTime: 9_999 }
      },
    })
    expect((await failureOf(source.of("default"))).code).toBe("InternalError")
    down = false
    expect((await source.of("default")).secretId).toBe("i")
  })
})

it("keys cannot be printed by accident", () => {
  const keys = new Keys({ secretId: "canary-id", secretKey: "canary-key", token: "canary-token" })
  const shown = [
    inspect(keys, { showHidden: true, depth: 9, getters: true }),
    JSON.stringify({ keys }),
    String(keys),
    `${keys}`,
    JSON.stringify(Object.getOwnPropertyDescriptors(keys)),
    inspect({ nested: [keys] }),
  ].join()
  expect(shown).not.toContain("canary")
})
