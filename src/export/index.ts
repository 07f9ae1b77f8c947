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
  const homes = homesOf(input.claims)
  const named = new Set(input.claims.map((claim) => claim.name))
  const groups = fold(rows, (row) => saysOf(row, stack.site, inherited, named.has(row.name)))
  const documents = new Map<string, string[]>()
  const images: ExportedImage[] = []
  for (const group of groups) {
    const [first] = group.rows
    if (first === undefined) continue
    const file =
      homes.byName.get(first.name) ??
      homes.byFamily.get(first.image.family) ??
      fileFor(first.image.family, first.name, input)
    const { text, todo } = writeManifest(group, accounts)
    const texts = documents.get(file)
    if (texts === undefined) documents.set(file, [text])
    else texts.push(text)
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

/** A file named after the family, or an image without one. One that holds something else is left alone. */
function fileFor(family: string, name: string, { directory, sources }: ExportInput): string {
  const base = `${directory === "." ? "" : `${directory}/`}${fileName(family === "" ? name : family)}`
  for (let n = 1; ; n += 1) {
    const file = `${base}${n === 1 ? "" : `-${n}`}.yaml`
    const text = sources.get(file)
    if (text === undefined || OURS.test(text)) return file
  }
}

const OURS = /^[ \t"']*apiVersion["']?[ \t]*:[ \t]*["']?cvmimg\//m

interface Homes {
  readonly byName: ReadonlyMap<string, string>
  readonly byFamily: ReadonlyMap<string, string>
}

/** The files that have manifests of a name or a family already. The stack's own file says what holds for all, and is none. */
function homesOf(claims: readonly Claim[]): Homes {
  const byName = new Map<string, string>()
  const byFamily = new Map<string, string>()
  for (const { name, family = "", file } of claims) {
    if (file === "<stdin>" || /(?:^|\/)cvmimg\.yaml$/.test(file)) continue
    keepFirst(byName, name, file)
    if (family !== "") keepFirst(byFamily, family, file)
  }
  return { byName, byFamily }
}

function keepFirst(homes: Map<string, string>, key: string, file: string): void {
  const known = homes.get(key)
  if (known === undefined || compareText(file, known) < 0) homes.set(key, file)
}

function joined(texts: readonly string[], before: string | undefined): string {
  const body = texts.join("---\n")
  if (before === undefined || before === "") return body
  const text = `${/[\r\n]$/.test(before) ? "" : "\n"}---\n${body}`
  return /\r\n/.test(before) ? text.replaceAll("\n", "\r\n") : text
}
