/**
 * What an account's keys may do in a region, by calls that change nothing: reads, and rehearsals with the API's own
 * DryRun. A rehearsal that fails for any other reason than a missing right shows that the right is there.
 */
import { toFailure } from "../cloud/failure.ts"
import type { CloudReader, CloudRehearser, Examiner } from "../cloud/port.ts"
import type { DesiredPlacement } from "../model/desired.ts"
import type { Finding } from "../model/doctor.ts"
import type { Failure } from "../model/failure.ts"
import type { CloudImage } from "../model/observed.ts"
import type { Scope } from "../model/placement.ts"

export interface RightsOptions {
  readonly cloud: CloudReader & CloudRehearser & Examiner
  readonly scope: Scope
  /** The manifests' placements in the scope. */
  readonly placements: readonly DesiredPlacement[]
  readonly now: () => number
  readonly signal: AbortSignal
}

/** Of an image that does not exist, so that a rehearsal could not even hit one if it were none. */
const NO_IMAGE = "img-00000000"

/** The right is missing; other refusals are about the keys, the network or the request. */
export function lacksRight({ code }: Failure): boolean {
  return /^(?:AuthFailure\.)?UnauthorizedOperation(?:\.PermissionDenied)?$/.test(code)
}

/** One finding for each right in the scope. Rejects only with the signal's reason. */
export async function examineRights(options: RightsOptions): Promise<Finding[]> {
  const { cloud, scope, placements, signal } = options
  const call = { signal }
  const listing = ask(options, "cvm:DescribeImages", "error", async () => {
    const images = await cloud.listImages(scope, call)
    return { said: images.length === 1 ? "1 private image" : `${images.length} private images`, images }
  })
  const shares = listing.then(({ images }) => sharesRight(options, images))
  const rest = await Promise.all([
    listing.then(({ finding }) => finding),
    ask(options, "cvm:DescribeImportImageOs", "warning", async () => {
      const rows = await cloud.listImportOs(scope, call)
      return { said: `${rows.length} systems can be imported` }
    }).then(({ finding }) => finding),
    ask(options, "cvm:DescribeImageQuota", "warning", async () => ({
      said: `the region holds ${await cloud.imageQuota(scope, call)} images`,
    })).then(({ finding }) => finding),
    shares,
    importRight(options, placements[0]),
    rehearsed(options, "cvm:DeleteImages", () => cloud.rehearseDelete(scope, NO_IMAGE, call)),
  ])
  return rest
}

interface Asked {
  readonly finding: Finding
  readonly images?: readonly CloudImage[]
}

async function ask(
  { scope, now, signal }: RightsOptions,
  subject: string,
  without: "warning" | "error",
  read: () => Promise<{ readonly said: string; readonly images?: readonly CloudImage[] }>,
): Promise<Asked> {
  const began = now()
  const about = { check: "right", subject, ...scope } as const
  try {
    const { said, images } = await read()
    const tookMs = Math.round(now() - began)
    return {
      finding: { ...about, status: "ok", message: `may be called: ${said}`, tookMs },
      ...(images === undefined ? {} : { images }),
    }
  } catch (error) {
    signal.throwIfAborted()
    const failure = toFailure(error)
    return { finding: { ...about, ...refusedBy(failure, lacksRight(failure) ? without : "error") } }
  }
}

async function sharesRight(
  options: RightsOptions,
  images: readonly CloudImage[] | undefined,
): Promise<Finding> {
  const subject = "cvm:DescribeImageSharePermission"
  const [first] = images ?? []
  if (first === undefined) {
    const message = "not asked: there is no image to ask about"
    return { check: "right", subject, ...options.scope, status: "skipped", message }
  }
  const stated = options.placements.some((p) => p.sharedWith !== undefined)
  const { cloud, scope, signal } = options
  const { finding } = await ask(options, subject, stated ? "error" : "warning", async () => {
    await cloud.listShares(scope, first.id, { signal })
    return { said: `asked of ${first.id}` }
  })
  return finding
}

/** ImportImage of a manifest's own image, rehearsed as apply would rehearse it, without tags. */
async function importRight(
  options: RightsOptions,
  placement: DesiredPlacement | undefined,
): Promise<Finding> {
  const subject = "cvm:ImportImage"
  if (placement === undefined) {
    const message = "not rehearsed: no manifest that is valid has an image here"
    return { check: "right", subject, ...options.scope, status: "skipped", message }
  }
  const { source, os, architecture, bootMode, licenseType, force, dataDisks, image } = placement
  const request = {
    name: image,
    description: "",
    url: source.url,
    sign: source.sign,
    ...(source.signAs === undefined ? {} : { signAs: source.signAs }),
    osType: os.type,
    osVersion: os.version,
    architecture,
    ...(bootMode === undefined ? {} : { bootMode }),
    ...(licenseType === undefined ? {} : { licenseType }),
    force,
    tags: {},
    dataDiskUrls: dataDisks.map((disk) => disk.url),
  }
  const { cloud, scope, signal } = options
  return rehearsed(options, subject, () => cloud.rehearseImport(scope, request, { signal }))
}

async function rehearsed(
  { scope, signal }: RightsOptions,
  subject: string,
  send: () => Promise<unknown>,
): Promise<Finding> {
  const about = { check: "right", subject, ...scope } as const
  try {
    await send()
    return { ...about, status: "ok", message: "may be called: rehearsed with DryRun" }
  } catch (error) {
    signal.throwIfAborted()
    const failure = toFailure(error)
    if (lacksRight(failure)) {
      const finding = refusedBy(failure, "warning")
      return { ...about, ...finding, advice: `plan does not need it, apply does. ${finding.advice}` }
    }
    // What is wrong with the request is found after the rights are.
    const judged = ["manifest", "quota", "account"].includes(failure.blame)
    const message = `may be called: rehearsed with DryRun, which got as far as ${failure.code}`
    return judged ? { ...about, status: "ok", message } : { ...about, ...refusedBy(failure, "warning") }
  }
}

/** Calls for which the API has no DryRun. */
const UNTESTABLE: readonly string[] = [
  "cvm:ModifyImageAttribute",
  "cvm:ModifyImageSharePermission",
  "tag:CreateTag",
  "tag:ModifyResourceTags",
]

/** What is left open, once for an account. */
export function untestable(account: string): Finding[] {
  return UNTESTABLE.map(
    (subject): Finding => ({
      check: "right",
      subject,
      account,
      status: "skipped",
      message: "not testable without writing: the API has no DryRun for it",
      advice: "cvmimg doctor --policy apply prints a policy that grants what apply needs",
    }),
  )
}

/** A failure as the rest of a finding. */
export function refusedBy(failure: Failure, status: "warning" | "error"): Omit<Finding, "check"> {
  const { code, message, advice, requestId } = failure
  return {
    status,
    code,
    message: `${code}: ${message}`,
    advice,
    ...(requestId === undefined ? {} : { requestId }),
  }
}
