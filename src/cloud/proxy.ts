/**
 * The proxy rules, all of them: for https the URL in HTTPS_PROXY (or https_proxy) is used, by CONNECT, so that the
 * proxy sees host names only. NO_PROXY (or no_proxy) lists hosts, domains or `*`, with an optional port. Loopback is
 * never proxied, and nothing else is reached over plain http, so http_proxy and ALL_PROXY mean nothing here.
 */
import { isLoopback } from "./hosts.ts"

export type Env = Readonly<Record<string, string | undefined>>

/** The proxy for a target, or undefined: go straight. Throws a TypeError if the setting is not an http(s) URL. */
export function proxyFor(target: URL, env: Env): URL | undefined {
  if (target.protocol !== "https:" || isLoopback(target.hostname)) return undefined
  const setting = env.https_proxy || env.HTTPS_PROXY
  if (setting === undefined || setting === "") return undefined
  if (excluded(target, env.no_proxy || env.NO_PROXY || "")) return undefined
  const proxy = new URL(setting.includes("://") ? setting : `http://${setting}`)
  if (proxy.protocol !== "http:" && proxy.protocol !== "https:") {
    throw new TypeError(
      `HTTPS_PROXY has the scheme ${proxy.protocol}; only http and https proxies are supported`,
    )
  }
  return proxy
}

function excluded(target: URL, list: string): boolean {
  const host = target.hostname.toLowerCase()
  const port = target.port === "" ? "443" : target.port
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true
      const [, name = "", onlyPort] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? []
      if (onlyPort !== undefined && onlyPort !== port) return false
      const bare = name.replace(/^\*?\./, "")
      return bare !== "" && (host === bare || host.endsWith(`.${bare}`))
    })
}
