import type { Account } from "../model/stack.ts"
import { type ImageDraft, isBroken, pathIn } from "./draft.ts"
import type { Findings } from "./findings.ts"
import { KNOWN_REGIONS } from "./regions.ts"
import { below, type Spot, type Tree } from "./tree.ts"
import { nearest, orList, shown } from "./words.ts"

/** An account and region of an image. */
export interface Scoped {
  readonly account: Account
  readonly region: string
  /** The account's list of regions, where that one decided. */
  readonly regionList: Spot | undefined
}

/**
 * The accounts and regions of an image. Regions are the first of: the Image's own, the account's, those of the stack's
 * defaults. Says which accounts are unknown, which regions probably are, and where there is none.
 */
export function checkScopes(draft: ImageDraft, findings: Findings): Scoped[] {
  const { context, checked, spec } = draft
  const ownRegions = below(checked.tree, "spec", "regions")
  const defaultRegions = below(context.defaults, "regions")
  const out: Scoped[] = []
  let without: Account | undefined
  for (const account of accountsOf(draft, findings)) {
    const ofAccount = context.regionLists.get(account.name)
    const fromAccount = ownRegions === undefined && ofAccount !== undefined
    const list = ownRegions ?? ofAccount ?? defaultRegions
    const regions = fromAccount ? account.regions : spec.regions
    if (list === undefined || regions === undefined) {
      without ??= account
      continue
    }
    const path = fromAccount ? `spec.accounts.${account.name}.regions` : pathIn(draft, list, "regions")
    checkRegions(list, path, findings)
    for (const region of regions)
      out.push({ account, region, regionList: fromAccount ? ofAccount : undefined })
  }
  if (without !== undefined && !isBroken(draft, "regions") && !context.broken.has("spec.accounts")) {
    findings.at(draft.nameSpot, {
      code: "no_regions",
      message: `The image has no region in account ${shown(without.name)}.`,
      advice: "name `regions` in the image's spec, in the account or in `spec.defaults` of the stack",
      path: "spec.regions",
    })
  }
  return out
}

function accountsOf(draft: ImageDraft, findings: Findings): Account[] {
  const { context, spec } = draft
  if (spec.accounts === undefined) return [...context.accounts.values()]
  const list = below(draft.merged, "accounts")
  const out: Account[] = []
  for (const [i, name] of spec.accounts.entries()) {
    const account = context.accounts.get(name)
    if (account === undefined)
      tellUnknownAccount(draft, itemOf(list, i, draft), name, `accounts[${i}]`, findings)
    else out.push(account)
  }
  return out
}

/** Says that the stack has no such account, unless its accounts could not be read. */
export function tellUnknownAccount(
  draft: ImageDraft,
  node: Tree,
  name: string,
  path: string,
  findings: Findings,
): void {
  const { accounts, broken } = draft.context
  if ([...broken].some((b) => b === "" || b === "spec" || b.startsWith("spec.accounts"))) return
  const known = [...accounts.keys()]
  const meant = nearest(name, known)
  findings.at(node, {
    code: "unknown_account",
    message: `The stack has no account ${shown(name)}.`,
    advice:
      meant === undefined ? `it has ${orList(known.slice(0, 10).map(shown))}` : `did you mean "${meant}"?`,
    path: pathIn(draft, node, path),
  })
}

function checkRegions(list: Spot, path: string, findings: Findings): void {
  const tree = list as Tree
  if (tree.kind !== "list") return
  for (const [i, item] of tree.items.entries()) {
    if (item.kind !== "scalar" || typeof item.value !== "string" || KNOWN_REGIONS.includes(item.value))
      continue
    const meant = nearest(item.value, KNOWN_REGIONS)
    findings.at(item, {
      code: "unknown_region",
      severity: "warning",
      message: `The region ${shown(item.value)} is not one that is known.`,
      ...(meant === undefined ? {} : { advice: `did you mean "${meant}"?` }),
      path: `${path}[${i}]`,
    })
  }
}

function itemOf(list: Tree | undefined, index: number, draft: ImageDraft): Tree {
  return (list?.kind === "list" ? list.items[index] : undefined) ?? draft.merged
}
