// The licences of what is bundled: each package whose code esbuild put into an output, by name, with its licence text.
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** The folder of the package that a bundled file belongs to, or undefined for a file of ours. */
function packageOf(input) {
  const found = input.replaceAll("\\", "/").match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)
  return found?.[1]
}

/** The licence file's text, or what package.json says where a package ships none. */
function licenceOf(folder, { license }) {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)(\.|$)/i.test(name))
  if (file !== undefined) return readFileSync(join(folder, file), "utf8").trim()
  if (typeof license !== "string")
    throw new Error(`${folder}: no licence file and no licence in package.json`)
  return `Licensed under ${license}; the package ships no text of it.`
}

/** One text for all outputs of these metafiles (https://esbuild.github.io/api/#metafile), sorted by package. */
export function notices(metafiles) {
  const folders = new Set()
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = bytesInOutput > 0 ? packageOf(input) : undefined
        if (folder !== undefined && existsSync(join(folder, "package.json"))) folders.add(folder)
      }
    }
  }
  const parts = [...folders]
    .map((folder) => [folder, JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))])
    .map(([folder, about]) => [`${about.name} ${about.version}`, licenceOf(folder, about)])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, licence]) => `${title}\n\n${licence}\n`)
  return ["cvmimg bundles the packages below, each under its own licence.\n", ...parts].join(
    `\n${"-".repeat(72)}\n\n`,
  )
}
