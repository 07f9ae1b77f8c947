/** The one place where secrets are taken out of text that people or files may see. */

const URL_QUERY = /(\bhttps?:\/\/[^\s"'<>?#]*)\?[^\s"'<>]*/gi
const USER_INFO = /(\bhttps?:\/\/)[^\s"'<>/?#@]*@/gi
const SECRET_ID = /\bAKID[A-Za-z0-9_-]{4,}/g
const PAIRS =
  /\b(q-ak|q-signature|x-cos-security-token|x-tc-token|authorization|signature|credential|secret_?id|secret_?key|token)(["']?\s*[=:]\s*["']?)[^\s"'&,;<>]+/gi

/**
 * The text without queries and user names of URLs, secret ids, signatures, tokens and every one of `secrets`.
 * What is shorter than 6 characters is no secret, or the text would be unreadable.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text
  for (const secret of secrets) {
    if (secret.length >= 6) clean = clean.replaceAll(secret, "***")
  }
  return clean
    .replace(USER_INFO, "$1***@")
    .replace(URL_QUERY, "$1?***")
    .replace(SECRET_ID, "AKID***")
    .replace(PAIRS, "$1$2***")
}
