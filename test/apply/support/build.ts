import { type ApplyOptions, apply } from "../../../src/apply/apply.ts"
import type { Cloud } from "../../../src/cloud/port.ts"
import type { Clock } from "../../../src/model/clock.ts"
import type { ApplyEvent, ApplyReport, Result } from "../../../src/model/outcome.ts"
import type {
  Action,
  AwaitAction,
  ImportAction,
  KeepAction,
  Plan,
  RefuseAction,
  ReplaceAction,
  RestoreAction,
  RetireAction,
  UpdateAction,
} from "../../../src/model/plan.ts"
import { stampDescription } from "../../../src/model/provenance.ts"
import type { ImportRequest } from "../../../src/model/request.ts"
import type { ApplySettings } from "../../../src/model/stack.ts"

export const STACK_ID = "0123abcd"
export const SPEC = "00112233445566aa"
export const HERE = { account: "default", region: "ap-singapore" }
export const THERE = { account: "default", region: "ap-hongkong" }
export const SETTINGS: ApplySettings = {
  concurrency: 10,
  importTimeoutMs: 7_200_000,
  visibilityWindowMs: 1_800_000,
}

const BASE = {
  digest: "0".repeat(16),
  reasons: [],
  changes: [],
  notices: [],
  checks: [],
  manifest: { file: "images/a.yaml", line: 1, column: 1 },
}

/** The description that an import of the image carries. */
export function stamped(image: string, spec: string = SPEC, stack: string = STACK_ID, text = ""): string {
  const hash = [...image].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) >>> 0, 7)
  return stampDescription(text, {
    version: 1,
    stack,
    image: hash.toString(16).padStart(8, "0"),
    spec,
    source: "a".repeat(12),
    attributes: "b".repeat(8),
  })
}

export function anImport(
  image: string,
  parts: Partial<Omit<ImportAction, "request">> & { readonly request?: Partial<ImportRequest> } = {},
): ImportAction {
  const { request, ...rest } = parts
  return {
    ...BASE,
    ...HERE,
    action: "import",
    image,
    spec: SPEC,
    release: "perRegion",
    remove: [],
    afterwards: {},
    ...rest,
    request: aRequest(image, request),
  }
}

function aRequest(image: string, parts: Partial<ImportRequest> = {}): ImportRequest {
  return {
    name: image,
    description: stamped(image),
    url: `https://golden-1250000000.cos.ap-singapore.myqcloud.com/${image}.qcow2`,
    sign: false,
    osType: "Ubuntu",
    osVersion: "22",
    architecture: "x86_64",
    force: false,
    tags: {},
    dataDiskUrls: [],
    ...parts,
  }
}

/** The replacement of `old` by an import of SPEC. */
export function aReplace(
  image: string,
  parts: Partial<Omit<ReplaceAction, "request" | "old">> & {
    readonly old?: string | undefined
    readonly request?: Partial<ImportRequest>
  } = {},
): ReplaceAction {
  const { request, old, ...rest } = parts
  return {
    ...BASE,
    ...HERE,
    action: "replace",
    image,
    spec: SPEC,
    release: "perRegion",
    name: image,
    remove: [],
    afterwards: {},
    retire: [],
    ...(old === undefined ? {} : { old: { imageId: old, name: image }, oldName: `${image}.prev-${old}` }),
    ...rest,
    request: aRequest(image, { name: `${image}.next-${SPEC.slice(0, 8)}`, ...request }),
  }
}

export function aRestore(
  image: string,
  parts: Partial<Omit<RestoreAction, "old">> & { readonly imageId: string; readonly old?: string },
): RestoreAction {
  const { old, ...rest } = parts
  return {
    ...BASE,
    ...HERE,
    action: "restore",
    image,
    spec: SPEC,
    release: "perRegion",
    name: image,
    remove: [],
    update: { attributes: { name: image } },
    deprecate: [],
    ...(old === undefined ? {} : { old: { imageId: old, name: image }, oldName: `${image}.prev-${old}` }),
    ...rest,
  }
}

export function aRetirement(
  image: string,
  parts: Partial<RetireAction> & { readonly imageId: string; readonly name: string },
): RetireAction {
  return {
    ...BASE,
    ...HERE,
    action: "delete",
    image,
    deleteSnapshots: true,
    snapshotIds: [],
    ...parts,
  }
}

export function anUpdate(image: string, parts: Partial<UpdateAction> & { imageId: string }): UpdateAction {
  return {
    ...BASE,
    ...HERE,
    action: "update",
    image,
    spec: SPEC,
    release: "perRegion",
    update: { attributes: { description: stamped(image, SPEC, STACK_ID, "new") } },
    ...parts,
  }
}

export function anAwait(image: string, parts: Partial<AwaitAction> & { imageId: string }): AwaitAction {
  return {
    ...BASE,
    ...HERE,
    action: "await",
    image,
    name: image,
    spec: SPEC,
    state: "IMPORTING",
    release: "perRegion",
    afterwards: {},
    ...parts,
  }
}

export function aKeep(image: string): KeepAction {
  return { ...BASE, ...HERE, action: "keep", image, imageId: "img-kept0000" }
}

export function aRefusal(image: string, parts: Partial<RefuseAction> = {}): RefuseAction {
  return {
    ...BASE,
    ...HERE,
    action: "refuse",
    image,
    refusal: "conflict",
    imageIds: [],
    advice: "none",
    ...parts,
  }
}

export function aPlan(...actions: Action[]): Plan {
  return { stack: "golden", stackId: STACK_ID, actions, families: [] } as unknown as Plan
}

export interface Ran {
  readonly events: readonly ApplyEvent[]
  readonly report: ApplyReport
  /** The result of the image; in `region` where it is in more than one. */
  readonly of: (image: string, region?: string) => Result
}

/** Applies to the end. */
export async function run(
  plan: Plan,
  world: { readonly cloud: Cloud; readonly clock: Clock },
  more: {
    readonly settings?: Partial<ApplySettings>
    readonly options?: ApplyOptions
    readonly signal?: AbortSignal
    readonly onEvent?: (event: ApplyEvent) => void
  } = {},
): Promise<Ran> {
  const { settings, onEvent, ...rest } = more
  const events: ApplyEvent[] = []
  const running = apply(plan, { ...world, settings: { ...SETTINGS, ...settings }, ...rest })
  for (;;) {
    const next = await running.next()
    if (next.done === true) return { events, report: next.value, of: finder(next.value) }
    events.push(next.value)
    onEvent?.(next.value)
  }
}

function finder(report: ApplyReport): Ran["of"] {
  return (image, region) => {
    const found = report.results.find((r) => r.image === image && (region ?? r.region) === r.region)
    if (found === undefined) throw new Error(`no result of ${image}`)
    return found
  }
}

/** The types of the events, in order. */
export function types(events: readonly ApplyEvent[]): readonly string[] {
  return events.map((event) => event.type)
}
