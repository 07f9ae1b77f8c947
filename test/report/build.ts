/** Small builders of plan values, so that a test states only what it is about. */
import type { Failure } from "../../src/model/failure.ts"
import type { Result } from "../../src/model/outcome.ts"
import { comparePlacements } from "../../src/model/placement.ts"
import {
  type Action,
  type AwaitAction,
  type CheckResult,
  type ImportAction,
  type KeepAction,
  type Plan,
  type RefuseAction,
  type ReplaceAction,
  type RestoreAction,
  type RetireAction,
  type UpdateAction,
  VERBS,
  type Verb,
} from "../../src/model/plan.ts"
import type { ImportRequest } from "../../src/model/request.ts"

const IMAGE = "ubuntu-22.04-base"
const REGION = "ap-singapore"
const STAMP = "[cvmimg:1 1f3a9c02 5d41402a 0123456789abcdef aabbccddeeff 0badcafe]"

const base = {
  image: IMAGE,
  account: "default",
  region: REGION,
  digest: "00112233445566aa",
  changes: [],
  notices: [],
  checks: [],
  manifest: { file: "images/ubuntu.yaml", line: 8, column: 9 },
} as const

function aRequest(over: Partial<ImportRequest> = {}, region: string = REGION): ImportRequest {
  return {
    name: IMAGE,
    description: `Ubuntu 22.04 LTS, hardened ${STAMP}`,
    url: `https://golden-${region}-1250000000.cos.${region}.myqcloud.com/ubuntu/jammy-20261101.qcow2`,
    sign: false,
    osType: "Ubuntu",
    osVersion: "22",
    architecture: "x86_64",
    force: false,
    tags: { team: "platform", "cvmimg.stack": "1f3a9c02", "cvmimg.image": IMAGE },
    dataDiskUrls: [],
    ...over,
  }
}

type Over<T> = Partial<Omit<T, "action">>

export function anImport(
  over: Omit<Over<ImportAction>, "request"> & { request?: Partial<ImportRequest> } = {},
): Action {
  const { request, ...rest } = over
  const image = rest.image ?? IMAGE
  const region = rest.region ?? REGION
  return {
    ...base,
    action: "import",
    spec: "0123456789abcdef",
    release: "perRegion",
    reasons: ["missing"],
    remove: [],
    request: aRequest({ name: image, ...request }, region),
    afterwards: {},
    ...rest,
  }
}

/** The import of before, tried again: its failed image goes first. */
export function aRetry(over: Parameters<typeof anImport>[0] = {}): Action {
  const image = over.image ?? IMAGE
  const remove = [{ imageId: "img-fa11ed00", name: image }]
  return {
    ...anImport({ reasons: ["retry_requested"], remove, ...over }),
    action: "retry",
  } as ImportAction
}

/** Another boot mode: staged, swapped in, the old one deprecated, the one before that deleted. */
export function aReplace(
  over: Omit<Over<ReplaceAction>, "request"> & { request?: Partial<ImportRequest> } = {},
): Action {
  const { request, ...rest } = over
  const image = rest.image ?? IMAGE
  const region = rest.region ?? REGION
  const old = { imageId: "img-01d00001", name: image }
  return {
    ...base,
    action: "replace",
    spec: "0123456789abcdef",
    release: "perRegion",
    name: image,
    reasons: ["spec_changed:bootMode"],
    changes: [{ field: "bootMode", before: "Legacy BIOS", after: "UEFI", impact: "replacement" }],
    remove: [],
    request: aRequest({ name: `${image}.next-5d41402a`, bootMode: "UEFI", ...request }, region),
    ...(rest.staged === undefined ? { old, oldName: `${image}.prev-${old.imageId}` } : {}),
    afterwards: {},
    retire: [{ ...old, how: "deprecate", deleteSnapshots: true, reason: "spec_changed:bootMode" }],
    ...rest,
  }
}

export function aRestore(over: Over<RestoreAction> = {}): Action {
  const image = over.image ?? IMAGE
  const old = { imageId: "img-01d00001", name: image }
  return {
    ...base,
    action: "restore",
    spec: "0123456789abcdef",
    release: "perRegion",
    reasons: ["restorable", "spec_changed:bootMode"],
    imageId: "img-9ea71e50",
    name: image,
    remove: [],
    old,
    oldName: `${image}.prev-${old.imageId}`,
    update: { attributes: { name: image, deprecated: false } },
    deprecate: [],
    ...over,
  }
}

