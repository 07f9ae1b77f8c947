/** What a probe found out about one source object. */
import type { SourceSeen } from "../model/observed.ts"
import type { CodeOf } from "./codes.ts"
import type { Content } from "./content.ts"

/** Why an object could not be read. `skipped`: that is no evidence about the object. */
export interface ProbeFailure {
  readonly status: "error" | "skipped"
  readonly code: CodeOf<"source_exists">
  readonly message: string
  readonly advice?: string
}

export interface SourceProbe {
  /** By reader: an account that signs, or `PUBLIC`. null: it can read the object. */
  readonly access: ReadonlyMap<string, ProbeFailure | null>
  /** Absent: nobody could read it. */
  readonly seen?: SourceSeen
  /** Absent: the bytes could not be seen. */
  readonly content?: Content
  /** The object is there, but its bytes could not be judged, and why. */
  readonly unread?: string
  /** The object is stored with this Content-Encoding: what arrives are not its own bytes. */
  readonly encoding?: string
}

/** By URL without query. */
export type SourceProbes = Readonly<Record<string, SourceProbe>>

/** Reading without a signature. No account has an empty name. */
export const PUBLIC = ""

/** Who reads a source for an import: the account that signs its URL, or nobody in particular. */
export function readerOf(
  account: string,
  source: { readonly sign: boolean; readonly signAs?: string },
): string {
  return source.sign ? (source.signAs ?? account) : PUBLIC
}

/** `Observed.sources`: what a plan compares with what was imported. */
export function sourcesSeen(probes: SourceProbes): Readonly<Record<string, SourceSeen>> {
  return Object.fromEntries(
    Object.entries(probes).flatMap(([url, { seen }]) => (seen === undefined ? [] : [[url, seen]])),
  )
}
