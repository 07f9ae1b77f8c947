/** The one place where secrets are taken out of text that people or files may see. */

// Each pattern takes a whole run of text in one go, so that hostile text costs linear time.
const URL_TEXT = /\bhttps?:\/\/[^\s"'<>]+/gi
const SECRET_ID = /\bAKID[A-Za-z0-9_-]{4,}/g
const PAIRS =
  /\b(q-ak|q-signature|x-cos-security-token|x-tc-token|authorization|signature|credential|secret_?id|secret_?key|token)(["']?[ \t]{0,8}[=:][ \t]{0,8}["']?)[^\s"'&,;<>]+/gi

/**
 * The text without queries and user names of URLs, secret ids, signatures, tokens and every one of `secrets`.
 * What is shorter than 6 characters is no secret, or the text would be unreadable.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text
  for (const secret of secrets) {
    if (secret.length >= 6) clean = clean.replaceAll(secret, "***")
  }
  return clean.replace(URL_TEXT, bareUrl).replace(SECRET_ID, "AKID***").replace(PAIRS, "$1$2***")
}

function bareUrl(url: string): string {
  const query = url.indexOf("?")
  const bare = query < 0 ? url : `${url.slice(0, query)}?***`
  return bare.replace(/^(https?:\/\/)[^/?#@]*@/i, "$1***@")
}
