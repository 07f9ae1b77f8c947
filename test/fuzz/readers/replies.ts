/** Replies of the service, through the real SDK over HTTP: values, or failures that are told as such. */
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import { renderError } from "../../../src/cli/errors.ts"
import { systemClock } from "../../../src/cloud/clock.ts"
import { connect } from "../../../src/cloud/connect.ts"
import { CloudError } from "../../../src/cloud/failure.ts"
import { Keys } from "../../../src/cloud/keys.ts"
import { observe, observeShares } from "../../../src/cloud/observe.ts"
import { DOCUMENTED_RATES } from "../../../src/cloud/pacing.ts"
import type { Cloud } from "../../../src/cloud/port.ts"
import { plan } from "../../../src/plan/index.ts"
import { planFormats } from "../../../src/report/formats.ts"
import { aPlacement, desired, ours } from "../../plan/build.ts"
import { loaded } from "../../report/loaded.ts"
import { damaged, wrongValues } from "../mutate.ts"
import { CANARY, type Reader } from "../reader.ts"

const planRenderers = await loaded(planFormats)

const SCOPE = { account: "default", region: "ap-singapore" }
const WISH = desired(aPlacement({ image: "base", sharedWith: ["200000000001"] }), aPlacement({ image: "b" }))
const OURS = ours(aPlacement({ image: "base" }))
const IMAGE = {
  ImageId: "img-0000000a",
  OsName: "Ubuntu",
  ImageType: "PRIVATE_IMAGE",
  CreatedTime: "2026-10-01T00:00:00Z",
  ImageName: "base",
  ImageDescription: OURS.description,
  ImageSize: 20,
  Architecture: "x86_64",
  ImageState: "NORMAL",
  Platform: "Ubuntu",
  ImageCreator: null,
  SyncPercent: null,
  IsSupportCloudinit: true,
  SnapshotSet: [{ SnapshotId: "snap-0000000a", DiskUsage: "SYSTEM_DISK", DiskSize: 20 }],
  Tags: [{ Key: "app", Value: "x" }],
  LicenseType: "TencentCloud",
  ImageFamily: "f",
  ImageDeprecated: false,
}
/** One reply for every call: each reads what it asks for. */
const GOOD = {
  Response: {
    RequestId: "r-1",
    TotalCount: 2,
    ImageSet: [IMAGE, { ...IMAGE, ImageId: "img-0000000b", ImageName: "b", Tags: null, SnapshotSet: null }],
    ImportImageOsListSupported: { Windows: ["Windows"], Linux: ["Ubuntu"] },
    ImportImageOsVersionSet: [{ OsName: "Ubuntu", OsVersions: ["22"], Architecture: ["x86_64"] }],
    ImageNumQuota: 500,
    Image: IMAGE,
    SharePermissionSet: [{ AccountId: "200000000001", CreatedTime: "2026-10-01T00:00:00Z" }],
    PaginationToken: "",
    ResourceTagMappingList: [
      { Resource: "qcs::cvm:ap-singapore:uin/100000000001:image/img-0000000a", Tags: [] },
    ],
    Rows: [{ ResourceRegion: "ap-singapore", ResourceId: "img-0000000a" }],
    AccountId: "100000000001",
    UserId: "100000000001",
    Arn: "qcs::cam::uin/100000000001:uin/100000000001",
    ImageId: "img-0000000c",
  },
}
const REFUSED = {
  Response: {
    Error: {
      Code: "AuthFailure.SecretIdNotFound",
      Message: `The SecretId is not found: AKID${CANARY}, ${CANARY}`,
    },
    RequestId: "r-1",
  },
}

const keys = new Keys({ secretId: `AKID${CANARY}`, secretKey: CANARY })

interface Connected {
  readonly cloud: Cloud
  answer: Buffer
}

let connected: Promise<Connected> | undefined

/** One server and one connection for all inputs. */
async function start(): Promise<Connected> {
  const state = { answer: Buffer.alloc(0) }
  const server = http.createServer((request, response) => {
    request.resume()
    request.on("end", () => {
      response.setHeader("content-type", "application/json")
      response.end(state.answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()))
  server.unref()
  const cloud = await connect({
    site: "intl",
    accounts: [{ name: "default", vars: {} }],
    clock: systemClock,
    env: {},
    home: "/nonexistent",
    credentials: { of: () => Promise.resolve(keys), renew: () => Promise.resolve(keys) },
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    retry: { attempts: 1, throttleMs: 0 },
    pace: { perSecond: Object.fromEntries(Object.keys(DOCUMENTED_RATES).map((action) => [action, 100_000])) },
  })
  return Object.assign(state, { cloud })
}

export const replies: Reader = {
  name: "replies",
  input(r) {
    const good = r.chance(0.9) ? GOOD : REFUSED
    if (r.chance(0.4)) return damaged(r, Buffer.from(JSON.stringify(good)))
    return Buffer.from(JSON.stringify(wrongValues(r, good)) ?? "")
  },
  async read(input) {
    connected ??= start()
    const state = await connected
    state.answer = input
    const { cloud } = state
    const told: string[] = []
    const written: string[] = []
    const [placement] = WISH.placements
    const calls: (() => Promise<unknown>)[] = [
      () => cloud.listImportOs(SCOPE),
      () => cloud.imageQuota(SCOPE),
      () => cloud.familyImage(SCOPE, "f"),
      () => cloud.listShares(SCOPE, "img-0000000a"),
      () => cloud.listOwned("default", "0123abcd"),
      () => cloud.callerIdentity("default"),
      () => cloud.deleteImage(SCOPE, "img-0000000a", { snapshots: true }),
      () => cloud.ensureTag("default", "a", "b"),
      async () => {
        let seen = await observe({ reader: cloud, clock: systemClock, placements: WISH.placements })
        const images = [{ ...SCOPE, imageId: "img-0000000a" }]
        seen = await observeShares({ reader: cloud, observed: seen, images })
        const made = plan(WISH, seen)
        told.push(planRenderers.text(made, { color: false, width: 100 }))
        written.push(planRenderers.json(made, { color: false, width: 100 }))
        return seen
      },
    ]
    if (placement === undefined) throw new Error("there is a placement")
    for (const call of calls) {
      try {
        written.push(JSON.stringify(await call()) ?? "")
      } catch (error) {
        if (!(error instanceof CloudError)) throw error
        told.push(renderError(error, {}))
        written.push(JSON.stringify(error.failure))
      }
    }
    return { told, written }
  },
}
