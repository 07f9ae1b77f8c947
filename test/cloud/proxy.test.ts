import { expect, it } from "vitest"
import { isLoopback, originOf } from "../../src/cloud/hosts.ts"
import { proxyFor } from "../../src/cloud/proxy.ts"

const CVM = new URL("https://cvm.intl.tencentcloudapi.com/")
const PROXY = "http://proxy:3128"

it.each([
  ["", true],
  ["*", false],
  ["tencentcloudapi.com", false],
  [".tencentcloudapi.com", false],
  ["*.tencentcloudapi.com", false],
  ["cvm.intl.tencentcloudapi.com", false],
  ["cloudapi.com", true],
  ["other.com, .intl.tencentcloudapi.com:443", false],
  ["tencentcloudapi.com:8443", true],
])("NO_PROXY=%s", (list, proxied) => {
  expect(proxyFor(CVM, { HTTPS_PROXY: PROXY, NO_PROXY: list }) !== undefined).toBe(proxied)
  expect(proxyFor(CVM, { https_proxy: PROXY, no_proxy: list }) !== undefined).toBe(proxied)
})

it("only HTTPS_PROXY counts, and loopback never goes through it", () => {
  expect(proxyFor(CVM, { http_proxy: PROXY, ALL_PROXY: PROXY, HTTP_PROXY: PROXY })).toBeUndefined()
  expect(proxyFor(CVM, { HTTPS_PROXY: "proxy:3128" })?.href).toBe("http://proxy:3128/")
  for (const url of ["http://127.0.0.1:1/", "https://localhost/", "https://[::1]/", "https://127.9.9.9/"]) {
    expect(proxyFor(new URL(url), { HTTPS_PROXY: PROXY })).toBeUndefined()
  }
  expect(() => proxyFor(CVM, { HTTPS_PROXY: "socks5://proxy" })).toThrow("socks5:")
})

it("knows loopback", () => {
  for (const host of ["127.0.0.1", "localhost", "a.localhost", "[::1]", "127.1.2.3"])
    expect(isLoopback(host)).toBe(true)
  for (const host of ["127.0.0.1.evil.test", "10.0.0.1", "localhost.evil.test"])
    expect(isLoopback(host)).toBe(false)
})

it.each([
  ["intl", "cvm", "ap-singapore", "https://cvm.intl.tencentcloudapi.com/"],
  ["intl", "tag", undefined, "https://tag.intl.tencentcloudapi.com/"],
  ["intl", "sts", undefined, "https://sts.intl.tencentcloudapi.com/"],
  ["cn", "cvm", "ap-guangzhou", "https://cvm.tencentcloudapi.com/"],
  ["cn", "sts", undefined, "https://sts.tencentcloudapi.com/"],
  ["cn", "cvm", "ap-shanghai-fsi", "https://cvm.ap-shanghai-fsi.tencentcloudapi.com/"],
] as const)("%s %s %s", (site, service, region, url) => {
  expect(originOf(site, service, region).href).toBe(url)
  expect(originOf(site, service, region, "http://127.0.0.1:80/").href).toBe("http://127.0.0.1/")
})