export function aDeletion(over: Over<RetireAction> = {}): Action {
  return {
    ...base,
    action: "delete",
    reasons: ["over_retention"],
    imageId: "img-0ve2aaaa",
    name: `${over.image ?? IMAGE}.prev-img-0ve2aaaa`,
    deleteSnapshots: true,
    snapshotIds: ["snap-1a2b3c4d", "snap-5e6f7a8b"],
    ...over,
  }
}

export function aDeprecation(over: Over<RetireAction> = {}): Action {
  return {
    ...aDeletion({ reasons: ["orphaned"], snapshotIds: [], ...over }),
    action: "deprecate",
  } as RetireAction
}

export function aCheck(over: Partial<CheckResult> = {}): CheckResult {
  return { name: "os", status: "ok", message: "Ubuntu 22 is on the list for x86_64.", ...over }
}

export function anUpdate(over: Over<UpdateAction> = {}): Action {
  return {
    ...base,
    action: "update",
    spec: "0123456789abcdef",
    release: "perRegion",
    reasons: ["attribute_changed:description"],
    changes: [{ field: "description", before: "Ubuntu", after: "Ubuntu 22.04 LTS", impact: "in_place" }],
    imageId: "img-8toqc6s3",
    update: { attributes: { description: `Ubuntu 22.04 LTS ${STAMP}` } },
    ...over,
  }
}

export function anAdoption(over: Over<UpdateAction> = {}): Action {
  return { ...anUpdate({ reasons: ["adopt_requested"], ...over }), action: "adopt" } as UpdateAction
}

export function anAwait(over: Over<AwaitAction> = {}): Action {
  return {
    ...base,
    action: "await",
    spec: "0123456789abcdef",
    release: "perRegion",
    reasons: ["importing"],
    imageId: "img-5k2pq0aa",
    name: over.image ?? IMAGE,
    state: "IMPORTING",
    afterwards: {},
    ...over,
  }
}

export function aKeep(over: Over<KeepAction> = {}): Action {
  return { ...base, action: "keep", reasons: ["in_sync"], imageId: "img-1a2b3c4d", ...over }
}

export function aRefusal(over: Over<RefuseAction> = {}): Action {
  return {
    ...base,
    action: "refuse",
    refusal: "ambiguous",
    reasons: [over.refusal ?? "ambiguous"],
    imageIds: ["img-aaaa1111", "img-bbbb2222"],
    advice: "Keep one: rename or delete the others, or take the cvmimg mark off them.",
    ...over,
  }
}

export function aFailure(over: Partial<Failure> = {}): Failure {
  return {
    code: "UnauthorizedOperation",
    message: "You are not authorized to perform operation (cvm:DescribeImages).",
    blame: "permission",
    advice: "Give the account's keys the policy that docs/permissions.md lists.",
    retryable: false,
    ambiguous: false,
    action: "DescribeImages",
    account: "default",
    region: REGION,
    requestId: "7f0c9a52-3a7e-4a7b-9d0e-0f5a6f0e1c11",
    ...over,
  }
}

export function aPlan(actions: readonly Action[], over: Partial<Plan> = {}): Plan {
  const sorted = [...actions].sort(comparePlacements)
  const summary = Object.fromEntries(
    VERBS.map((verb) => [verb, sorted.filter((a) => a.action === verb).length]),
  ) as Record<Verb, number>
  return {
    formatVersion: 1,
    stack: "golden",
    stackId: "1f3a9c02",
    site: "intl",
    fingerprint: "3fa91c22a0b1".padEnd(64, "0"),
    summary,
    actions: sorted,
    families: [],
    brakes: [],
    notices: [],
    notConsidered: 0,
    ...over,
  }
}

export function aResult(over: Partial<Result> = {}): Result {
  return {
    image: IMAGE,
    account: "default",
    region: REGION,
    action: "import",
    outcome: "done",
    imageId: "img-8toqc6s3",
    requestId: "0b9d3a3e-6a55-4d2f-8f0f-52a5c7a3b001",
    durationMs: 754_000,
    ...over,
  }
}
