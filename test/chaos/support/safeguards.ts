/** Ways to take one safeguard away, from outside: the product has no switch for it. */
import type { Cloud } from "../../../src/cloud/port.ts"
import type { Observed } from "../../../src/model/observed.ts"
import type { PlanOptions } from "../../../src/plan/index.ts"

export interface Tampering {
  readonly cloud?: (cloud: Cloud, stackId: string) => Cloud
  readonly observed?: (observed: Observed, stackId: string) => Observed
  readonly planning?: PlanOptions
  readonly ignoreBrakes?: boolean
}
