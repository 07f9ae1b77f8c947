import type { Failure } from "../../model/failure.ts"
import type { ImportAction } from "../../model/plan.ts"
import type { Ending, Run } from "../run.ts"
import { sendImport } from "./send.ts"
import { waitFor } from "./wait.ts"

/**
 * Imports, for the first time or again, and waits until the image is as planned. `refused`: the rehearsal met the
 * name; nothing is sent.
 */
export async function performImport(run: Run, action: ImportAction, refused?: Failure): Promise<Ending> {
  const sent = await sendImport(run, action, refused)
  return "outcome" in sent ? sent : waitFor(run, action, sent)
}
