import type { ServerResponse } from "node:http"
import type { ApiReply, ApiRequest, IncomingCall } from "./call.ts"

/**
 * Where faults can be put in, in the order in which a request meets them. This file holds the places, not the
 * faults. The three together reach every outcome that a client can meet: not accepted, accepted, unknown.
 */
export interface Faults {
  /**
   * The request is complete and nothing was done with it. True: the fault has taken the response over (hung up,
   * answered something else) and the request never reaches the API; not logged.
   */
  arrives?(request: ApiRequest, response: ServerResponse): boolean | Promise<boolean>
  /** The call is authenticated and within its rate, and has not run: refuse it with an error of the API. */
  refuses?(call: IncomingCall): { code: string; message: string } | undefined
  /**
   * The call has run; an accepted write stands in the ledger and the state file. The reply's body may be changed.
   * True: the fault has taken the response over (lost, cut short or delayed it).
   */
  delivers?(reply: ApiReply, response: ServerResponse): boolean | Promise<boolean>
}
