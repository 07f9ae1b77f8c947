// Two states of a stack as texts, and the review of them.
import { loadPair } from "../../src/manifest/load-pair.ts"
import type { Review, ReviewSide } from "../../src/model/review.ts"
import { review } from "../../src/review/review.ts"

export type Files = Readonly<Record<string, string>>

export const STACK = `apiVersion: cvmimg/v1
kind: Stack
metadata: { name: golden }
spec:
  accounts:
    default: { vars: { appid: "1250000000" } }
  defaults:
    regions: [ap-singapore, ap-hongkong]
    tags: { team: platform }
`

/** An Image: lines below `spec`, with two blanks before each. */
export function image(
  name: string,
  spec = "",
  { url, metadata = "" }: { url?: string; metadata?: string } = {},
): string {
  return `apiVersion: cvmimg/v1
kind: Image
metadata: { name: ${name}${metadata} }
spec:
  source: { url: "${url ?? urlOf(name)}", crc64: "111" }
  os: { type: Ubuntu, version: "22" }
${spec}`
}

export function urlOf(name: string): string {
  return `https://golden-{region}-{var.appid}.cos.{region}.myqcloud.com/${name}.qcow2`
}

export function family(name: string, spec: string): string {
  return `apiVersion: cvmimg/v1\nkind: Family\nmetadata: { name: ${name} }\nspec: ${spec}\n`
}

/** One stack of these files, as two commits hold it; undefined: the commit has none. */
export function sides(
  base: Files | undefined,
  head: Files | undefined,
): { base?: ReviewSide; head?: ReviewSide } {
  const side = (files: Files | undefined) => ({
    files: Object.entries(files ?? {}).map(([path, text]) => ({ path, text, named: path === "cvmimg.yaml" })),
    found: [],
  })
  const pair = loadPair(side(base), side(head))
  const of = (
    files: Files,
    { loaded, partial, errorFiles, stackPlace }: (typeof pair)["base"],
  ): ReviewSide => ({
    ...(partial === undefined ? {} : { desired: partial }),
    valid: errorFiles.size === 0,
    diagnostics: loaded.diagnostics,
    images: loaded.claims,
    errorFiles,
    ...(stackPlace === undefined ? {} : { stackPlace }),
    texts: new Map(Object.entries(files)),
  })
  return {
    ...(base === undefined ? {} : { base: of(base, pair.base) }),
    ...(head === undefined ? {} : { head: of(head, pair.head) }),
  }
}

/** The review of two sets of files; a `cvmimg.yaml` that neither names is the usual one. */
export function reviewed(base: Files | undefined, head: Files | undefined): Review {
  const whole = (files: Files | undefined) =>
    files === undefined ? undefined : { "cvmimg.yaml": STACK, ...files }
  const { base: old, head: now } = sides(whole(base), whole(head))
  return review(old, now, {
    directory: "",
    base: { revision: "main", commit: "a".repeat(40), compared: "a".repeat(40) },
    head: { revision: "HEAD", commit: "b".repeat(40) },
  })
}
