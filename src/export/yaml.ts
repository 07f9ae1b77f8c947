/** Manifests as text. Written by hand, so that the same image always reads the same; foreign text is always one scalar. */
import { compareText } from "../model/placement.ts"
import type { Group } from "./fold.ts"
import type { Says } from "./says.ts"
import { scalar, visible } from "./scalar.ts"

export interface Written {
  readonly text: string
  /** Paths below `spec` that are left to a person. */
  readonly todo: readonly string[]
}

/** One Image manifest, without a document separator. `accounts`: to be named, because the stack has several. */
export function writeManifest(group: Group<Says>, accounts: boolean): Written {
  const { says, rows } = group
  const todo: string[] = []
  const fill = (path: string, what: string): string => {
    todo.push(path)
    return `${path.split(".").at(-1)}: # TODO: ${what}`
  }
  const lines: string[] = []
  const add = (depth: number, line: string): void => {
    lines.push(`${"  ".repeat(depth)}${line}`)
  }
  for (const { account, region, image } of rows) {
    add(0, `# ${image.id} in ${accounts ? `${account}, ` : ""}${region}`)
  }
  for (const note of says.notes) add(0, `# Note: ${note}`)
  add(0, "apiVersion: cvmimg/v1")
  add(0, "kind: Image")
  add(0, "metadata:")
  add(1, `name: ${scalar(rows[0]?.name ?? "")}`)
  add(0, "spec:")
  if (says.match !== undefined) add(1, `match: ${says.match}`)
  if (says.family !== undefined) add(1, `family: ${scalar(says.family)}`)
  if (typeof says.description === "string") add(1, `description: ${scalar(says.description)}`)
  else if (says.description !== undefined) add(1, fill("description", says.description.todo))
  add(1, "source:")
  add(
    2,
    fill(
      "source.url",
      `the file it was imported from, https://<bucket>-<appid>.cos.<region>.myqcloud.com/<key>`,
    ),
  )
  add(1, "os:")
  add(2, fill("os.type", `a name that DescribeImportImageOs lists, such as Ubuntu${hint(group)}`))
  add(2, fill("os.version", `a version that DescribeImportImageOs lists for it, in quotes`))
  add(
    1,
    says.architecture === undefined
      ? fill("architecture", "x86_64, i386 or arm_64; the API does not tell")
      : `architecture: ${says.architecture}`,
  )
  add(1, fill("bootMode", "Legacy BIOS (the API's default) or UEFI"))
  if (says.licenseType !== undefined) add(1, `licenseType: ${says.licenseType}`)
  if (says.dataDisks === "todo")
    add(1, fill("dataDisks", "the files of its data disks, as - url: https://..."))
  if (says.dataDisks === "none") add(1, "dataDisks: []")
  const tags = Object.entries(says.tags)
  if (tags.length > 0) add(1, "tags:")
  for (const [key, value] of tags) add(2, `${scalar(key)}: ${scalar(value)}`)
  if (accounts) add(1, `accounts: [${group.accounts.map(scalar).join(", ")}]`)
  add(1, `regions: [${group.regions.map(scalar).join(", ")}]`)
  if (says.deprecated !== undefined) add(1, `deprecated: ${says.deprecated}`)
  add(1, "lifecycle:")
  if (says.state !== undefined) add(2, `state: ${says.state}`)
  add(2, "adopt: true")
  return { text: `${lines.join("\n")}\n`, todo }
}

/** What the service itself calls the system: a help, and not always a name that it takes. */
function hint({ rows }: Group<Says>): string {
  const said = new Set(rows.flatMap(({ image }) => image.osName ?? image.platform ?? []))
  return said.size === 0
    ? ""
    : `; the image is said to be ${[...said].sort(compareText).map(visible).join(", ")}`
}
