import type { ServerResponse } from "node:http"
import type { ApiReply, ApiRequest, IncomingCall } from "./call.ts"

/** A read of an object in the store, as it was asked for: nothing is looked up yet. */
export interface ObjectRead {
  method: "GET" | "HEAD"
  bucket: string
  key: string
}

/** What a fault makes of the store's reply. `broken`: its headers, part of its bytes, and then in that manner. */
export type ObjectFault =
  | { kind: "error"; code: string; message: string }
  | { kind: "other-bytes" }
  | { kind: "broken"; by: "cut" | "cut-rst" | "stall" | "trickle"; every: number }

/**
 * Where faults can be put in, in the order in which a request meets them. This file holds the places, `faults/` the
 * faults. Together they reach every outcome that a client can meet: not accepted, accepted, unknown.
 */
export interface Faults {
  /**
   * The request is complete and nothing was done with it. True: the fault has taken the response over (hung up,
   * answered something else) and the request never reaches the API; not logged.
   */
  arrives?(request: ApiRequest, response: ServerResponse): boolean | Promise<boolean>
  /** The call is authenticated and within its rate, and has not run: refuse it with an error of the API. */
  refuses?(call: IncomingCall, request: ApiRequest): { code: string; message: string } | undefined
  /** A write was accepted: it has changed the world, and is about to stand in the ledger and the state file. */
  accepts?(call: IncomingCall, imageIds: readonly string[]): void
  /**
   * The call has run; an accepted write stands in the ledger and the state file. The reply's body may be changed.
   * True: the fault has taken the response over (lost, cut short or delayed it).
   */
  delivers?(reply: ApiReply, response: ServerResponse, request: ApiRequest): boolean | Promise<boolean>
  /** An object of the store is asked for. `taken`: the fault has taken the response over. */
  reads?(
    read: ObjectRead,
    response: ServerResponse,
  ): ObjectFault | "taken" | undefined | Promise<ObjectFault | "taken" | undefined>
}

/** Puts two sets of faults in, one after the other. */
export function bothFaults(first: Faults, second: Faults): Faults {
  return {
    arrives: async (request, response) =>
      ((await first.arrives?.(request, response)) || (await second.arrives?.(request, response))) ?? false,
    refuses: (call, request) => first.refuses?.(call, request) ?? second.refuses?.(call, request),
    accepts(call, imageIds) {
      first.accepts?.(call, imageIds)
      second.accepts?.(call, imageIds)
    },
    delivers: async (reply, response, request) =>
      ((await first.delivers?.(reply, response, request)) ||
        (await second.delivers?.(reply, response, request))) ??
      false,
    reads: async (read, response) =>
      (await first.reads?.(read, response)) ?? (await second.reads?.(read, response)),
  }
}
