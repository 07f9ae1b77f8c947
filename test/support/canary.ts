/**
 * The search for secrets in what the tool prints and writes. Every run in the tests is given the canary's key, or one of
 * the test's own; its bytes are looked for in every form in which they could be written, and so is every signature that
 * is still a whole one.
 */
import { type Dirent, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { expect } from "vitest"

/** The key that every run is given. It must not come out anywhere. */
export const CANARY = {
  secretId: "AKIDcanarycanarycanary",
  secretKey: "kEyOfTheCanaryThatMustNotBeSeen01",
} as const

/** A signature of COS with its name before it, however its URL was quoted, and one of the API. */
const SIGNATURES = [
  /q-signature(?:=|%3D|%253D|\\u003d)[0-9a-f]{40}/i,
  /HMAC-SHA256[^\n]{0,300}Signature=[0-9a-f]{64}/,
]

/** The ways in which a text could have been written. */
export function forms(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const aligned = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .replace(/=+$/, "")
    // The ends depend on what stands beside it.
    return text.slice(Math.ceil((shift * 4) / 3), -2)
  })
  const all = [
    secret,
    encodeURIComponent(secret),
    encodeURI(secret),
    encodeURIComponent(encodeURIComponent(secret)),
    encodeURIComponent(secret).toLowerCase(),
    new URLSearchParams({ s: secret }).toString().slice(2),
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    secret.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;"),
    bytes.toString("hex"),
    bytes.toString("utf16le"),
    ...aligned,
    ...aligned.map((text) => text.replace(/\+/g, "-").replace(/\//g, "_")),
  ]
  return [...new Set(all)].filter((text) => text.length >= 12)
}

/** By secret: the same few are looked for in thousands of texts. */
const known = new Map<string, readonly string[]>()

function formsOf(secret: string): readonly string[] {
  const made = known.get(secret) ?? forms(secret)
  known.set(secret, made)
  return made
}

/** The forms of the secrets that the text holds. */
export function found(text: string, secrets: readonly string[]): string[] {
  return secrets.flatMap(formsOf).filter((form) => text.includes(form))
}

/** The keys, and which signatures, the text holds. `keys`: those that the run was given beside the canary's. */
export function secretsIn(text: string, keys: readonly string[] = []): string[] {
  const signatures = SIGNATURES.flatMap((form) => form.exec(text)?.[0] ?? [])
  return [...found(text, [CANARY.secretKey, ...keys]), ...signatures]
}

/** Files that tests filled with secrets for the tool to read. */
const secretFiles = new Set<string>()

/** Writes a file that holds secrets, such as credentials: the only kind of file that may. */
export function writeSecret(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { mode: 0o600 })
  secretFiles.add(path)
}

/** Holds every file below the folder to the same, whoever wrote it, but for those of `writeSecret`. */
export function expectNoSecretBelow(folder: string, keys: readonly string[] = []): void {
  for (const entry of entriesBelow(folder)) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || secretFiles.has(path)) continue
    const text = readable(path)
    if (text !== undefined) expect({ path, found: secretsIn(text, keys) }).toEqual({ path, found: [] })
  }
}

function entriesBelow(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
  } catch {
    // Gone, or made unreadable by the test.
    return []
  }
}

function readable(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1")
  } catch {
    return undefined
  }
}
