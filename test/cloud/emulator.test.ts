/** The contract through the whole adapter and real HTTP, on the emulator; and once more with the SDK untouched. */
import http from "node:http"
import { cvm } from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/index.js"
import { sts } from "tencentcloud-sdk-nodejs/tencentcloud/services/sts/index.js"
import { tag } from "tencentcloud-sdk-nodejs/tencentcloud/services/tag/index.js"
import { systemClock } from "../../src/cloud/clock.ts"
import { connect } from "../../src/cloud/connect.ts"
import { CloudError, failureOf } from "../../src/cloud/failure.ts"
import { Keys } from "../../src/cloud/keys.ts"
import { connectTencent } from "../../src/cloud/tencent.ts"
import type { ClientSettings, SdkClient } from "../../src/cloud/tencent-client.ts"
import { type Emulator, startEmulator } from "../../src/emulator/index.ts"
import { type ContractWorld, contract } from "./contract.ts"

const region = "ap-singapore"
const accounts = [{ name: "default", vars: {} }]

function emulator(site: "intl" | "cn"): Promise<Emulator> {
  return startEmulator({
    site,
    behaviour: {
      visibilityDelayMs: 50,
      importMs: 300,
      importMsPerGiB: 0,
      tagDelayMs: 50,
      enforceRates: true,
    },
    images: Array.from({ length: 230 }, (_, i) => ({ region, name: `other-${i}` })),
  })
}

function worldOn(running: Emulator, cloud: ContractWorld["cloud"]): ContractWorld {
  return {
    cloud,
    scope: { account: "default", region },
    sourceUrl: `https://golden-1250000000.cos.${region}.myqcloud.com/contract.qcow2`,
    writable: true,
    shareWith: "100000000002",
    patienceMs: 10_000,
    async close() {
      cloud.close()
      await running.close()
    },
  }
}

for (const site of ["intl", "cn"] as const) {
  contract(`the cloud on the emulator, site ${site}`, async () => {
    const running = await emulator(site)
    const env = { ...running.env, http_proxy: "http://127.0.0.1:9" }
    const cloud = await connect({ site, accounts, clock: systemClock, env, home: "/nonexistent" })
    return worldOn(running, cloud)
  })
}

contract("the cloud with the SDK's own transport", async () => {
  const running = await emulator("intl")
  const keys = new Keys({
    secretId: running.env.TENCENTCLOUD_SECRET_ID ?? "",
    secretKey: running.env.TENCENTCLOUD_SECRET_KEY ?? "",
  })
  const cloud = connectTencent({
    site: "intl",
    accounts,
    endpoint: running.url,
    credentials: () => ({ of: async () => keys, renew: async () => keys }),
    clock: systemClock,
    env: {},
    signatureMs: 3_600_000,
    pace: {},
    client: untouched,
  })
  return worldOn(running, cloud)
})

const CLIENTS = { cvm: cvm.v20170312.Client, tag: tag.v20180813.Client, sts: sts.v20180813.Client }

/** The vendor's client as it is. An agent of its own keeps `http_proxy` away. */
function untouched(settings: ClientSettings): SdkClient {
  const { service, region: place, origin, account } = settings
  const agent = new http.Agent({ keepAlive: true })
  return {
    async request(action, params, { keys, onSent }) {
      const client = new CLIENTS[service]({
        credential: { secretId: keys?.secretId ?? "", secretKey: keys?.secretKey ?? "" },
        ...(place === undefined ? {} : { region: place }),
        profile: { httpProfile: { protocol: "http://", endpoint: origin.host, agent } },
      })
      onSent?.()
      try {
        return (await client.request(action, params)) as Record<string, unknown>
      } catch (error) {
        const { code = "ClientError.Unknown", requestId } = error as { code?: string; requestId?: string }
        const scope = { account, ...(place === undefined ? {} : { region: place }) }
        const message = (error as Error).message
        throw new CloudError(
          failureOf(code, { message, service, action, requestId: requestId ?? "", ...scope }),
        )
      }
    },
  }
}
