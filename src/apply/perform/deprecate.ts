import type { Action } from "../../model/plan.ts"
import type { Ending, Run } from "../run.ts"
import { takeStep } from "../steps.ts"

/** Marks an image as deprecated: families no longer resolve to it. */
export async function deprecate(run: Run, action: Action, imageId: string): Promise<Omit<Ending, "imageId">> {
  const { scope } = run.region(action)
  const attributes = { deprecated: true }
  const { accepted, ending } = await takeStep(run, action, imageId, {
    step: "deprecation",
    wanted: { attributes },
    call: (signal) => run.writing(action).modifyImage(scope, imageId, attributes, { signal }),
  })
  return ending ?? { outcome: "done", ...(accepted === undefined ? {} : { requestId: accepted.requestId }) }
}
