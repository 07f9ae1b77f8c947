/** The last fence of what must not change anything: plan, drift, review. Looks at what is sent, not at what was meant. */
import { CloudError, failureOf } from "./failure.ts"
import type { SdkClient } from "./tencent-client.ts"

const READS = /^(?:Describe|Get)[A-Z]/
/** Credentials are got by these; they change nothing. */
const IDENTITY = new Set(["AssumeRole", "AssumeRoleWithWebIdentity"])

/** A client that sends reads and rehearsals, and refuses everything else before it leaves. */
export function readOnly(client: SdkClient): SdkClient {
  return {
    async request(action, params, settings) {
      const rehearsal = (params as { DryRun?: unknown }).DryRun === true
      if (READS.test(action) || IDENTITY.has(action) || rehearsal)
        return client.request(action, params, settings)
      throw new CloudError(
        failureOf("ClientError.ReadOnly", {
          message: `${action} would change something, and this run only reads.`,
          action,
          unsent: true,
        }),
      )
    },
  }
}
