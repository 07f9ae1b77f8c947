// How broken manifests are shown: golden/NAME.in are the files, golden/NAME.txt what is said about them.
// `npx vitest run test/manifest -u` writes the latter anew.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { loadText, type ManifestText } from "../../src/manifest/load.ts"
import { renderDiagnostics } from "../../src/report/diagnostics.ts"

const golden = join(import.meta.dirname, "golden")

function filesOf(name: string): ManifestText[] {
  const parts = readFileSync(join(golden, `${name}.in`), "utf8").split(/^=== (.*)\n/m)
  const files: ManifestText[] = []
  for (let i = 1; i < parts.length; i += 2) files.push({ path: parts[i] ?? "", text: parts[i + 1] ?? "" })
  return files
}

test.each(["first-try", "across"])("%s", async (name) => {
  const { diagnostics, sources } = loadText(filesOf(name))
  const text = renderDiagnostics(diagnostics, sources, { color: false, width: 100 })
  await expect(text).toMatchFileSnapshot(join(golden, `${name}.txt`))
})
