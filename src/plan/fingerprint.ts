/** Hashes: what is stamped on images, and what a reviewer approves. The only file of the room that needs node:crypto. */
import { hash } from "node:crypto"
import type { DesiredPlacement } from "../model/desired.ts"
import type { SourceSeen } from "../model/observed.ts"
import { compareText } from "../model/placement.ts"
import type { Action, ImageRef } from "../model/plan.ts"

/** Version of the canonical forms below; stamped on images, so that later versions can still compare. */
export const HASH_VERSION = 1

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

/**
 * JSON with sorted keys and without undefined members: equal values give equal texts. Most of the time of a large plan
 * went here: loops, because entries that are filtered, sorted and mapped take twice as long.
 */
export function canonical(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value)
  let text = ""
  if (Array.isArray(value)) {
    for (const member of value as readonly Json[]) text += `${text === "" ? "" : ","}${canonical(member)}`
    return `[${text}]`
  }
  const members = value as { readonly [key: string]: Json | undefined }
  // Without a function of ours the order is that of code units, too.
  for (const key of Object.keys(members).sort()) {
    const member = members[key]
    if (member !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonical(member)}`
  }
  return `{${text}}`
}

function sha256(text: string): string {
  return hash("sha256", text, "hex")
}

/** A URL without what signs it. */
export function withoutQuery(url: string): string {
  return url.split(/[?#]/, 1)[0] ?? url
}

/**
 * What the source counts as: its checksum where the manifest gives one, else its URL before placeholders are filled
 * and without query. sha256 goes first: it is identity, crc64 is what COS can confirm.
 */
function sourceIdentity(p: DesiredPlacement): string {
  if (p.source.sha256 !== undefined) return `sha256:${p.source.sha256.toLowerCase()}`
  if (p.source.crc64 !== undefined) return `crc64:${p.source.crc64}`
  return `url:${withoutQuery(p.source.template)}`
}

/**
 * The spec hash, 16 hex digits: what shapes the image and cannot be changed afterwards. A field equal to the API's
 * default is left out, so that naming a default changes nothing; `force` only steers the import.
 */
export function specHash(p: DesiredPlacement): string {
  return sha256(`spec/${HASH_VERSION}:${canonical(specOf(p))}`).slice(0, 16)
}

/** What goes into the spec hash, each part as text. */
export function specParts(p: DesiredPlacement): Record<string, string> {
  const { os, dataDisks, ...rest } = specOf(p)
  return Object.fromEntries(
    Object.entries({ ...rest, os: `${os.type} ${os.version}`, dataDisks: dataDisks?.join(" ") }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  )
}

function specOf(p: DesiredPlacement) {
  return {
    source: sourceIdentity(p),
    os: { type: p.os.type, version: p.os.version },
    architecture: p.architecture,
    bootMode: p.bootMode === "Legacy BIOS" ? undefined : p.bootMode,
    licenseType: p.licenseType === "TencentCloud" ? undefined : p.licenseType,
    dataDisks: p.dataDisks.length === 0 ? undefined : p.dataDisks.map((disk) => withoutQuery(disk.template)),
  }
}

/**
 * The source fingerprint, 12 hex digits: of the object's content where COS told it, else of what the manifest says.
 * Content goes first, since only it can show that another object lies under the same URL.
 */
export function sourceFingerprint(p: DesiredPlacement, seen?: SourceSeen): string {
  const content =
    contentIdentity(seen) ?? (p.source.crc64 === undefined ? undefined : `crc64:${p.source.crc64}`)
  return fingerprint(content ?? sourceIdentity(p))
}

/** The fingerprint of the object as COS showed it, or undefined where it was not asked or did not tell. */
export function seenFingerprint(seen: SourceSeen | undefined): string | undefined {
  const content = contentIdentity(seen)
  return content === undefined ? undefined : fingerprint(content)
}

/** Fingerprints that name a source without proving its content. */
export function nominalFingerprints(p: DesiredPlacement): readonly string[] {
  const identities = [`url:${withoutQuery(p.source.template)}`]
  if (p.source.sha256 !== undefined) identities.push(`sha256:${p.source.sha256.toLowerCase()}`)
  return identities.map(fingerprint)
}

function contentIdentity(seen: SourceSeen | undefined): string | undefined {
  if (seen?.crc64 !== undefined) return `crc64:${seen.crc64}`
  // An ETag need not be a checksum, but with the length it changes with the object.
  return seen?.etag === undefined ? undefined : `etag:${seen.etag}:${seen.size ?? ""}`
}

function fingerprint(identity: string): string {
  return sha256(`source/${HASH_VERSION}:${identity}`).slice(0, 12)
}

/** What a manifest manages of an image that can change in place; undefined: not managed. */
export interface ManagedAttributes {
  readonly description?: string | undefined
  readonly family?: string | undefined
  readonly deprecated?: boolean | undefined
  readonly tags: Readonly<Record<string, string | null>>
  readonly sharedWith?: readonly string[] | undefined
}

/** The hash of the managed attributes, 8 hex digits: what was applied last, so that drift can be told from pending. */
export function attributesHash(p: ManagedAttributes): string {
  const attributes = {
    description: p.description,
    family: p.family,
    deprecated: p.deprecated,
    tags: { ...p.tags },
    sharedWith: p.sharedWith,
  }
  return sha256(`attributes/${HASH_VERSION}:${canonical(attributes)}`).slice(0, 8)
}

/** Tells members of one spec and different content apart in names, 8 hex digits. */
export function contentSuffix(spec: string, source: string): string {
  return sha256(`member/${HASH_VERSION}:${spec}:${source}`).slice(0, 8)
}

/** Hashes of names that were asked for lately: each is needed once for every region and more than once there. */
const hashes = new Map<string, string>()
const MAX_HASHES = 20_000

/** The hash of an image's name, 8 hex digits. */
export function imageHash(name: string): string {
  let found = hashes.get(name)
  if (found === undefined) {
    found = sha256(`image:${name}`).slice(0, 8)
    if (hashes.size >= MAX_HASHES) hashes.clear()
    hashes.set(name, found)
  }
  return found
}

/** An action as it is before its digest is known and its checks ran. */
export type Undigested<A> = A extends unknown ? Omit<A, "digest" | "checks"> : never

/**
 * What a reviewer approves of one action, 16 hex digits: placement, verb, changes, spec, image id, and what becomes of
 * other images by it.
 */
export function actionDigest(action: Undigested<Action>): string {
  const approved = {
    placement: [action.image, action.account, action.region],
    verb: action.action,
    changes: action.changes.map((c) => [c.field, c.before, c.after, c.impact]),
    spec: "spec" in action ? action.spec : undefined,
    imageId: "imageId" in action ? action.imageId : undefined,
    beside: touchedBeside(action),
  }
  return sha256(`action/${HASH_VERSION}:${canonical(approved)}`).slice(0, 16)
}

/**
 * Images of use that an action takes the place of, deprecates or deletes, each as text. What failed is not among
 * them: nobody boots from it, and it may come and go between approval and apply.
 */
export function touchedBeside(action: Undigested<Action>): string[] {
  switch (action.action) {
    case "replace":
      return [...placeOf(action.old), ...action.retire.map((r) => fate(r.how, r))]
    case "restore":
      return [...placeOf(action.old), ...action.deprecate.map((r) => fate("deprecate", r))]
    case "delete":
      return [fate("delete", action)]
    default:
      return []
  }
}

function placeOf(old: ImageRef | undefined): string[] {
  return old === undefined ? [] : [`place of ${old.imageId}`]
}

function fate(how: "deprecate" | "delete", r: ImageRef & { readonly deleteSnapshots?: boolean }): string {
  return `${how} ${r.imageId}${how === "delete" && r.deleteSnapshots === true ? " with snapshots" : ""}`
}

/** The fingerprint of a set of actions, 64 hex digits; neither order nor what only informs counts. */
export function planFingerprint(stackId: string, actions: readonly Action[]): string {
  const digests = actions.filter((a) => a.action !== "keep").map((a) => a.digest)
  return sha256(`plan/${HASH_VERSION}:${canonical([stackId, ...digests.sort(compareText)])}`)
}

/** The checksum of a JSON value, 64 hex digits; the order of keys does not count. */
export function checksumOf(value: unknown): string {
  return sha256(`approval/${HASH_VERSION}:${canonical(JSON.parse(JSON.stringify(value)) as Json)}`)
}
