import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import type { Account, Accounts, KeyPair } from "./accounts.ts"
import { refuse } from "./failure.ts"

/** A request as it came over the wire. Header names are lower case; `rawQuery` is what follows `?`, unchanged. */
export interface SignedRequest {
  method: string
  rawQuery: string
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: Uint8Array
}

/** The parts of an Authorization header. */
interface Authorization {
  secretId: string
  date: string
  service: string
  signedHeaders: string[]
  signature: string
}

const windowMs = 5 * 60_000
const badSignature =
  "The provided credentials could not be validated. Please check your signature is correct."

/**
 * Verifies TC3-HMAC-SHA256 (section 4.1) and answers whose key signed. The scope comes from the credential: SDKs
 * put anything from `cvm` to `127` or `localhost:8080` there. The host may be signed with its port or without.
 * Identical signatures are no replay. `now` is the server's wall time in milliseconds.
 */
export function verify(
  request: SignedRequest,
  accounts: Accounts,
  now: number,
): { account: Account; key: KeyPair } {
  const authorization = parseAuthorization(header(request, "authorization"))
  const owner = accounts.bySecretId(authorization.secretId)
  if (owner === undefined || owner.key.disabled) {
    if (!authorization.secretId.startsWith("AKID")) {
      refuse("AuthFailure.InvalidSecretId", "The SecretId is not a valid cloud API key.")
    }
    refuse(
      "AuthFailure.SecretIdNotFound",
      "The SecretId is not found, please ensure that your SecretId is correct.",
    )
  }
  const timestamp = header(request, "x-tc-timestamp")
  if (timestamp === undefined) {
    refuse("MissingParameter", "The request is missing a required parameter `Timestamp`.")
  }
  if (!/^\d{1,12}$/.test(timestamp))
    refuse("InvalidParameter", "The parameter `Timestamp` is not an integer.")
  if (Math.abs(now - Number(timestamp) * 1000) > windowMs) {
    refuse(
      "AuthFailure.SignatureExpire",
      "The provided credentials are not valid: the timestamp is more than 5 minutes off the server time.",
    )
  }
  const token = header(request, "x-tc-token")
  const expired = owner.key.expiresAt !== undefined && now >= owner.key.expiresAt
  if (token !== owner.key.token || expired) refuse("AuthFailure.TokenFailure", "The token is not valid.")
  if (new Date(Number(timestamp) * 1000).toISOString().slice(0, 10) !== authorization.date) {
    refuse("AuthFailure.SignatureFailure", badSignature)
  }
  const given = Buffer.from(authorization.signature, "hex")
  for (const canonical of canonicalRequests(request, authorization.signedHeaders)) {
    const expected = sign(owner.key.secretKey, authorization, timestamp, canonical)
    if (timingSafeEqual(expected, given)) return owner
  }
  return refuse("AuthFailure.SignatureFailure", badSignature)
}

/** Takes an Authorization header apart; anything malformed is AuthFailure.InvalidAuthorization. */
function parseAuthorization(value: string | undefined): Authorization {
  const wrong = (): never =>
    refuse("AuthFailure.InvalidAuthorization", "The `Authorization` header of the request is not valid.")
  const match = /^TC3-HMAC-SHA256\s+(.*)$/.exec(value ?? "")
  if (match === null) return wrong()
  const parts = new Map<string, string>()
  for (const part of (match[1] ?? "").split(",")) {
    const at = part.indexOf("=")
    if (at < 0) return wrong()
    parts.set(part.slice(0, at).trim(), part.slice(at + 1).trim())
  }
  const scope = /^([^/]+)\/(\d{4}-\d{2}-\d{2})\/(.*)\/tc3_request$/.exec(parts.get("Credential") ?? "")
  const signature = parts.get("Signature") ?? ""
  const signedHeaders = (parts.get("SignedHeaders") ?? "").split(";")
  if (scope === null || !/^[0-9a-fA-F]{64}$/.test(signature)) return wrong()
  if (!signedHeaders.includes("content-type") || !signedHeaders.includes("host")) return wrong()
  return { secretId: scope[1] ?? "", date: scope[2] ?? "", service: scope[3] ?? "", signedHeaders, signature }
}

/**
 * The canonical requests that count as the same: host with and without port; values as sent, with those of
 * x-tc-* headers in lower case (the documentation's samples), and all in lower case.
 */
function* canonicalRequests(request: SignedRequest, signedHeaders: readonly string[]): Generator<string> {
  const host = header(request, "host") ?? ""
  const hosts = new Set([host, host.replace(/:\d+$/, "")])
  const unsigned = header(request, "x-tc-content-sha256") === "UNSIGNED-PAYLOAD"
  const bodyHash = sha256(unsigned ? "UNSIGNED-PAYLOAD" : request.body)
  for (const lowered of ["\0", "x-tc-", ""]) {
    for (const form of hosts) {
      const lines = signedHeaders.map((name) => {
        const value = (name === "host" ? form : (header(request, name) ?? "")).trim()
        return `${name.toLowerCase()}:${name.startsWith(lowered) ? value.toLowerCase() : value}\n`
      })
      const head = `${request.method}\n/\n${request.rawQuery}\n${lines.join("")}`
      yield `${head}\n${signedHeaders.join(";")}\n${bodyHash}`
    }
  }
}

function sign(secretKey: string, scope: Authorization, timestamp: string, canonical: string): Buffer {
  const credentialScope = `${scope.date}/${scope.service}/tc3_request`
  const text = `TC3-HMAC-SHA256\n${timestamp}\n${credentialScope}\n${sha256(canonical)}`
  const dateKey = hmac(`TC3${secretKey}`, scope.date)
  return hmac(hmac(hmac(dateKey, scope.service), "tc3_request"), text)
}

function header(request: SignedRequest, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()]
  return Array.isArray(value) ? value.join(", ") : value
}

function sha256(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex")
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest()
}
