/** Which lane a call takes, and at what rate: the documented limits (tencent-image-api 2 and 3). */
import type { Clock } from "../model/clock.ts"
import type { Service } from "./hosts.ts"
import { createLane, type Lane, type LaneLimit } from "./pace.ts"

export interface PaceSettings {
  /** Calls per second by action; replaces the documented ones. */
  readonly perSecond?: Readonly<Record<string, number>>
  /** Whether the service counts per account and region (default) or per account; the documentation does not say. */
  readonly countedPer?: "region" | "account"
}

/** Requests per second and account, as the pages of the actions say. What is not listed: 10. */
export const DOCUMENTED_RATES: Readonly<Record<string, number>> = {
  ImportImage: 10,
  DescribeImages: 40,
  DescribeImportImageOs: 288,
  DescribeImageQuota: 10,
  DescribeImageFromFamily: 10,
  DescribeImageSharePermission: 10,
  ModifyImageAttribute: 10,
  ModifyImageSharePermission: 10,
  CreateTag: 20,
  ModifyResourceTags: 20,
  GetResources: 20,
  DescribeResourcesByTags: 100,
  GetCallerIdentity: 10,
}

export interface Call {
  readonly service: Service
  readonly account: string
  readonly region: string | undefined
  readonly action: string
}

/** The lane of each call; made when first needed. Rehearsals take the lane of the action that they rehearse. */
export function createPacer(settings: PaceSettings, clock: Clock): (call: Call) => Lane {
  const lanes = new Map<string, Lane>()
  return (call) => {
    const regional = call.service === "cvm" && settings.countedPer !== "account"
    const key = [call.account, regional ? (call.region ?? "") : "", call.service, call.action].join("\u0000")
    let lane = lanes.get(key)
    if (lane === undefined) {
      lane = createLane(limitOf(call.action, settings), clock)
      lanes.set(key, lane)
    }
    return lane
  }
}

function limitOf(action: string, settings: PaceSettings): LaneLimit {
  const perSecond = settings.perSecond?.[action] ?? DOCUMENTED_RATES[action] ?? 10
  return { perSecond, spaced: !/^(?:Describe|Get)/.test(action) }
}
