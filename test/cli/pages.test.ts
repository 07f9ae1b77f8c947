// What the pages of export and doctor show is what is printed.
import { execFile } from "node:child_process"
import { chmodSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { EXAMINATIONS } from "../../src/model/doctor.ts"
import { LEFT_OUT } from "../../src/model/export.ts"
import { BINARY, cleanEnv, expectClean, folder, image, KEYS, stackOf, world } from "./binary.ts"

const root = join(import.meta.dirname, "../..")

interface Shown {
  readonly command: string
  readonly output: string
}

function shownOn(page: string): Shown[] {
  const text = readFileSync(join(root, "docs", page), "utf8")
  return [...text.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part): Shown => {
        const [command = "", ...output] = part.split("\n")
        return { command, output: output.join("\n").trimEnd() }
      }),
  )
}

/** Runs a line in a shell that knows `cvmimg`. */
function shell(env: Record<string, string>, cwd: string): (command: string) => Promise<string> {
  const bin = folder()
  const binary = join(bin, "cvmimg")
  writeFileSync(binary, `#!/bin/sh\nexec "${process.execPath}" "${BINARY}" "$@"\n`)
  chmodSync(binary, 0o755)
  const PATH = `${bin}:${env.PATH ?? ""}`
  return (command) =>
    new Promise((resolve) => {
      execFile("bash", ["-c", `${command} 2>&1`], { cwd, env: { ...env, PATH } }, (_, stdout) => {
        expectClean(stdout)
        resolve(stdout.trimEnd())
      })
    })
}

test("export.md", async () => {
  const made = { createdAt: Date.UTC(2026, 0, 1), osName: "Ubuntu Server 22.04 LTS 64bit" }
  const base = { ...made, name: "ubuntu-22.04-base", family: "ubuntu-22.04", tags: { app: "base" } }
  const emulator = await world({
    images: [
      { ...base, region: "ap-singapore", id: "img-00000001", description: "Ubuntu 22.04 LTS, hardened" },
      { ...base, region: "eu-frankfurt", id: "img-00000002", description: "Ubuntu 22.04 LTS, hardened" },
      { ...made, name: "debian-12-2026", region: "ap-singapore", id: "img-00000003", family: "debian-12" },
      { ...made, name: "golden image (old)", region: "ap-singapore", id: "img-00000004" },
    ],
  })
  const cwd = folder({
    "cvmimg.yaml": `apiVersion: cvmimg/v1
kind: Stack
metadata: { name: golden }
spec: { defaults: { regions: [ap-singapore, eu-frankfurt] } }
`,
  })
  const run = shell(cleanEnv(emulator.env), cwd)
  const steps = shownOn("export.md")
  expect(steps.length).toBeGreaterThan(2)
  for (const { command, output } of steps) {
    expect(await run(command), command).toBe(output)
  }
  const page = readFileSync(join(root, "docs/export.md"), "utf8")
  const reasons = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, reason]) => reason)
  expect(reasons.sort()).toEqual(Object.keys(LEFT_OUT).sort())
})

test("doctor.md", async () => {
  const emulator = await world({ accounts: [{ uin: "100000000001", ...KEYS, denied: ["cvm:DeleteImages"] }] })
  const run = shell(cleanEnv(emulator.env), stackOf(image("web")))
  const steps = shownOn("doctor.md")
  expect(steps.length).toBeGreaterThan(1)
  for (const { command, output } of steps) expect(steady(await run(command)), command).toBe(steady(output))
  const page = readFileSync(join(root, "docs/doctor.md"), "utf8")
  const checks = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, check]) => check)
  expect(checks).toEqual(Object.keys(EXAMINATIONS))
})

/** What differs from machine to machine and from run to run. */
function steady(text: string): string {
  return text
    .replace(/Node\.js [\d.]+/, "Node.js")
    .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1")
    .replace(/\(\d+ ms\)/g, "(ms)")
}
