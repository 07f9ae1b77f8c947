/** Temporary keys: of the role bound to this CVM (metadata service), of the pod's identity in TKE, of an assumed role. */
import type { AssumeRole } from "../model/stack.ts"
import type { Place, PlaceContext } from "./credential-place.ts"
import { CloudError, failureOf } from "./failure.ts"
import { type KeyParts, Keys } from "./keys.ts"

const METADATA = "http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/"
const TIMEOUT_MS = 1_000

/**
 * The CVM role. Off the cloud the metadata host does not answer, so it is given a second
 * (CVMIMG_METADATA_TIMEOUT_MS); CVMIMG_METADATA=off leaves it out.
 */
export const fromCvmRole: Place = async (context) => {
  const { env } = context
  if (env.CVMIMG_METADATA === "off") return "the CVM role is left out (CVMIMG_METADATA=off)"
  const timeout = Number(env.CVMIMG_METADATA_TIMEOUT_MS) || TIMEOUT_MS
  try {
    const role = (await metadata(context, "", timeout)).trim()
    if (role === "" || !/^[\w+=,.@-]+$/.test(role)) return "this machine has no CVM role"
    const reply = JSON.parse(await metadata(context, role, timeout)) as Record<string, unknown>
    if (reply.Code !== "Success") return "the metadata service gave no keys for the CVM role"
    return (
      temporary(`the CVM role ${role}`, reply, reply) ?? "the metadata service gave no keys for the CVM role"
    )
  } catch {
    return "no metadata service answers (not on a CVM with a role)"
  }
}

async function metadata(context: PlaceContext, path: string, timeout: number): Promise<string> {
  const signal = AbortSignal.timeout(timeout)
  const reply = await context.fetch(METADATA + path, { signal, redirect: "error" })
  if (!reply.ok) throw new Error(`status ${reply.status}`)
  return reply.text()
}

const TKE = ["TKE_REGION", "TKE_PROVIDER_ID", "TKE_WEB_IDENTITY_TOKEN_FILE", "TKE_ROLE_ARN"] as const

/**
 * The pod's identity, exchanged at sts by AssumeRoleWithWebIdentity, which is not signed. Not by the SDK's provider:
 * that one knows the CN host alone and renews 0.6 s before the keys expire.
 */
export const fromTke: Place = async (context) => {
  const { env, account, sts, clock } = context
  const missing = TKE.filter((name) => (env[name] ?? "") === "")
  if (missing.length === TKE.length) return "no TKE identity (TKE_ROLE_ARN is not set)"
  if (missing.length > 0) return `the TKE identity lacks ${missing.join(", ")}`
  const [region = "", ProviderId = "", file = "", RoleArn = ""] = TKE.map((name) => env[name])
  const token = await context.readFile(file).catch(() => undefined)
  if (token === undefined || token.trim() === "") return "the token file of the TKE identity cannot be read"
  const reply = await sts(
    account.name,
    "AssumeRoleWithWebIdentity",
    { ProviderId, RoleArn, RoleSessionName: `cvmimg-${clock.now()}`, WebIdentityToken: token.trim() },
    { keys: null, region, signal: context.signal },
  )
  const keys = reply.Credentials as Record<string, unknown> | undefined
  return (
    temporary("the identity of this pod in TKE", keys ?? {}, reply) ?? "sts gave no keys for the TKE identity"
  )
}

/** The service's default, 2 hours; renewed before they end. */
const ROLE_SECONDS = 7_200

/** The keys of a role, got with the account's own. Rejects with what sts answers. */
export async function assumed(context: PlaceContext, role: AssumeRole, own: Keys): Promise<Keys> {
  const { account, sts } = context
  const reply = await sts(
    account.name,
    "AssumeRole",
    {
      RoleArn: role.arn,
      RoleSessionName: role.sessionName ?? "cvmimg",
      DurationSeconds: ROLE_SECONDS,
      ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
    },
    { keys: own, signal: context.signal },
  )
  const origin = `the role ${role.arn}, assumed with the keys of ${own.origin}`
  const keys = temporary(origin, (reply.Credentials as Record<string, unknown> | undefined) ?? {}, reply)
  if (keys !== undefined) return new Keys(keys)
  throw new CloudError(
    failureOf("ClientError.InvalidReply", {
      message: "The reply to AssumeRole has no credentials.",
      service: "sts",
      action: "AssumeRole",
      account: account.name,
    }),
  )
}

function temporary(
  origin: string,
  keys: Readonly<Record<string, unknown>>,
  times: Readonly<Record<string, unknown>>,
): KeyParts | undefined {
  const { TmpSecretId, TmpSecretKey, Token } = keys
  if (typeof TmpSecretId !== "string" || typeof TmpSecretKey !== "string" || typeof Token !== "string") {
    return undefined
  }
  if (TmpSecretId === "" || TmpSecretKey === "" || Token === "") return undefined
  const { ExpiredTime } = times
  const expiresAt = typeof ExpiredTime === "number" ? { expiresAt: ExpiredTime * 1_000 } : {}
  return { origin, secretId: TmpSecretId, secretKey: TmpSecretKey, token: Token, ...expiresAt }
}
