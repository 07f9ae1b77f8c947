/**
 * The ids of the images that are in place after an apply, for Terraform: `cvmimg_images`, a map of image and region,
 * with the account between them where the stack has several. What has no id is named in a comment.
 */
import type { Absence, ApplyOutput, ImageInPlace } from "./apply-images.ts"
import { terminalText } from "./escape.ts"
import { scopeText } from "./plan-groups.ts"
import { outcomeText } from "./symbols.ts"
import { counted } from "./value.ts"

/** A file of variables; the map is there even where it is empty. */
export function renderApplyTfvars(output: ApplyOutput): string {
  const { images, absent, accounts, notConsidered } = output
  const map = nested(images, accounts ? ["image", "account"] : ["image"])
  return [
    comment(`Images of the stack ${output.stack} that are in place, as cvmimg apply left them.`),
    ...absent.map((row) => comment(absenceText(row, accounts))),
    ...(notConsidered > 0 ? [comment(`${counted(notConsidered, "placement")} not considered.`)] : []),
    ...(map.length === 0 ? ["cvmimg_images = {}"] : ["cvmimg_images = {", ...map.map(indent), "}"]),
    "",
  ].join("\n")
}

function absenceText(row: Absence, accounts: boolean): string {
  return `No id of ${row.image} in ${scopeText(row, accounts)}: ${whyText(row)}.`
}

function whyText({ action, outcome }: Absence): string {
  if (action === "keep") return "not managed"
  if (action === "refuse") return "refused"
  return `${action} ${outcome === undefined ? "not begun" : outcomeText(outcome)}`
}

/** The entries below these keys; those of the regions at the end. */
function nested(images: readonly ImageInPlace[], keys: readonly ("image" | "account")[]): string[] {
  const [key, ...deeper] = keys
  if (key === undefined) {
    const width = Math.max(0, ...images.map(({ region }) => hclText(region).length))
    return images.map(({ region, imageId }) => `${hclText(region).padEnd(width)} = ${hclText(imageId)}`)
  }
  const groups = new Map<string, ImageInPlace[]>()
  for (const image of images) groups.set(image[key], [...(groups.get(image[key]) ?? []), image])
  return Array.from(groups, ([name, members]) => [
    `${hclText(name)} = {`,
    ...nested(members, deeper).map(indent),
    "}",
  ]).flat()
}

function indent(line: string): string {
  return `  ${line}`
}

function comment(text: string): string {
  return `# ${terminalText(text)}`
}

/** What HCL would take for an escape, an expression or an end, what a CI log would obey, and what cannot be seen. */
const HCL =
  /["\\]|[$%](?=\{)|#(?=#(?:\[|vso\[|teamcity\[))|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu

function hclText(text: string): string {
  const inner = text.replace(HCL, (char) => {
    if (char === "$" || char === "%") return char + char
    if (char === '"' || char === "\\") return `\\${char}`
    const code = char.codePointAt(0) ?? 0
    // Half of a pair is no character that HCL could write.
    if (code >= 0xd800 && code <= 0xdfff) return "\\ufffd"
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`
  })
  return `"${inner}"`
}
