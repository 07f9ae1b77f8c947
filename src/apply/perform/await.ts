import type { AwaitAction } from "../../model/plan.ts"
import { ownerOf } from "../ownership.ts"
import type { Ending, Run } from "../run.ts"
import { waitFor } from "./wait.ts"

/** An import of ours that is under way already: nothing to call, something to wait for, and the steps after it. */
export function performAwait(run: Run, action: AwaitAction): Promise<Ending> {
  run.start(action)
  run.region(action).room.occupy()
  return waitFor(run, action, {
    name: action.name,
    id: action.imageId,
    ours: (image) => ownerOf(image, run.plan.stackId) === "us",
    since: run.clock.monotonic(),
    accepted: {},
    afterwards: action.afterwards,
  })
}
