/**
 * The signature of a COS URL (XML API, `q-sign-algorithm=sha1`; cloud.tencent.com/document/product/436/7778), made the
 * way cos-nodejs-sdk-v5 makes it: the method and the host are signed, so that a URL for GET is not good for HEAD.
 */
import { createHash, createHmac } from "node:crypto"
import type { Keys } from "./keys.ts"

const hmac = (key: string, text: string): string => createHmac("sha1", key).update(text).digest("hex")

/** Percent-encoding as COS wants it: `!'()*` too. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/**
 * The URL with a signature for the method, valid from `start` to `end` (seconds since the epoch). It is a secret: to be
 * sent and then forgotten. Temporary credentials add their token.
 */
export function signCosUrl(
  url: string,
  keys: Keys,
  start: number,
  end: number,
  method: "GET" | "HEAD" = "GET",
): string {
  const target = new URL(url)
  const times = `${start};${end}`
  const path = decodeURIComponent(target.pathname)
  const request = `${method.toLowerCase()}\n${path}\n\nhost=${encode(target.host)}\n`
  const digest = createHash("sha1").update(request).digest("hex")
  const signature = hmac(hmac(keys.secretKey, times), `sha1\n${times}\n${digest}\n`)
  const query = [
    "q-sign-algorithm=sha1",
    `q-ak=${encode(keys.secretId)}`,
    `q-sign-time=${times}`,
    `q-key-time=${times}`,
    "q-header-list=host",
    "q-url-param-list=",
    `q-signature=${signature}`,
    ...(keys.token === undefined ? [] : [`x-cos-security-token=${encode(keys.token)}`]),
  ].join("&")
  return `${url}${target.search === "" ? "?" : "&"}${query}`
}
