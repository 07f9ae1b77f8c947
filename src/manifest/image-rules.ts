/** The rules of one Image that hold in all of its placements alike. */

import { type ImageDraft, isBroken, pathIn, spotOf } from "./draft.ts"
import type { Findings } from "./findings.ts"
import { checkName } from "./names.ts"
import { tellUnknownAccount } from "./scopes.ts"
import { MAX_TAGS, OUR_TAGS, reservedPrefix, tagKeyProblem } from "./tags.ts"
import { below, mapBelow } from "./tree.ts"
import { shown } from "./words.ts"

/** Says what is wrong, whatever the account and region. */
export function checkStatic(draft: ImageDraft, findings: Findings): void {
  checkNames(draft, findings)
  checkRequired(draft, findings)
  checkSource(draft, findings)
  checkSite(draft, findings)
  checkTagKeys(draft, findings)
  const { spec } = draft
  if (draft.match === "family" && (draft.family ?? "") === "" && !isBroken(draft, "family")) {
    const node = spotOf(draft, "match")
    findings.at(node, {
      code: "family_required",
      message: "match: family finds the image by its family, and none is named.",
      advice: "name `family`, or leave `match` out",
      path: pathIn(draft, node, "match"),
    })
  }
  if (spec.licenseType === "BYOL" && (spec.sharedWith?.length ?? 0) > 0) {
    const node = spotOf(draft, "sharedWith")
    findings.at(node, {
      code: "byol_not_shareable",
      message: "An image with licenseType: BYOL cannot be shared.",
      advice: "remove `sharedWith`, or import the image into the other accounts too",
      path: pathIn(draft, node, "sharedWith"),
    })
  }
}

function checkNames(draft: ImageDraft, findings: Findings): void {
  if (draft.name !== "") checkName(draft.name, draft.match, draft.nameSpot, "metadata.name", findings)
  const list = below(draft.checked.tree, "metadata", "formerNames")
  if (list?.kind !== "list") return
  for (const [i, item] of list.items.entries()) {
    if (item.kind !== "scalar" || item.value !== draft.name) continue
    findings.at(item, {
      code: "duplicate_name",
      message: `${shown(draft.name)} is the image's name, not a former one.`,
      advice: "remove it from the list",
      path: `metadata.formerNames[${i}]`,
    })
  }
}

const REQUIRED: readonly (readonly [string, string, string])[] = [
  ["source", "url", "write the address of the image file in COS"],
  ["os", "type", "write a name that DescribeImportImageOs lists, such as `type: Ubuntu`"],
  ["os", "version", 'write a version that DescribeImportImageOs lists, in quotes, such as `version: "22"`'],
]

function checkRequired(draft: ImageDraft, findings: Findings): void {
  const own = mapBelow(draft.checked.tree, "spec")
  for (const [group, key, advice] of REQUIRED) {
    if (below(draft.merged, group, key) !== undefined || isBroken(draft, `${group}.${key}`)) continue
    const spot = own?.entries.get(group) ?? draft.checked.tree.entries.get("spec") ?? draft.nameSpot
    const path = `spec.${group}.${key}`
    findings.at(spot, { code: "missing_key", message: `${path} is missing.`, advice, path })
  }
}

function checkSource(draft: ImageDraft, findings: Findings): void {
  const { source } = draft.spec
  if (source?.signAs !== undefined) {
    const node = spotOf(draft, "source", "signAs")
    if (!draft.context.accounts.has(source.signAs)) {
      tellUnknownAccount(draft, node, source.signAs, "source.signAs", findings)
    } else if (source.sign !== true && !isBroken(draft, "source.sign")) {
      findings.at(node, {
        code: "bad_value",
        message: "source.signAs names whose keys sign the URL, and the URL is not signed.",
        advice: "write `sign: true` beside it, or remove `signAs`",
        path: pathIn(draft, node, "source.signAs"),
      })
    }
  }
  if (source?.crc64 !== undefined && BigInt(source.crc64) > 0xffff_ffff_ffff_ffffn) {
    const node = spotOf(draft, "source", "crc64")
    findings.at(node, {
      code: "bad_value",
      message: "source.crc64 is more than 64 bits.",
      advice: "write the decimal number of COS's x-cos-hash-crc64ecma header in quotes",
      path: pathIn(draft, node, "source.crc64"),
    })
  }
}

function checkSite(draft: ImageDraft, findings: Findings): void {
  const { context, spec } = draft
  if (context.stack.site === "cn" || context.broken.has("spec.site")) return
  const tell = (key: string, what: string): void => {
    const node = spotOf(draft, key)
    findings.at(node, {
      code: "site_unsupported",
      message: `${what} only on the site cn, and the stack is on intl.`,
      advice: "remove it, or write `site: cn` in the stack if its accounts are of cloud.tencent.com",
      path: pathIn(draft, node, key),
    })
  }
  if (spec.architecture === "arm_64") tell("architecture", "architecture: arm_64 exists")
  if ((spec.dataDisks?.length ?? 0) > 0) tell("dataDisks", "dataDisks exist")
}

function checkTagKeys(draft: ImageDraft, findings: Findings): void {
  const tags = mapBelow(draft.merged, "tags")
  if (tags === undefined) return
  for (const [key, entry] of tags.entries) {
    const prefix = reservedPrefix(key)
    const problem = prefix === undefined ? tagKeyProblem(key) : `keys that start with ${prefix} are reserved`
    if (problem === undefined) continue
    findings.at(entry, {
      code: prefix === undefined ? "bad_tag" : "reserved_tag",
      message: `The tag key ${shown(key)} cannot be used: ${problem}.`,
      advice: "choose another key",
      path: pathIn(draft, entry, `tags.${key}`),
    })
  }
  const count = Object.values(draft.spec.tags ?? {}).filter((v) => v !== null).length
  const most = MAX_TAGS - (draft.context.stack.provenance.tags ? OUR_TAGS : 0)
  if (count <= most) return
  findings.at(tags, {
    code: "too_many_tags",
    message: `The image has ${count} tags and may have ${most}: the API takes ${MAX_TAGS}${most < MAX_TAGS ? ", and two are ours" : ""}.`,
    advice: "remove some tags",
    path: pathIn(draft, tags, "tags"),
  })
}
