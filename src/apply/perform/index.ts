/** One file per verb; this table sends each action to its own. */
import type { Failure } from "../../model/failure.ts"
import type { Action } from "../../model/plan.ts"
import type { Ending, Run } from "../run.ts"
import { performAdopt } from "./adopt.ts"
import { performAwait } from "./await.ts"
import { performImport } from "./import.ts"
import { performReplace } from "./replace.ts"
import { performRestore } from "./restore.ts"
import { performRetire } from "./retire.ts"
import { performUpdate } from "./update.ts"

/** Actions that something is to be done for. */
export type Task = Exclude<Action, { action: "keep" | "refuse" }>

/** Carries one action out. Resolves with how it ended; failed calls are part of that. */
export function perform(run: Run, task: Task, refused?: Failure): Promise<Ending> {
  switch (task.action) {
    case "import":
    case "retry":
      return performImport(run, task, refused)
    case "replace":
      return performReplace(run, task, refused)
    case "restore":
      return performRestore(run, task)
    case "await":
      return performAwait(run, task)
    case "update":
      return performUpdate(run, task)
    case "adopt":
      return performAdopt(run, task)
    case "deprecate":
    case "delete":
      return performRetire(run, task)
  }
}
