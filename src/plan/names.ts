/** Names that cvmimg gives on its own. Names in the API have at most 60 characters. */

/** The name of a member of a family: `<name>-<first 8 digits of the spec hash>`. */
export function memberName(image: string, spec: string): string {
  return `${image}-${spec.slice(0, 8)}`
}

/** The name under which a replacement waits for NORMAL. */
export function stagedName(image: string, spec: string): string {
  return `${image}.next-${spec.slice(0, 8)}`
}

/** The name that a replaced image gets. */
export function retiredName(image: string, imageId: string): string {
  return `${image}.prev-${imageId}`
}

const STAGED = /^\.next-[0-9a-f]{8}$/
const RETIRED = /^\.prev-img-[0-9a-z]{8}$/

/** Where a name stands in a replacement by stage and swap, of the image under today's name or a former one. */
export function swapRole(
  name: string,
  { image, formerNames }: { readonly image: string; readonly formerNames: readonly string[] },
): "staged" | "retired" | "other" {
  for (const base of [image, ...formerNames]) {
    if (!name.startsWith(`${base}.`)) continue
    const suffix = name.slice(base.length)
    if (STAGED.test(suffix)) return "staged"
    if (RETIRED.test(suffix)) return "retired"
  }
  return "other"
}

/** Whether an image was replaced: it was renamed away, or still has a name that its successor does not bear. */
export function isReplaced(
  name: string,
  p: { readonly image: string; readonly formerNames: readonly string[] },
): boolean {
  return swapRole(name, p) === "retired" || p.formerNames.includes(name)
}
