/**
 * Lines of manifests are shown as they are written, and people do write secrets into manifests: a signed URL, a password in
 * it, a key. The excerpt of the very line that is refused for it must not carry it into a CI log. What is masked keeps its
 * length, so that columns stay where they are.
 */

/** Everything after the question mark of a URL. The bound keeps the search linear. */
const QUERY = /(:\/\/[^\s"'?]{0,3000}\?)([^\s"']+)/g
/** User and password of a URL. */
const USER = /(:\/\/)([^\s"'/?#@]+)(?=@)/g
/** The signing parameters, on a line of their own or anywhere. */
const PARAMETER =
  /\b((?:q-[a-z-]{2,20}|x-cos-[a-z-]{2,30}|x-amz-[a-z-]{2,30}|sign|signature|token|access_?key_?id)=)([^\s"'&]+)/gi
/** The value of a key that names a secret. */
const KEY =
  /((?:secret|token|password|passwd|credential|private[_-]?key|access[_-]?key)[\w-]{0,40}["']?\s{0,10}:\s{0,10})(\S.*)$/i
/** Ids of keys of Tencent Cloud. */
const KEY_ID = /\b(AKID)(\w{8,})/g

/** A line of a manifest without what may be secret in it, of the same length. */
export function maskSecrets(line: string): string {
  return line
    .replace(QUERY, stars)
    .replace(USER, stars)
    .replace(PARAMETER, stars)
    .replace(KEY, stars)
    .replace(KEY_ID, stars)
}

function stars(_: string, before: string, secret: string): string {
  return before + "*".repeat(secret.length)
}
