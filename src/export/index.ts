/** (OBSERVED, WHAT IS THERE) -> MANIFESTS, as text. Pure; what it says goes to disk in cli. */
import type { Claim } from "../manifest/resolve.ts"
import type { ExportedImage, LeftOut } from "../model/export.ts"
import { compareText } from "../model/placement.ts"
import { fold } from "./fold.ts"
import { fileName } from "./names.ts"
import { type Inherited, saysOf } from "./says.ts"
import { type SurveyInput, survey } from "./survey.ts"
import { writeManifest } from "./yaml.ts"

export interface ExportInput extends SurveyInput {
  /** `spec.defaults` of the stack. */
  readonly inherited: Inherited
  /** A directory, as positions name it: new files come into it. */
  readonly directory: string
  /** Texts of the stack's files, by path. */
  readonly sources: ReadonlyMap<string, string>
}

/** What is to be added to one file. */
export interface Addition {
  readonly file: string
  /** The file's text as it was read, to which `text` is added; absent: there is none. */
  readonly before?: string
  /** Documents, each with its separator where it needs one. */
  readonly text: string
  readonly images: number
}

export interface Exported {
  readonly additions: readonly Addition[]
  readonly images: readonly ExportedImage[]
  readonly leftOut: readonly LeftOut[]
}

/** Manifests for the images that have none. */
export function exportManifests(input: ExportInput): Exported {
  const { rows, leftOut } = survey(input)
  const { stack, inherited, sources } = input
  const accounts = stack.accounts.length > 1
  const groups = fold(rows, (row) => saysOf(row, stack.site, inherited))
  const documents = new Map<string, string[]>()
  const images: ExportedImage[] = []
  for (const group of groups) {
    const [first] = group.rows
    if (first === undefined) continue
    const file = fileFor(first.image.family, first.name, input)
    const { text, todo } = writeManifest(group, accounts)
    documents.set(file, [...(documents.get(file) ?? []), text])
    images.push({
      image: first.name,
      file,
      placements: group.rows.map(({ account, region, image }) => ({ account, region, imageId: image.id })),
      todo,
      notes: group.says.notes,
    })
  }
  const additions = [...documents].map(([file, texts]): Addition => {
    const before = sources.get(file)
    const text = joined(texts, before)
    return { file, ...(before === undefined ? {} : { before }), text, images: texts.length }
  })
  return { additions: additions.sort((a, b) => compareText(a.file, b.file)), images, leftOut }
}

/**
 * The file of a family, or of an image without one: a file that has manifests of the family already, else one named
 * after it. A file of that name which holds something else is left alone, and the next one is taken.
 */
function fileFor(family: string, name: string, { claims, directory, sources }: ExportInput): string {
  const known = family === "" ? undefined : homeOf(family, claims)
  if (known !== undefined) return known
  const base = `${directory === "." ? "" : `${directory}/`}${fileName(family === "" ? name : family)}`
  for (let n = 1; ; n += 1) {
    const file = `${base}${n === 1 ? "" : `-${n}`}.yaml`
    const text = sources.get(file)
    if (text === undefined || /^[ \t"']*apiVersion["']?[ \t]*:[ \t]*["']?cvmimg\//m.test(text)) return file
  }
}

function homeOf(family: string, claims: readonly Claim[]): string | undefined {
  const files = claims.filter((claim) => claim.family === family).map((claim) => claim.file)
  // The stack's own file says what holds for all; images have their own.
  return files
    .filter((file) => !/(?:^|\/)cvmimg\.yaml$/.test(file) && file !== "<stdin>")
    .sort(compareText)[0]
}

function joined(texts: readonly string[], before: string | undefined): string {
  const body = texts.join("---\n")
  if (before === undefined || before === "") return body
  const text = `${/[\r\n]$/.test(before) ? "" : "\n"}---\n${body}`
  return /\r\n/.test(before) ? text.replaceAll("\n", "\r\n") : text
}
