/** Builders of planner inputs: three lines a test. */
import type { Desired, DesiredPlacement } from "../../src/model/desired.ts"
import type { CloudImage, Observed } from "../../src/model/observed.ts"
import { IMAGE_TAG, STACK_TAG, type Stamp, stampDescription } from "../../src/model/provenance.ts"
import type { Stack } from "../../src/model/stack.ts"
import { attributesHash, imageHash, sourceFingerprint, specHash } from "../../src/plan/index.ts"

export const AT = { file: "images/a.yaml", line: 4, column: 9 }
export const NOW: number = Date.UTC(2026, 10, 1, 12)
const LONG_AGO = NOW - 86_400_000

export const STACK: Stack = {
  name: "golden",
  id: "0123abcd",
  site: "intl",
  accounts: [{ name: "default", vars: {} }],
  safety: {
    maxDeletes: { count: 0 },
    maxReplaces: { count: 2 },
    maxFamilyMoves: { count: 5 },
    maxDeprecates: { count: 10 },
  },
  prune: { orphans: "keep" },
  provenance: { tags: true },
  apply: { concurrency: 10, importTimeoutMs: 7_200_000, visibilityWindowMs: 1_800_000 },
  at: { file: "cvmimg.yaml", line: 3, column: 11 },
}

export type PlacementParts = Partial<Omit<DesiredPlacement, "source" | "lifecycle">> & {
  source?: Partial<DesiredPlacement["source"]>
  lifecycle?: Partial<DesiredPlacement["lifecycle"]>
}

export function aPlacement(parts: PlacementParts = {}): DesiredPlacement {
  const { source, lifecycle, ...rest } = parts
  return {
    image: "base",
    account: "default",
    region: "ap-singapore",
    match: "name",
    formerNames: [],
    labels: {},
    os: { type: "Ubuntu", version: "22" },
    architecture: "x86_64",
    force: false,
    dataDisks: [],
    tags: {},
    release: "perRegion",
    at: AT,
    origins: {},
    ...rest,
    source: {
      url: "https://golden-1250000000.cos.ap-singapore.myqcloud.com/base.qcow2",
      template: "https://golden-1250000000.cos.{region}.myqcloud.com/base.qcow2",
      format: "qcow2",
      crc64: "1",
      sign: false,
      onChange: "notice",
      ...source,
    },
    lifecycle: {
      onChange: "replace",
      retire: "deprecate",
      keepPrevious: 1,
      deleteSnapshots: true,
      protect: false,
      adopt: false,
      allowLostShares: false,
      state: "managed",
      ...lifecycle,
    },
  }
}

export function desired(...placements: DesiredPlacement[]): Desired {
  return { stack: STACK, placements, families: [] }
}

let serial = 0

/** Somebody's image. */
export function anImage(parts: Partial<CloudImage> = {}): CloudImage {
  serial += 1
  return {
    id: `img-${String(serial).padStart(8, "0")}`,
    name: "base",
    description: "",
    family: "",
    deprecated: false,
    state: "NORMAL",
    architecture: "x86_64",
    licenseType: "TencentCloud",
    tags: {},
    createdAt: LONG_AGO,
    snapshotIds: [],
    ...parts,
  }
}

/** The image as an import of this placement would leave it. */
export function ours(
  p: DesiredPlacement,
  parts: Partial<CloudImage> = {},
  stamp: Partial<Stamp> = {},
): CloudImage {
  const spec = specHash(p)
  const full: Stamp = {
    version: 1,
    stack: STACK.id,
    image: imageHash(p.image),
    spec,
    source: sourceFingerprint(p),
    attributes: attributesHash(p),
    ...stamp,
  }
  const tags = Object.fromEntries(Object.entries(p.tags).filter((e): e is [string, string] => e[1] !== null))
  return anImage({
    name: p.match === "name" ? p.image : `${p.image}-${spec.slice(0, 8)}`,
    description: stampDescription(p.description ?? "", full),
    family: p.family ?? "",
    deprecated: p.deprecated ?? false,
    architecture: p.architecture === "arm_64" ? "arm" : p.architecture,
    licenseType: p.licenseType ?? "TencentCloud",
    tags: { ...tags, [STACK_TAG]: STACK.id, [IMAGE_TAG]: p.image },
    ...(p.sharedWith === undefined ? {} : { sharedWith: p.sharedWith }),
    ...parts,
  })
}

export function observed(images: readonly CloudImage[], region = "ap-singapore"): Observed {
  return { at: NOW, scopes: [{ account: "default", region, images }] }
}
