// docs/notifications.md: its receiver's code is run, and its tables are held to the sources.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { expect, onTestFinished, test } from "vitest"
import { requestOf } from "../../src/notify/deliver.ts"
import { parseTarget } from "../../src/notify/index.ts"
import { KINDS } from "../../src/notify/target.ts"
import { AT, aNotification } from "./build.ts"

const page = readFileSync(join(import.meta.dirname, "../../docs/notifications.md"), "utf8")

test("the code for receivers takes what is sent, and nothing else", async () => {
  const place = mkdtempSync(join(tmpdir(), "cvmimg-docs-"))
  onTestFinished(() => rmSync(place, { recursive: true, force: true }))
  const file = join(place, "receiver.mjs")
  writeFileSync(file, /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? "")
  const { isGenuine } = (await import(pathToFileURL(file).href)) as {
    isGenuine(header: string | undefined, body: string, secret: string, now: number): boolean
  }
  const url = new URL("https://hooks.example.com/")
  const { headers, body } = requestOf({ kind: "json", id: "x", url, secret: "key" }, aNotification(), AT)
  const header = headers["x-cvmimg-signature"]
  expect(isGenuine(header, body, "key", AT + 1000)).toBe(true)
  expect(isGenuine(header, `${body} `, "key", AT + 1000)).toBe(false)
  expect(isGenuine(header, body, "other", AT + 1000)).toBe(false)
  expect(isGenuine(header, body, "key", AT + 301_000)).toBe(false)
  expect(isGenuine(undefined, body, "key", AT)).toBe(false)
})

test("every kind has its row, and every --notify of the page can be parsed", () => {
  for (const kind of KINDS) expect(page).toContain(`| \`${kind}\``)
  const shown = [...page.matchAll(/--notify ([a-z]+=\S+)/g)].map(([, text = ""]) => text)
  expect(shown.length).toBeGreaterThan(3)
  for (const text of shown) expect(parseTarget(text)).not.toHaveProperty("problem")
})

test("every problem has its row", () => {
  for (const problem of ["busy", "unreachable", "refused", "gone", "unexpected"]) {
    expect(page).toContain(`| \`notify_${problem}\` |`)
  }
})
