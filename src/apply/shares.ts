import type { Scope } from "../model/placement.ts"
import type { Run } from "./run.ts"
import { ownSignal } from "./stop.ts"

/** Why an image that others were given must not be removed; undefined: nobody has it. Rejects as the port does. */
export async function sharesBarrier(run: Run, scope: Scope, imageId: string): Promise<string | undefined> {
  const place = run.region(scope).scope
  const shares = await run.cloud.listShares(place, imageId, { signal: ownSignal(run.stop) })
  return shares.length === 0 ? undefined : `it is shared with ${shares.join(", ")}`
}
