import type { UpdateAction } from "../../model/plan.ts"
import type { Ending, Run } from "../run.ts"
import { changeInPlace } from "./update.ts"

/** Stamps an image that nobody owns and makes it as wanted. Never one that another stack has marked since. */
export function performAdopt(run: Run, action: UpdateAction): Promise<Ending> {
  return changeInPlace(run, action, (owner) => owner !== "other")
}
