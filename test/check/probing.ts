/** Probes as the tests make them. */
import { type ProbeFailure, PUBLIC, type SourceProbe } from "../../src/check/source-probe.ts"
import { type ProbeOptions, probeSources } from "../../src/check/sources.ts"
import { systemClock } from "../../src/cloud/clock.ts"
import type { Clock } from "../../src/model/clock.ts"
import type { DesiredPlacement } from "../../src/model/desired.ts"
import type { Spy } from "./support.ts"

const noSigner = async (): Promise<string> => {
  throw new Error("nothing is to be signed here")
}

/** Pauses are no part of these tests. */
export const noPauses: Clock = { ...systemClock, sleep: async (_, signal) => signal?.throwIfAborted() }

export const probe = (
  placements: readonly DesiredPlacement[],
  http: Spy,
  more: Partial<ProbeOptions> = {},
): Promise<Record<string, SourceProbe>> =>
  probeSources({ placements, fetch: http.fetch, sign: noSigner, clock: noPauses, ...more })

/** Why the first object could not be read. */
export const refusalOf = (
  found: Record<string, SourceProbe>,
  reader: string = PUBLIC,
): ProbeFailure | null | undefined => Object.values(found)[0]?.access.get(reader)
