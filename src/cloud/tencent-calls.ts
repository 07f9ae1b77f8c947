/** Ways to put one call on the wire, for the methods of the port. */

import type { Scope } from "../model/placement.ts"
import { STACK_TAG } from "../model/provenance.ts"
import { CloudError, failureOf } from "./failure.ts"
import type { Accepted, CallOptions } from "./port.ts"
import { accepted } from "./tencent-replies.ts"
import type { Wire, WireCall } from "./wire.ts"

export interface Calls {
  /** An action of cvm in a region. Parameters may depend on the keys that sign the call. */
  call(
    scope: Scope,
    action: string,
    params: WireCall["params"],
    more: { readonly write: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<Record<string, unknown>>
  /** `call` for an action that changes nothing; the reply is as its kind says, and checked by whoever asks. */
  read<T>(scope: Scope, action: string, params: object, o?: CallOptions): Promise<T>
  /** An action of the tag service that changes something. */
  tagWrite(
    account: string,
    region: string | undefined,
    action: string,
    params: object,
    o?: CallOptions,
  ): Promise<Accepted>
  /** A question of the tag service about what carries the stack's tag. */
  byStackTag(
    action: string,
    account: string,
    stackId: string,
    params: object,
    o?: CallOptions,
  ): Promise<Record<string, unknown>>
  /** Whose keys these are, as sts says. */
  caller(account: string, o?: CallOptions): Promise<Record<string, unknown>>
  /** The name again. Throws CloudError where the stack has no such account. */
  checked(account: string): string
}

/** `accounts`: the names that the stack knows. */
export function createCalls(wire: Wire, accounts: ReadonlySet<string>): Calls {
  const checked = (account: string): string => {
    if (accounts.has(account)) return account
    throw new CloudError(
      failureOf("ClientError.Credentials", { message: `The stack has no account ${account}.`, unsent: true }),
    )
  }
  const call: Calls["call"] = (scope, action, params, more) =>
    wire({ service: "cvm", account: checked(scope.account), region: scope.region, action, params, ...more })
  const unplaced = (
    service: "tag" | "sts",
    account: string,
    action: string,
    params: object,
    o?: CallOptions,
  ): Promise<Record<string, unknown>> =>
    wire({
      service,
      account: checked(account),
      region: undefined,
      action,
      params,
      write: false,
      signal: o?.signal,
    })
  return {
    checked,
    call,
    read<T>(scope: Scope, action: string, params: object, o?: CallOptions) {
      return call(scope, action, params, { write: false, signal: o?.signal }) as Promise<T>
    },
    tagWrite(account, region, action, params, o) {
      return wire({
        service: "tag",
        account: checked(account),
        region,
        action,
        params,
        write: true,
        signal: o?.signal,
      }).then(accepted)
    },
    byStackTag(action, account, stackId, params, o) {
      const filter = { TagFilters: [{ TagKey: STACK_TAG, TagValue: [stackId] }] }
      return unplaced("tag", account, action, { ...filter, ...params }, o)
    },
    caller(account, o) {
      return unplaced("sts", account, "GetCallerIdentity", {}, o)
    },
  }
}
