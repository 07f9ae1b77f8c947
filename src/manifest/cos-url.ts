import type { SourceFormat } from "../model/desired.ts"

/** Where a COS object lies. */
export interface CosObject {
  /** Name and appid. */
  readonly bucket: string
  readonly region: string
  /** Percent-encoded, as in the URL. */
  readonly key: string
}

const COS =
  /^https?:\/\/([a-z0-9](?:[a-z0-9-]*[a-z0-9])?-[0-9]{5,20})\.cos\.([a-z0-9-]{1,40})\.myqcloud\.com\/([^?#]+)$/i

/** The object that the URL names, or what keeps it from being an address in COS. */
export function parseCosUrl(url: string): CosObject | { readonly problem: string } {
  if (/[^\u0021-\u007e]/.test(url))
    return { problem: "it has spaces or characters that must be percent-encoded" }
  const match = COS.exec(url)
  if (match !== null) {
    const [, bucket = "", region = "", key = ""] = match
    return { bucket: bucket.toLowerCase(), region: region.toLowerCase(), key }
  }
  if (!/^https?:\/\//i.test(url)) return { problem: "it starts neither with https:// nor with http://" }
  if (/[?#]/.test(url)) return { problem: "it has a query or a fragment" }
  const host = /^https?:\/\/([^/]*)/i.exec(url)?.[1] ?? ""
  if (!/\.myqcloud\.com$/i.test(host)) return { problem: "its host is not one of myqcloud.com" }
  if (!/\.cos\.[a-z0-9-]+\.myqcloud\.com$/i.test(host)) return { problem: "its host is not that of a bucket" }
  if (!/^[^.]*-[0-9]{5,20}\./.test(host)) return { problem: "its bucket does not end with -<appid>" }
  return { problem: "it names no object in the bucket" }
}

const SIGNING =
  /^(?:q-|x-cos-|x-amz-|x-goog-|x-oss-)|sign|token|secret|password|access-?key|^(?:ak|sk|sig|expires)$/i

/** Whether the URL carries what signs it: a signature, a token, a key, or a user and password. */
export function carriesSecret(url: string): boolean {
  if (/^[a-z][a-z0-9+.-]{0,20}:\/\/[^/?#]*@/i.test(url)) return true
  const query = url.indexOf("?")
  if (query === -1) return false
  return url
    .slice(query + 1)
    .split(/[&;#]/)
    .some((pair) => SIGNING.test(pair.split("=", 1)[0] ?? ""))
}

const EXTENSIONS: Readonly<Record<string, SourceFormat>> = {
  raw: "raw",
  vhd: "vhd",
  qcow2: "qcow2",
  vmdk: "vmdk",
  iso: "iso",
}

/** The format that the extension of the key stands for. */
export function formatOfKey(url: string): SourceFormat | undefined {
  const extension = /\.([a-z0-9]{1,10})$/i.exec(url.split(/[?#]/, 1)[0] ?? "")?.[1]?.toLowerCase()
  return extension !== undefined && Object.hasOwn(EXTENSIONS, extension) ? EXTENSIONS[extension] : undefined
}
