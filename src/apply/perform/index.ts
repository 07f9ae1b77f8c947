/** One file per verb; this table sends each action to its own. */
import type { Failure } from "../../model/failure.ts"
import type { Action } from "../../model/plan.ts"
import type { Ending, Run } from "../run.ts"
import { performAdopt } from "./adopt.ts"
import { performAwait } from "./await.ts"
import { performImport } from "./import.ts"
import { performUpdate } from "./update.ts"

/** Actions that something is to be done for. */
export type Task = Exclude<Action, { action: "keep" | "refuse" }>

/** Carries one action out. Resolves with how it ended; failed calls are part of that. */
export function perform(run: Run, task: Task, refused?: Failure): Promise<Ending> {
  switch (task.action) {
    case "import":
      return performImport(run, task, refused)
    case "await":
      return performAwait(run, task)
    case "update":
      return performUpdate(run, task)
    case "adopt":
      return performAdopt(run, task)
  }
}
