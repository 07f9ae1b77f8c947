/**
 * The contract against the live service. Off unless CVMIMG_LIVE=1; credentials come from the usual places.
 *
 *   CVMIMG_LIVE_SITE=intl|cn  CVMIMG_LIVE_REGION=ap-singapore
 *   CVMIMG_LIVE_SOURCE_URL=...  rehearses the import of this object
 *   CVMIMG_LIVE_WRITE=1         imports it, too, and changes what was imported; the image stays and costs money
 *   CVMIMG_LIVE_SHARE_WITH=...  a root account to share with for a moment
 */
import { homedir } from "node:os"
import { describe, it, vi } from "vitest"
import { systemClock } from "../../src/cloud/clock.ts"
import { connect } from "../../src/cloud/connect.ts"
import { contract } from "./contract.ts"

const { env } = process
const site = env.CVMIMG_LIVE_SITE === "cn" ? "cn" : "intl"

const PATIENCE_MS = 2 * 3_600_000

if (env.CVMIMG_LIVE === "1") {
  vi.setConfig({ testTimeout: PATIENCE_MS + 60_000 })
  contract(`the live service, site ${site}`, async () => {
    const accounts = [{ name: "default", vars: {} }]
    const cloud = await connect({ site, accounts, clock: systemClock, env, home: homedir() })
    return {
      cloud,
      scope: { account: "default", region: env.CVMIMG_LIVE_REGION ?? "ap-singapore" },
      ...(env.CVMIMG_LIVE_SOURCE_URL === undefined ? {} : { sourceUrl: env.CVMIMG_LIVE_SOURCE_URL }),
      ...(env.CVMIMG_LIVE_SHARE_WITH === undefined ? {} : { shareWith: env.CVMIMG_LIVE_SHARE_WITH }),
      writable: env.CVMIMG_LIVE_WRITE === "1",
      patienceMs: PATIENCE_MS,
      close: async () => cloud.close(),
    }
  })
} else {
  describe("the live service", () => {
    it.skip("is left alone without CVMIMG_LIVE=1", () => {})
  })
}
