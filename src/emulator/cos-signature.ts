import { createHash, createHmac } from "node:crypto"
import type { Accounts } from "./accounts.ts"

/** A request for an object, as far as its signature covers it. `paths` and `hosts`: every form that may be signed. */
export interface ObjectRequest {
  method: string
  paths: readonly string[]
  hosts: readonly string[]
  headers: Readonly<Record<string, string | string[] | undefined>>
  query: URLSearchParams
  /** The bucket's account; only its keys open the bucket. */
  appid: string
}

/** What came of a signature: none was given, it opens the object, or it does not, with the code of COS. */
export type Signature = "absent" | "valid" | "SignatureDoesNotMatch" | "AccessDenied" | "InvalidAccessKeyId"

/**
 * Checks a COS signature (`q-sign-algorithm=sha1`, section 6.7) in the query or in Authorization. `now` is wall
 * time in milliseconds. The method is part of what is signed: a URL signed for GET does not open HEAD.
 */
export function checkObjectSignature(request: ObjectRequest, accounts: Accounts, now: number): Signature {
  const header = request.headers.authorization
  const given =
    request.query.get("q-signature") === null && typeof header === "string"
      ? new URLSearchParams(header.replaceAll("+", "%2B"))
      : request.query
  const signature = given.get("q-signature")
  if (signature === null) return "absent"
  if (given.get("q-sign-algorithm") !== "sha1") return "SignatureDoesNotMatch"
  const owner = accounts.bySecretId(given.get("q-ak") ?? "")
  if (owner === undefined || owner.key.disabled) return "InvalidAccessKeyId"
  const signTime = given.get("q-sign-time") ?? ""
  const keyTime = given.get("q-key-time") ?? ""
  const [start, end] = signTime.split(";").map(Number)
  if (start === undefined || end === undefined || !(now / 1000 >= start - 300 && now / 1000 <= end)) {
    return "AccessDenied"
  }
  const token =
    request.query.get("x-cos-security-token") ?? request.headers["x-cos-security-token"] ?? undefined
  if (owner.key.token !== token) return "AccessDenied"
  const signKey = hmac(owner.key.secretKey, keyTime)
  const parameters = pairs(given.get("q-url-param-list"), (name) => queryValue(request.query, name))
  for (const host of request.hosts) {
    const headers = pairs(given.get("q-header-list"), (name) =>
      name === "host" ? host : String(request.headers[name] ?? ""),
    )
    for (const path of request.paths) {
      const text = `${request.method.toLowerCase()}\n${path}\n${parameters}\n${headers}\n`
      const hashed = createHash("sha1").update(text).digest("hex")
      if (hmac(signKey, `sha1\n${signTime}\n${hashed}\n`) === signature) {
        return owner.account.appid === request.appid ? "valid" : "AccessDenied"
      }
    }
  }
  return "SignatureDoesNotMatch"
}

function queryValue(query: URLSearchParams, name: string): string {
  for (const [key, value] of query) if (key.toLowerCase() === name) return value
  return ""
}

function pairs(list: string | null, value: (name: string) => string): string {
  const names = (list ?? "").split(";").filter((name) => name !== "")
  return names
    .sort()
    .map((name) => `${encode(name)}=${encode(value(name.toLowerCase()))}`)
    .join("&")
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function hmac(key: string, text: string): string {
  return createHmac("sha1", key).update(text).digest("hex")
}
