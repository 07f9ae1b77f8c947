/** What an export wrote and what it left out, as text and for machines. */
import {
  type ExportedImage,
  type ExportReport,
  LEFT_OUT,
  type LeftOut,
  type LeftOutReason,
} from "../model/export.ts"
import { jsonText } from "./json.ts"
import { gap, type Line, padEnd, paint, span, type TextOptions, textWidth } from "./line.ts"
import { scopeText } from "./plan-groups.ts"
import { counted } from "./value.ts"

/** Files with their images, what was left out and why, and what is left to do. */
export function renderExport(report: ExportReport, options: TextOptions): string {
  const { files, leftOut, unread } = report
  const all = [...report.images.flatMap((image) => image.placements), ...leftOut, ...unread]
  const accounts = new Set(all.map((scope) => scope.account)).size > 1
  const byFile = new Map<string, ExportedImage[]>(files.map((file) => [file.file, []]))
  for (const image of report.images) byFile.get(image.file)?.push(image)
  const lines: Line[] = [
    ...files.flatMap((file) => [
      [span(file.file, "bold"), span(file.extended ? "  added to" : "  new", "dim")],
      ...imageLines(byFile.get(file.file) ?? [], accounts),
    ]),
    ...leftOutLines(leftOut, accounts),
    ...unread.flatMap(({ account, region, code, message, advice }): Line[] => [
      [span(`${scopeText({ account, region }, accounts)} could not be read: ${code}: ${message}`, "alarm")],
      [gap(2), span(advice)],
    ]),
    ...summary(report).map((text): Line => [span(text, "bold")]),
  ]
  return paint(lines, options.color)
}

function imageLines(images: readonly ExportedImage[], accounts: boolean): Line[] {
  return images.flatMap((image): Line[] => [
    [
      gap(2),
      span(image.image),
      span(`  ${image.placements.map((p) => scopeText(p, accounts)).join(", ")}`, "dim"),
    ],
    ...image.notes.map((note): Line => [gap(4), span(note, "change")]),
  ])
}

function leftOutLines(leftOut: readonly LeftOut[], accounts: boolean): Line[] {
  const silent = leftOut.filter((one) => one.advice === undefined)
  const told = leftOut.filter((one) => one.advice !== undefined)
  const width = Math.max(0, ...told.map((one) => textWidth(span(nameOf(one)).text)))
  return [
    ...(told.length === 0 ? [] : [[span("Left out", "bold")]]),
    ...told.flatMap((one): Line[] => [
      [
        gap(2),
        ...padEnd(span(nameOf(one)), width),
        span(`  ${scopeText(one, accounts)}  ${one.imageId}`, "dim"),
      ],
      [gap(4), span(LEFT_OUT[one.reason])],
      [gap(4), span(one.advice ?? "", "change")],
    ]),
    ...(["owned", "covered"] satisfies LeftOutReason[]).flatMap((reason): Line[] => {
      const count = silent.filter((one) => one.reason === reason).length
      const what = reason === "owned" ? "carry this stack's mark" : "have a manifest"
      return count === 0 ? [] : [[span(`${counted(count, "image")} left out that ${what} already.`)]]
    }),
  ]
}

function nameOf({ name }: LeftOut): string {
  return name === "" ? "(no name)" : name
}

function summary({ preview, files, images }: ExportReport): string[] {
  if (images.length === 0) return ["Nothing to export."]
  const placements = images.reduce((sum, image) => sum + image.placements.length, 0)
  const todo = images.reduce((sum, image) => sum + image.todo.length, 0)
  const what = `${counted(images.length, "manifest")} for ${counted(placements, "image")}`
  const where = counted(files.length, "file")
  return [
    preview ? `${what} would be written to ${where}.` : `${what} written to ${where}.`,
    `${counted(todo, "value")} to be filled in (# TODO): cvmimg validate lists them; then cvmimg plan shows what would be adopted.`,
  ]
}

/** The same for machines, in the shape of schemas/export.schema.json. */
export function renderExportJson({ stack, preview, files, images, leftOut, unread }: ExportReport): string {
  return jsonText({
    formatVersion: 1,
    stack,
    preview,
    files,
    images,
    leftOut: leftOut.map((one) => ({ ...one, message: LEFT_OUT[one.reason] })),
    unread,
  })
}
