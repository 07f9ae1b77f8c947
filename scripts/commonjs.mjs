// Chunks as CommonJS: esbuild splits ESM only, and Node's ESM loader takes a tenth of a short command.
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { decode, encode } from "@jridgewell/sourcemap-codec"
import { transform } from "esbuild"

/**
 * Turns the ESM files that a build wrote (`.mjs`, paths by its `metafile`) into CommonJS beside them (`.cjs`), with their
 * maps. A chunk that is imported later is required later; what is not one of the files is imported as before.
 */
export async function toCommonJs({ outputs }) {
  const modules = Object.keys(outputs).filter((path) => path.endsWith(".mjs"))
  await Promise.all(modules.map((path) => convert(path, modules)))
}

async function convert(path, modules) {
  const map = readFileSync(`${path}.map`)
  const esm = readFileSync(path, "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, "")
  const siblings = new Set(modules.map((other) => other.replace(/\.mjs$/, "")))
  const isOurs = (specifier) => siblings.has(join(dirname(path), specifier))
  const source = esm
    .replaceAll("import.meta.url", "__pathToFileURL(__filename).href")
    .replaceAll(/\bimport\("(\.{1,2}\/[^"]+)\.mjs"\)/g, (call, specifier) =>
      isOurs(specifier) ? `Promise.resolve().then(()=>require("${specifier}.cjs"))` : call,
    )
  const named = source.includes("__pathToFileURL(")
    ? `const __pathToFileURL=require("node:url").pathToFileURL;${source}`
    : source
  const { code, map: composed } = await transform(
    `${named}\n//# sourceMappingURL=data:application/json;base64,${map.toString("base64")}`,
    {
      format: "cjs",
      platform: "node",
      target: "node20.19",
      minifyWhitespace: true,
      minifySyntax: true,
      sourcemap: "external",
      sourcesContent: false,
      sourcefile: path,
    },
  )
  const text = code.replaceAll(/\brequire\("(\.{1,2}\/[^"]+)\.mjs"\)/g, (call, specifier) =>
    isOurs(specifier) ? `require("${specifier}.cjs")` : call,
  )
  if (/import\.meta|\.mjs"\)/.test(text)) throw new Error(`${path} has an import that is not converted`)
  const target = path.replace(/\.mjs$/, ".cjs")
  const name = target.slice(target.lastIndexOf("/") + 1)
  // A chunk that only hands on what is in others has nothing to map.
  const isMapped = JSON.parse(map).sources.some((source) => !source.includes("node_modules/"))
  writeFileSync(target, isMapped ? `${text}//# sourceMappingURL=${name}.map\n` : text)
  if (isMapped) writeFileSync(`${target}.map`, withoutOthers(composed))
  for (const old of [path, `${path}.map`]) rmSync(old)
}

/** The map without the libraries, of which esbuild tells the one same place for each word. */
function withoutOthers(text) {
  const map = JSON.parse(text)
  const isOurs = ([, source]) => source !== undefined && !/(?:^|\/)node_modules\//.test(map.sources[source])
  const lines = decode(map.mappings).map((segments) => {
    const kept = []
    for (const segment of segments) {
      const next = isOurs(segment) ? segment : [segment[0]]
      if (kept.length === 0 || kept.at(-1).length > 1 || next.length > 1) kept.push(next)
    }
    return kept
  })
  return JSON.stringify({ ...map, mappings: encode(lines) })
}
