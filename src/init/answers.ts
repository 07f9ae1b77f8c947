/** What a new manifests repository is asked about. */

export const CI_CHOICES = ["github", "gitlab", "both", "none"] as const
export type CiChoice = (typeof CI_CHOICES)[number]

export interface Answers {
  /** Of the stack. */
  readonly name: string
  readonly site: "intl" | "cn"
  /** At least one. */
  readonly regions: readonly string[]
  readonly ci: CiChoice
  /** The branch whose manifests are applied. */
  readonly branch: string
  /** What the pipelines give to `npm install`: `cvmimg@0.1.0`, a path, an address. */
  readonly package: string
}

/** A name for the stack of a directory: what of the directory's own name can stand in one. */
export function nameFor(directory: string): string {
  const name = directory
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 63)
  return name === "" ? "images" : name
}

/** Regions of a new stack before anybody says others. */
export const USUAL_REGIONS: Readonly<Record<Answers["site"], readonly string[]>> = {
  intl: ["ap-singapore"],
  cn: ["ap-guangzhou"],
}

/** Splits `ap-singapore, ap-hongkong`. */
export function regionsOf(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((region) => region !== ""))]
}

/** Why an answer cannot be taken, as a sentence; undefined: it can. */
export const PROBLEMS: Readonly<
  Record<"name" | "regions" | "branch" | "package", (text: string) => string | undefined>
> = {
  name: (text) =>
    NAME.test(text)
      ? undefined
      : "a stack's name starts with a letter or digit and has at most 63 letters, digits, '.', '_' and '-'",
  regions: (text) => {
    const regions = regionsOf(text)
    if (regions.length === 0) return "name a region, such as ap-singapore"
    const wrong = regions.find((region) => !REGION.test(region))
    return wrong === undefined ? undefined : `'${wrong}' is no region; one is written like ap-singapore`
  },
  branch: (text) =>
    BRANCH.test(text) ? undefined : "a branch is written with letters, digits, '.', '_', '-' and '/' here",
  package: (text) =>
    PACKAGE.test(text)
      ? undefined
      : "a package is a name with a version such as cvmimg@0.1.0, a path or an address, without spaces and quotes",
}

// As in schemas/stack.schema.json.
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/
const REGION = /^[a-z]{2}-[a-z0-9]{2,30}(?:-[a-z0-9]{1,10})?$/
// They stand in workflows: characters that mean something in YAML or in a shell stay out.
const BRANCH = /^[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$/
const PACKAGE = /^[A-Za-z0-9@./:_+#~^][A-Za-z0-9@./:_+#~^-]{0,499}$/
