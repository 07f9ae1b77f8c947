/** What every check is given: the plan's imports, what was read before, and the calls that may be made, once each. */
import type { CallOptions, CloudReader, CloudRehearser, ImportOs } from "../cloud/port.ts"
import type { DesiredPlacement } from "../model/desired.ts"
import type { CloudImage, Observed } from "../model/observed.ts"
import { type Scope, scopeKey } from "../model/placement.ts"
import type { CheckResult, ImportAction, Plan, ReplaceAction } from "../model/plan.ts"
import { type Reply, reply } from "./reply.ts"
import type { SourceProbe, SourceProbes } from "./source-probe.ts"

/** The cloud as far as checks call it: nothing that changes anything. */
export type CheckedCloud = Pick<CloudReader, "listImportOs" | "imageQuota" | "listShares"> &
  Partial<CloudRehearser>

/** One action that brings an image into its placement, and the manifest's word on it. */
export interface Subject {
  readonly action: ImportAction | ReplaceAction
  readonly placement: DesiredPlacement
  /** False where the new image stands already, so that nothing is imported any more. */
  readonly imports: boolean
}

export interface Context {
  readonly plan: Plan
  /** What was listed of an account and region; undefined: it could not be read. */
  readonly imagesIn: (scope: Scope) => readonly CloudImage[] | undefined
  /** What is imported there. */
  readonly importsIn: (scope: Scope) => readonly Subject[]
  /** Every placement of an image, whatever its action. */
  readonly placementsOf: (image: string) => readonly DesiredPlacement[]
  readonly probeOf: (url: string) => SourceProbe | undefined
  readonly importOs: (scope: Scope) => Promise<Reply<readonly ImportOs[]>>
  readonly quota: (scope: Scope) => Promise<Reply<number>>
  readonly shares: (scope: Scope, imageId: string) => Promise<Reply<readonly string[]>>
  readonly rehearse: CloudRehearser["rehearseImport"] | undefined
  readonly call: CallOptions
}

/** Says what it finds of one subject; nothing where there is nothing to check. Rejects only when it is aborted. */
export type Check = (
  subject: Subject,
  context: Context,
) => readonly CheckResult[] | Promise<readonly CheckResult[]>

export interface ContextInput {
  readonly plan: Plan
  readonly observed: Observed
  readonly placements: readonly DesiredPlacement[]
  readonly subjects: readonly Subject[]
  readonly probes: SourceProbes
  readonly cloud: CheckedCloud
  readonly rehearse: boolean
  readonly signal?: AbortSignal
}

export function contextOf(input: ContextInput): Context {
  const { plan, observed, subjects, probes, cloud, signal } = input
  const call: CallOptions = signal === undefined ? {} : { signal }
  const byImage = grouped(input.placements, ({ image }) => image)
  const imports = grouped(
    subjects.filter((subject) => subject.imports),
    ({ action }) => scopeKey(action),
  )
  const images = new Map(
    observed.scopes.flatMap((scope) => ("images" in scope ? [[scopeKey(scope), scope.images] as const] : [])),
  )
  return {
    plan,
    call,
    imagesIn: (scope) => images.get(scopeKey(scope)),
    importsIn: (scope) => imports.get(scopeKey(scope)) ?? [],
    placementsOf: (image) => byImage.get(image) ?? [],
    probeOf: (url) => (Object.hasOwn(probes, url) ? probes[url] : undefined),
    importOs: once((scope) => reply(cloud.listImportOs(scope, call), signal)),
    quota: once((scope) => reply(cloud.imageQuota(scope, call), signal)),
    shares: (scope, imageId) => reply(cloud.listShares(scope, imageId, call), signal),
    rehearse: input.rehearse ? cloud.rehearseImport?.bind(cloud) : undefined,
  }
}

/** The same call for every placement of an account and region is made once. */
function once<T>(make: (scope: Scope) => Promise<T>): (scope: Scope) => Promise<T> {
  const made = new Map<string, Promise<T>>()
  return ({ account, region }) => {
    const key = scopeKey({ account, region })
    let found = made.get(key)
    if (found === undefined) {
      found = make({ account, region })
      made.set(key, found)
    }
    return found
  }
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}
