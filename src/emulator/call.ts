/** One call on its way through the emulator. */
import type { Parameters } from "./parameters.ts"
import type { SignedRequest } from "./tc3.ts"

/** A request for the API, complete, and the monotonic time in milliseconds at which its headers arrived. */
export interface ApiRequest extends SignedRequest {
  arrivedMs: number
  /** The body or the query is larger than the service takes. */
  tooLarge: boolean
}

/** What a request came to. `code` is null for success; `written` for accepted writes only. */
export interface ApiReply {
  requestId: string
  body: Record<string, unknown>
  code: string | null
  written: boolean
  /** Set when the call was authenticated. */
  call: IncomingCall | undefined
}

/** What is known of a call once it is authenticated. */
export interface IncomingCall {
  action: string
  account: string
  region: string
  parameters: Parameters
}
