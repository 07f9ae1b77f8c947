/** Manifests for tests, and what loading them says. */
import { type Loaded, loadText } from "../../src/manifest/load.ts"
import type { Diagnostic } from "../../src/model/diagnostic.ts"

export const STACK = `apiVersion: cvmimg/v1
kind: Stack
metadata: { name: golden }
spec:
  accounts:
    default: { vars: { appid: "1250000000" } }
  defaults:
    regions: [ap-singapore]
`

export const URL = "https://golden-{region}-{var.appid}.cos.{region}.myqcloud.com/a.qcow2"

/** An Image: `spec` is added to a good one, `head` takes the place of its metadata. */
export function image(spec = "", head = "{ name: base }"): string {
  return `apiVersion: cvmimg/v1
kind: Image
metadata: ${head}
spec:
  source: { url: "${URL}" }
  os: { type: Ubuntu, version: "22" }
${spec}`
}

/** Only what is named: for specs that replace the good parts. */
export function bare(spec: string): string {
  return `apiVersion: cvmimg/v1\nkind: Image\nmetadata: { name: base }\nspec:\n${spec}`
}

/** Loads texts: the stack, and further files named `1.yaml`, `2.yaml`, ... */
export function load(stack: string, ...files: readonly string[]): Loaded {
  return loadText([
    { path: "cvmimg.yaml", text: stack, named: true },
    ...files.map((text, i) => ({ path: `${i + 1}.yaml`, text })),
  ])
}

/** `file:line:column severity code`. */
export function told(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map((d) => `${d.file}:${d.line}:${d.column} ${d.severity} ${d.code}`)
}
