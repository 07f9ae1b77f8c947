import { describe, expect, it } from "vitest"
import { redact } from "../../src/cloud/redact.ts"
import { cpuOf } from "../support/cpu.ts"

describe("redact", () => {
  it.each([
    [
      "GET https://b-1.cos.ap-x.myqcloud.com/k?q-ak=AKIDabcdefgh&q-signature=00ff failed",
      "GET https://b-1.cos.ap-x.myqcloud.com/k?*** failed",
    ],
    ["bad id AKIDz8krbsJ5yKBZQpn74WFkmLPx3gnPhESA.", "bad id AKID***."],
    ["Credential=AKIDx/2026-11-24/cvm, Signature=abcdef", "Credential=***, Signature=***"],
    ['{"SecretKey": "abc", "Token":"def"}', '{"SecretKey": "***", "Token":"***"}'],
    ["http://user:pass@proxy:3128/ failed", "http://***@proxy:3128/ failed"],
    ["plain text, 100 % kept?", "plain text, 100 % kept?"],
  ])("%s", (text, clean) => {
    expect(redact(text)).toBe(clean)
  })

  it("takes out every text it is told, but nothing that is too short to be a secret", () => {
    expect(redact("x my-secret-key y my-secret-key", ["my-secret-key", "x"])).toBe("x *** y ***")
  })

  it("is linear", async () => {
    const text = `${"https://".repeat(20_000)}${"token=".repeat(20_000)}${"AKID".repeat(20_000)}`
    expect(await cpuOf(() => redact(text))).toBeLessThan(1_000)
  })
})
