/** Placements, actions and worlds for tests of checks. */
import type * as http from "node:http"
import type { Fetch } from "../../src/check/index.ts"
import { systemClock } from "../../src/cloud/clock.ts"
import { type ConnectOptions, connect } from "../../src/cloud/connect.ts"
import { Keys } from "../../src/cloud/keys.ts"
import type { Cloud, SourceSigner } from "../../src/cloud/port.ts"
import { demoAccount, type Emulator } from "../../src/emulator/index.ts"
import type { DesiredPlacement } from "../../src/model/desired.ts"
import type { CloudImage, Observed } from "../../src/model/observed.ts"
import { type Action, type ImportAction, type Plan, type ReplaceAction, VERBS } from "../../src/model/plan.ts"
import type { ImportRequest } from "../../src/model/request.ts"
import { AT, aPlacement, type PlacementParts } from "../plan/build.ts"

export const BUCKET = "golden-ap-singapore-1250000000"
export const COS: string = `https://${BUCKET}.cos.ap-singapore.myqcloud.com`

/** A placement of an object in the bucket of its region, without a checksum; its format is what its key ends with. */
export function placed(
  key: string,
  parts: Omit<PlacementParts, "source"> & { source?: Partial<DesiredPlacement["source"]> } = {},
): DesiredPlacement {
  const region = parts.region ?? "ap-singapore"
  const url = `https://golden-${region}-1250000000.cos.${region}.myqcloud.com/${key}`
  const format =
    (["raw", "vhd", "vmdk", "iso"] as const).find((ending) => key.endsWith(`.${ending}`)) ?? "qcow2"
  const { crc64: _, ...source } = aPlacement({ ...parts, source: { url, format, ...parts.source } }).source
  const { crc64 } = parts.source ?? {}
  return { ...aPlacement(parts), region, source: crc64 === undefined ? source : { ...source, crc64 } }
}

export function requestOf(p: DesiredPlacement, name: string = p.image): ImportRequest {
  return {
    name,
    description: "",
    url: p.source.url,
    sign: p.source.sign,
    ...(p.source.signAs === undefined ? {} : { signAs: p.source.signAs }),
    osType: p.os.type,
    osVersion: p.os.version,
    architecture: p.architecture,
    force: p.force,
    tags: { "cvmimg.stack": "golden" },
    dataDiskUrls: p.dataDisks.map(({ url }) => url),
  }
}

const common = (p: DesiredPlacement) => ({
  image: p.image,
  account: p.account,
  region: p.region,
  digest: "0123456789abcdef",
  reasons: [],
  changes: [],
  notices: [],
  checks: [],
  manifest: AT,
  release: "perRegion" as const,
  spec: "0123456789abcdef",
  remove: [],
  afterwards: {},
})

export function anImport(p: DesiredPlacement, parts: Partial<ImportAction> = {}): ImportAction {
  return { ...common(p), action: "import", request: requestOf(p), ...parts }
}

export function aReplace(p: DesiredPlacement, parts: Partial<ReplaceAction> = {}): ReplaceAction {
  const request = requestOf(p, `${p.image}.next-0123abcd`)
  const old = { imageId: "img-00000old", name: p.image }
  const oldName = `${p.image}.prev-${old.imageId}`
  return { ...common(p), action: "replace", name: p.image, request, old, oldName, retire: [], ...parts }
}

export function aPlan(...actions: Action[]): Plan {
  return {
    formatVersion: 1,
    stack: "golden",
    stackId: "0123abcd",
    site: "intl",
    fingerprint: "f".repeat(64),
    summary: Object.fromEntries(VERBS.map((verb) => [verb, 0])) as Plan["summary"],
    actions,
    families: [],
    brakes: [],
    notices: [],
    notConsidered: 0,
  }
}

/** Regions as listed; by default nothing in any that is named. */
export function seen(images: Readonly<Record<string, readonly CloudImage[]>>): Observed {
  return {
    at: 0,
    scopes: Object.entries(images).map(([region, list]) => ({ account: "default", region, images: list })),
  }
}

/** A cloud that talks to the emulator with the keys of its first account. */
export function cloudOf(
  emulator: Emulator,
  more: Partial<ConnectOptions> = {},
): Promise<Cloud & SourceSigner> {
  const keys = new Keys({
    secretId: demoAccount.secretId as string,
    secretKey: demoAccount.secretKey as string,
  })
  return connect({
    site: "intl",
    accounts: [
      { name: "default", vars: {} },
      { name: "other", vars: {} },
    ],
    clock: systemClock,
    env: {},
    home: "/nonexistent",
    credentials: { of: async () => keys, renew: async () => keys },
    endpoint: emulator.url,
    retry: { attempts: 1 },
    ...more,
  })
}

/** A fetch that remembers what was asked for. */
export interface Spy {
  readonly calls: { method: string; url: string; range: string | undefined }[]
  readonly fetch: Fetch
  /** Requests under way at once, at the most. */
  most: number
}

export function spy(inner: Fetch = fetch): Spy {
  let open = 0
  const made: Spy = {
    calls: [],
    most: 0,
    fetch: async (url, init) => {
      made.calls.push({ method: init.method, url, range: init.headers.range })
      open += 1
      made.most = Math.max(made.most, open)
      try {
        return await inner(url, init)
      } finally {
        open -= 1
      }
    },
  }
  return made
}

/** A store that answers as COS does, but for what a test says. */
export function store(
  bytes: Buffer,
  headers: http.OutgoingHttpHeaders = {},
): (request: http.IncomingMessage, response: http.ServerResponse) => void {
  return (request, response) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? []
    const start = Number(from ?? 0)
    const end = Math.min(Number(to ?? bytes.length - 1), bytes.length - 1)
    response.writeHead(from === undefined ? 200 : 206, {
      "x-cos-request-id": "r",
      etag: '"e1"',
      "content-length": end - start + 1,
      ...(from === undefined ? {} : { "content-range": `bytes ${start}-${end}/${bytes.length}` }),
      ...headers,
    })
    response.end(request.method === "HEAD" ? undefined : bytes.subarray(start, end + 1))
  }
}
