/** Signatures by which a receiver knows that a message is from who shares its secret, and is not an old one sent again. */
import { createHmac } from "node:crypto"

/**
 * `t=<seconds>,v1=<hex>` for X-Cvmimg-Signature: HMAC-SHA256 with the secret over `<seconds>.<body>`. The receiver
 * refuses what is older than a few minutes. `at`: milliseconds since the epoch.
 */
export function jsonSignature(secret: string, body: string, at: number): string {
  const seconds = Math.floor(at / 1000)
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`
}

/** DingTalk: `timestamp` in ms and `sign` for the query; the service takes what is younger than an hour. */
export function dingtalkSignature(secret: string, at: number): { timestamp: string; sign: string } {
  const timestamp = String(Math.floor(at))
  return {
    timestamp,
    sign: createHmac("sha256", secret).update(`${timestamp}\n${secret}`).digest("base64"),
  }
}

/** Feishu: `timestamp` in seconds and `sign` for the body. The text is the key, and nothing is signed with it. */
export function feishuSignature(secret: string, at: number): { timestamp: string; sign: string } {
  const timestamp = String(Math.floor(at / 1000))
  return { timestamp, sign: createHmac("sha256", `${timestamp}\n${secret}`).update("").digest("base64") }
}
