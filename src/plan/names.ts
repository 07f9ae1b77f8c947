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

/** Where a name stands in a replacement by stage and swap. */
export function swapRole(name: string, image: string): "staged" | "retired" | "other" {
  if (!name.startsWith(`${image}.`)) return "other"
  const suffix = name.slice(image.length)
  if (STAGED.test(suffix)) return "staged"
  return RETIRED.test(suffix) ? "retired" : "other"
}
