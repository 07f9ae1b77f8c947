import type { Position } from "./position.ts"

/** `intl` is tencentcloud.com, `cn` is cloud.tencent.com: separate accounts, hosts and, in part, parameters. */
export type Site = "intl" | "cn"

/** A role to assume on top of the account's own keys. */
export interface AssumeRole {
  readonly arn: string
  readonly sessionName?: string
  readonly externalId?: string
}

/** One account of a stack. Keys are never part of it; `profile` only names where they are found. */
export interface Account {
  readonly name: string
  readonly vars: Readonly<Record<string, string>>
  readonly profile?: string
  readonly assumeRole?: AssumeRole
  /** Regions of images that name none themselves. */
  readonly regions?: readonly string[]
}

/** A brake: so many images, or a share of the stack's images in percent. */
export type Limit = { readonly count: number } | { readonly percent: number }

export interface Safety {
  readonly maxDeletes: Limit
  readonly maxReplaces: Limit
  readonly maxFamilyMoves: Limit
  readonly maxDeprecates: Limit
}

export interface ApplySettings {
  /** Requests on the wire at a time, over all accounts and regions. */
  readonly concurrency: number
  /** Imports accepted and not yet finished, per account and region; absent: no limit. */
  readonly maxImporting?: number
  /** How long one import may take until it is reported as still running. */
  readonly importTimeoutMs: number
  /** How long an accepted import may stay invisible in listings. */
  readonly visibilityWindowMs: number
}

/** An accepted difference; it holds for everything that it does not narrow down. */
export interface DriftIgnore {
  /** `*` stands for any characters. */
  readonly image?: string
  readonly account?: string
  readonly region?: string
  /** As drift names it: `tags.owner`; `*` stands for any characters. */
  readonly field?: string
  readonly reason: string
  /** The last day on which it holds (UTC), `2026-12-31`. */
  readonly until?: string
  /** The end of that day, milliseconds since the epoch. */
  readonly endsAt?: number
  readonly at: Position
}

/** The resolved `cvmimg.yaml`. */
export interface Stack {
  readonly name: string
  /** 8 hex digits: the owner written on every image. */
  readonly id: string
  readonly site: Site
  readonly accounts: readonly Account[]
  readonly safety: Safety
  readonly prune: { readonly orphans: "keep" | "deprecate" | "delete" }
  readonly provenance: { readonly tags: boolean }
  readonly apply: ApplySettings
  /** Absent: none. */
  readonly driftIgnore?: readonly DriftIgnore[]
  readonly at: Position
}
