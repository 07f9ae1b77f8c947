/** Where each service of a site is reached. */
import type { Site } from "../model/stack.ts"
import { CloudError, failureOf } from "./failure.ts"

export type Service = "cvm" | "tag" | "sts"

/** Finance regions are isolated and answer only on their regional host (tencentcloud.com/zh/document/api/1021/34191). */
const FINANCE = /-fsi$/

/**
 * The origin of a service. `override` (--endpoint, CVMIMG_ENDPOINT) leads every service to one address;
 * plain http is refused for anything but loopback.
 */
export function originOf(site: Site, service: Service, region: string | undefined, override?: string): URL {
  if (override !== undefined && override !== "") return checkedEndpoint(override)
  const domain = site === "intl" ? "intl.tencentcloudapi.com" : "tencentcloudapi.com"
  if (region !== undefined && FINANCE.test(region)) {
    return new URL(`https://${service}.${region}.tencentcloudapi.com/`)
  }
  return new URL(`https://${service}.${domain}/`)
}

/** The endpoint as an origin, or `ClientError.Endpoint`. */
export function checkedEndpoint(text: string): URL {
  const refuse = (why: string): CloudError =>
    new CloudError(failureOf("ClientError.Endpoint", { message: why, unsent: true }))
  if (!URL.canParse(text)) throw refuse("The endpoint is not a URL.")
  const url = new URL(text)
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw refuse(`The endpoint has the scheme ${url.protocol} instead of https:.`)
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw refuse(`Plain http to ${url.hostname} would send signatures in the clear.`)
  }
  if (url.pathname !== "/" || url.search !== "" || url.username !== "" || url.password !== "") {
    throw refuse("The endpoint has more than scheme, host and port.")
  }
  return url
}

/** 127.0.0.0/8, ::1 and localhost. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase()
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "::1" ||
    /^127(?:\.\d{1,3}){3}$/.test(host)
  )
}
