/**
 * Whether an image of ours has the wanted spec, and which field makes it another one.
 *
 * The API returns hardly anything of what shaped an image; what we know is the hash that was stamped. Fields of few
 * values can still be told: the hash of the wanted spec with that one field changed is compared with the stamped one.
 */
import type { Architecture, DesiredPlacement } from "../model/desired.ts"
import type { Change, FieldValue, Reason } from "../model/plan.ts"
import { ASSERTED_SOURCE } from "../model/provenance.ts"
import { nominalFingerprints, seenFingerprint, sourceFingerprint, specHash } from "./fingerprint.ts"
import { type Candidate, stampOf } from "./own.ts"
import type { Question } from "./verdict.ts"

/**
 * An image that proves its owner by tags alone has lost its spec; it counts as the wanted one and is stamped anew,
 * since importing it again because of a lost mark would be worse.
 */
export function hasSpec(c: Candidate, spec: string): boolean {
  if (c.ownership.owner !== "us") return false
  const stamp = stampOf(c)
  return stamp === undefined || stamp.spec === spec
}

/**
 * Whether one of ours, of the wanted spec, was imported from what lies under its URL now. Nobody looked, or could: that
 * is no evidence, and counts as yes, since importing again what stands there would be worse.
 */
export function hasSource(c: Candidate, q: Question): boolean {
  return seenFingerprint(q.seen) === undefined || namesSource(c, q)
}

/** Whether the stamp names the source as it is, or as the manifest names it; of another spec, too. */
export function namesSource(c: Candidate, q: Question): boolean {
  const stamp = stampOf(c)
  if (stamp === undefined || stamp.source === ASSERTED_SOURCE) return true
  const { placement: p, seen } = q
  return (
    stamp.source === sourceFingerprint(p, seen) ||
    stamp.source === sourceFingerprint(p) ||
    nominalFingerprints(p).includes(stamp.source)
  )
}

/** Whether COS shows another object under the URL than the one that was imported. Needs evidence on both sides. */
export function sourceMoved(c: Candidate, q: Question): boolean {
  const seen = seenFingerprint(q.seen)
  const stamp = stampOf(c)
  if (seen === undefined || stamp === undefined || stamp.source === ASSERTED_SOURCE) return false
  return stamp.source !== seen && !nominalFingerprints(q.placement).includes(stamp.source)
}

/** Fields that the manifest states and that the API returns. */
export function statedDifferences(p: DesiredPlacement, found: Candidate): Reason[] {
  return statedChanges(p, found).map((change): Reason => `spec_changed:${change.field}`)
}

function statedChanges(p: DesiredPlacement, found: Candidate): Change[] {
  const changes: Change[] = []
  const { architecture, licenseType } = found.image
  const wanted = p.architecture === "arm_64" ? "arm" : p.architecture
  if (architecture !== "" && architecture !== wanted) {
    changes.push(forced("architecture", architecture === "arm" ? "arm_64" : architecture, p.architecture))
  }
  if (p.licenseType !== undefined && licenseType !== undefined && licenseType !== p.licenseType) {
    changes.push(forced("licenseType", licenseType, p.licenseType))
  }
  return changes
}

const ARCHITECTURES: readonly Architecture[] = ["x86_64", "i386", "arm_64"]

/** The wanted spec with one field as it may have been before. */
function variants(p: DesiredPlacement): { readonly change: Change; readonly was: DesiredPlacement }[] {
  const { bootMode, licenseType, ...rest } = p
  const boot = bootMode ?? "Legacy BIOS"
  const license = licenseType ?? "TencentCloud"
  const otherBoot = boot === "UEFI" ? "Legacy BIOS" : "UEFI"
  const otherLicense = license === "BYOL" ? "TencentCloud" : "BYOL"
  const keep = {
    ...(bootMode === undefined ? {} : { bootMode }),
    ...(licenseType === undefined ? {} : { licenseType }),
  }
  return [
    { change: forced("bootMode", otherBoot, boot), was: { ...p, bootMode: otherBoot } },
    { change: forced("licenseType", otherLicense, license), was: { ...p, licenseType: otherLicense } },
    ...ARCHITECTURES.filter((a) => a !== p.architecture).map((architecture) => ({
      change: forced("architecture", architecture, p.architecture),
      was: { ...rest, ...keep, architecture },
    })),
    ...(p.dataDisks.length === 0
      ? []
      : [
          {
            change: forced(
              "dataDisks",
              null,
              p.dataDisks.map((d) => d.url),
            ),
            was: { ...p, dataDisks: [] },
          },
        ]),
  ]
}

/** Why an image of ours cannot become the wanted one: the fields that force another import. Never empty. */
export function forcingChanges(found: Candidate, q: Question): Change[] {
  const { placement: p, spec } = q
  const stamp = stampOf(found)
  const stated = statedChanges(p, found)
  if (stamp === undefined) return stated.length > 0 ? stated : [forced("spec", null, spec)]
  const source =
    namesSource(found, q) && !sourceMoved(found, q)
      ? []
      : [forced("source", stamp.source, sourceFingerprint(p, q.seen))]
  if (stated.length + source.length > 0) return [...stated, ...source]
  const variant = variants(p).find((v) => specHash(v.was) === stamp.spec)
  return [variant?.change ?? forced("spec", stamp.spec, spec)]
}

/** The reasons that go with forcing changes. */
export function forcingReasons(changes: readonly Change[]): Reason[] {
  return changes.map((c): Reason => (c.field === "spec" ? "spec_changed" : `spec_changed:${c.field}`))
}

function forced(field: string, before: FieldValue, after: FieldValue): Change {
  return { field, before, after, impact: "replacement" }
}
