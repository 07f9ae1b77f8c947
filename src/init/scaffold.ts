/** Answers -> the files of a manifests repository, as text. Reads and writes nothing itself. */
import type { Answers } from "./answers.ts"

export interface ScaffoldFile {
  /** From the repository's root, with `/`. */
  readonly path: string
  readonly text: string
}

/** What is there already decides whether an example is wanted. */
export interface Place {
  /** There is a cvmimg.yaml: what it manages is nobody's to add to. */
  readonly hasStack: boolean
}

/** Files of the package that are copied as they are. */
const SCHEMAS = ["stack", "image", "family"].map((name) => `schemas/${name}.schema.json`)

/**
 * The files, sorted by path. `read` gives the text of a file of the package: `templates/...` and `schemas/...`.
 */
export function scaffold(answers: Answers, place: Place, read: (path: string) => string): ScaffoldFile[] {
  const github = answers.ci === "github" || answers.ci === "both"
  const gitlab = answers.ci === "gitlab" || answers.ci === "both"
  const fill = filling(answers)
  const template = (path: string): string => fill(read(`templates/${path}`))
  const texts: Record<string, string> = {
    "cvmimg.yaml": template("stack/cvmimg.yaml"),
    ...(place.hasStack ? {} : { "images/ubuntu.yaml": template("stack/example.yaml") }),
    ...Object.fromEntries(SCHEMAS.map((path) => [path, read(path)])),
    ".gitignore": template("stack/gitignore"),
    ".vscode/settings.json": template("stack/settings.json"),
    ".vscode/extensions.json": template("stack/extensions.json"),
    "README.md": [
      template("stack/README.md"),
      ...(github || gitlab ? [template("stack/README.ci.md")] : []),
      ...(github ? [template("stack/README.github.md")] : []),
      ...(gitlab ? [template("stack/README.gitlab.md")] : []),
    ].join(""),
    ...(github
      ? Object.fromEntries(
          ["review", "apply", "drift"].map((name) => [
            `.github/workflows/cvmimg-${name}.yml`,
            template(`github/${name}.yml`),
          ]),
        )
      : {}),
    ...(gitlab ? { ".gitlab-ci.yml": template("gitlab/gitlab-ci.yml") } : {}),
  }
  return Object.entries(texts)
    .map(([path, text]) => ({ path, text }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Puts the answers in the place of `__NAME__` and its like. Each was checked to be harmless where it stands. */
function filling(answers: Answers): (text: string) => string {
  const values: Readonly<Record<string, string>> = {
    // In quotes, since YAML reads `1e5` and `no` as something else.
    NAME: JSON.stringify(answers.name),
    STACK: answers.name,
    SITE: answers.site,
    REGIONS: answers.regions.join(", "),
    BRANCH: answers.branch,
    PACKAGE: answers.package,
  }
  return (text) => text.replace(/__([A-Z]+)__/g, (whole, key: string) => values[key] ?? whole)
}
