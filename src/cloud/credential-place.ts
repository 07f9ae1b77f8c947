/** What a place of credentials is asked, and what it may look at. */
import type { Clock } from "../model/clock.ts"
import type { Account } from "../model/stack.ts"
import type { KeyParts } from "./keys.ts"
import type { Env } from "./proxy.ts"
import type { StsCall } from "./tencent.ts"

export interface ChainOptions {
  readonly accounts: readonly Account[]
  readonly env: Env
  readonly home: string
  readonly clock: Clock
  readonly sts: StsCall
  /** For the metadata service alone. Default: the global one. */
  readonly fetch?: typeof fetch
  /** Text of a file, or undefined: there is none. Default: node:fs. */
  readonly readFile?: (path: string) => Promise<string | undefined>
}

/** One place: keys, or why it has none, in a few words. */
export type Place = (context: PlaceContext) => Promise<KeyParts | string>

export interface PlaceContext extends ChainOptions {
  readonly account: Account
  readonly readFile: (path: string) => Promise<string | undefined>
  readonly fetch: typeof fetch
  readonly signal: AbortSignal | undefined
}
