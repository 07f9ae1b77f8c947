/** From a directory to a plan: load, connect, observe, compare. Only reads. */
import { homedir } from "node:os"
import { connect } from "../cloud/connect.ts"
import { observe } from "../cloud/observe.ts"
import type { Cloud } from "../cloud/port.ts"
import type { Desired } from "../model/desired.ts"
import type { Failure } from "../model/failure.ts"
import type { Plan } from "../model/plan.ts"
import { type Allowances, plan } from "../plan/index.ts"
import type { Io } from "./io.ts"
import { loadDesired } from "./load.ts"
import { checkSelection, type SelectionOptions, selection } from "./selection.ts"

export interface PlanningOptions extends SelectionOptions {
  readonly endpoint?: string
  readonly allowFamilyMoves?: number
  readonly allowDeprecates?: number
}

export interface Planned {
  readonly desired: Desired
  readonly plan: Plan
  readonly cloud: Cloud
}

/** Plans the stack of a directory, or gives the exit code where that is not possible. The caller closes the cloud. */
export async function planDirectory(
  io: Io,
  dir: string,
  options: PlanningOptions,
  how: {
    /** Whether the client may send what changes something at all. */
    readonly mayWrite: boolean
    readonly onRetry?: (failure: Failure, delayMs: number) => void
  },
): Promise<Planned | number> {
  const desired = await loadDesired(io, dir)
  if (typeof desired === "number") return desired
  checkSelection(options, desired.placements)
  const select = selection(options)
  const cloud = await connect({
    site: desired.stack.site,
    accounts: desired.stack.accounts,
    clock: io.clock,
    env: io.env,
    home: io.env.HOME ?? homedir(),
    importTimeoutMs: desired.stack.apply.importTimeoutMs,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    readOnly: !how.mayWrite,
    ...(how.onRetry === undefined ? {} : { onRetry: how.onRetry }),
  })
  try {
    const placements = select === undefined ? desired.placements : desired.placements.filter(select)
    const observed = await observe({ reader: cloud, clock: io.clock, placements, signal: io.signal })
    const allow = allowances(options)
    return {
      desired,
      cloud,
      plan: plan(desired, observed, { allow, ...(select === undefined ? {} : { select }) }),
    }
  } catch (error) {
    cloud.close()
    throw error
  }
}

function allowances(options: PlanningOptions): Allowances {
  return {
    ...(options.allowFamilyMoves === undefined ? {} : { maxFamilyMoves: options.allowFamilyMoves }),
    ...(options.allowDeprecates === undefined ? {} : { maxDeprecates: options.allowDeprecates }),
  }
}
