/**
 * The least that an account's keys must be allowed, for the manifests at hand. Actions on images that exist are narrowed
 * to the regions of the manifests; CAM has no finer resource for the others (tencentcloud.com/document/product/213/10314).
 * The account's segment stays empty: that is the account in which the policy is made.
 */
import type { Desired, DesiredPlacement } from "../model/desired.ts"
import type { Policy } from "../model/doctor.ts"
import { compareText } from "../model/placement.ts"

const READS = [
  "cvm:DescribeImageQuota",
  "cvm:DescribeImageSharePermission",
  "cvm:DescribeImages",
  "cvm:DescribeImportImageOs",
]

/** How images of the stack are found in regions that no manifest lists. */
const OWNED = ["tag:DescribeResourcesByTags", "tag:GetResources"]

/** `plan`: what reads. `apply`: what carries out, which plans first. */
export function policyFor({ stack, placements }: Desired, account: string, what: "plan" | "apply"): Policy {
  const own = placements.filter((p) => p.account === account)
  const tags = stack.provenance.tags || own.some((p) => Object.keys(p.tags).length > 0)
  const everywhere = [...READS, ...(stack.provenance.tags ? OWNED : [])]
  const images: string[] = []
  if (what === "apply") {
    everywhere.push("cvm:ImportImage", ...(tags ? ["tag:CreateTag", "tag:ModifyResourceTags"] : []))
    images.push("cvm:DeleteImages", "cvm:ModifyImageAttribute")
    if (own.some((p) => p.sharedWith !== undefined)) images.push("cvm:ModifyImageSharePermission")
  }
  const regions = [...new Set(own.map((p) => p.region))].sort(compareText)
  const objects = signedObjects(placements, account)
  const allow = (action: readonly string[], resource: readonly string[]): Policy["statement"] =>
    action.length === 0 || resource.length === 0
      ? []
      : [{ effect: "allow", action: [...action].sort(compareText), resource }]
  return {
    version: "2.0",
    statement: [
      ...allow(everywhere, ["*"]),
      ...allow(
        images,
        regions.map((region) => `qcs::cvm:${region}::image/*`),
      ),
      ...allow(["cos:GetObject", "cos:HeadObject"], objects),
    ],
  }
}

const BUCKET = /^https?:\/\/([a-z0-9-]+-(\d+))\.cos\.([a-z0-9-]+)\.myqcloud\.com\//i

/** The buckets whose objects the account's keys sign. */
function signedObjects(placements: readonly DesiredPlacement[], account: string): string[] {
  const found = new Set<string>()
  for (const { source, dataDisks, account: own } of placements) {
    if (!source.sign || (source.signAs ?? own) !== account) continue
    for (const { url } of [source, ...dataDisks]) {
      const [, bucket = "", appid = "", region = ""] = BUCKET.exec(url) ?? []
      if (bucket !== "") found.add(`qcs::cos:${region}:uid/${appid}:${bucket}/*`)
    }
  }
  return [...found].sort(compareText)
}
