/** Which addresses a probe may go to: objects in COS, and the emulator's store on this machine. */

/** Name and appid of a bucket, its host, and the key as it stands in a URL, percent-encoded. */
export interface CosObject {
  readonly host: string
  readonly bucket: string
  readonly path: string
}

const HOST = /^([a-z0-9](?:[a-z0-9-]*[a-z0-9])?-[0-9]{5,20})\.cos\.[a-z0-9-]{1,40}\.myqcloud\.com$/

/** The object that a URL names, or undefined if it is not one in COS. The query is left out. */
export function cosObject(url: string): CosObject | undefined {
  if (!URL.canParse(url)) return undefined
  const { protocol, hostname, port, username, password, pathname } = new URL(url)
  if ((protocol !== "https:" && protocol !== "http:") || port !== "" || username !== "" || password !== "") {
    return undefined
  }
  const bucket = HOST.exec(hostname)?.[1]
  // The parser has resolved every `..`, so that a path cannot climb out of the bucket.
  if (bucket === undefined || pathname === "/") return undefined
  return { host: hostname, bucket, path: pathname }
}

/** The URL without its query: the key under which a source is known. */
export function bareUrl(url: string): string {
  return url.split(/[?#]/, 1)[0] ?? url
}

/**
 * The address of a request for an object. Always https, so that no signature travels in the clear, or the same object
 * below `endpoint`. `query` is that of the signed URL, empty without a signature.
 */
export function addressOf(object: CosObject, query: string, endpoint: string | undefined): string {
  const base = endpoint === undefined ? `https://${object.host}` : `${endpoint}/${object.bucket}`
  return `${base}${object.path}${query}`
}

/**
 * The object store that stands in for COS (CVMIMG_COS_ENDPOINT), without a slash at its end. Throws a RangeError if it
 * is not on this machine: signatures of real keys would go there.
 */
export function checkedCosEndpoint(text: string): string {
  if (!URL.canParse(text)) throw new RangeError("CVMIMG_COS_ENDPOINT is not a URL.")
  const { protocol, hostname, host, username, password, pathname, search, hash } = new URL(text)
  if (protocol !== "http:" && protocol !== "https:") {
    throw new RangeError("CVMIMG_COS_ENDPOINT is neither http: nor https:.")
  }
  if (!isLoopback(hostname))
    throw new RangeError("CVMIMG_COS_ENDPOINT may name only this machine (loopback).")
  if (username !== "" || password !== "" || search !== "" || hash !== "") {
    throw new RangeError("CVMIMG_COS_ENDPOINT has more than scheme, host, port and path.")
  }
  return `${protocol}//${host}${pathname.replace(/\/+$/, "")}`
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  )
}
