import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll } from "vitest"

const made: string[] = []

afterAll(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true })
})

/** An empty directory that is removed after the tests of the file. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "cvmimg-emulator-"))
  made.push(directory)
  return directory
}

/** A directory of objects with the given files, by `<bucket-appid>/<key>`. */
export function objectsDirectory(files: Record<string, Buffer | string> = {}): string {
  const directory = temporaryDirectory()
  for (const [name, bytes] of Object.entries(files)) put(directory, name, bytes)
  return directory
}

export function put(directory: string, name: string, bytes: Buffer | string): void {
  const path = join(directory, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
}
