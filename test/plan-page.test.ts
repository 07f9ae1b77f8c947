/** docs/plan.md: its example is run, and its tables are the model's. */
import { execFile } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { expect, onTestFinished, test } from "vitest"
import { startEmulator } from "../src/emulator/index.ts"
import { REASONS } from "../src/model/plan.ts"
import { secretsIn } from "./support/canary.ts"

const root = join(import.meta.dirname, "..")
const page = readFileSync(join(root, "docs/plan.md"), "utf8")

type Step =
  | { readonly file: string; readonly text: string }
  | { readonly command: string; readonly output: string }

/** Files to write and commands to run, in the order of the page. */
const steps: Step[] = [...page.matchAll(/```(yaml|console)\n([\s\S]*?)```/g)].flatMap(
  ([, kind, block = ""]): Step[] =>
    kind === "yaml"
      ? [{ file: /^# (\S+)\n/.exec(block)?.[1] ?? "", text: block }]
      : block
          .split(/^\$ /m)
          .slice(1)
          .map((part) => {
            const [command = "", ...output] = part.split("\n")
            return { command, output: output.join("\n") }
          }),
)

/** What differs from run to run, by shape. */
function steady(text: string): string {
  return text
    .replace(/img-[0-9a-z]{8}/g, "img-········")
    .replace(/snap-[0-9a-z]{8}/g, "snap-········")
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "request-id")
    .replace(/^(Stack .* plan )[0-9a-f]{12}/gm, "$1············")
    .replace(/ +\d+\.\d+s$/gm, " duration")
    .trimEnd()
}

test("the example shows what is printed", async () => {
  const emulator = await startEmulator({
    publicImages: false,
    behaviour: { importMs: 200, importMsPerGiB: 0, visibilityDelayMs: 0, tagDelayMs: 0 },
  })
  const home = mkdtempSync(join(tmpdir(), "cvmimg-page-"))
  onTestFinished(async () => {
    await emulator.close()
    rmSync(home, { recursive: true, force: true })
  })
  const binary = join(home, "bin", "cvmimg")
  const stack = join(home, "stack")
  for (const folder of [dirname(binary), stack]) mkdirSync(folder)
  writeFileSync(binary, `#!/bin/sh\nexec "${process.execPath}" "${join(root, "dist/bin/cvmimg.cjs")}" "$@"\n`)
  chmodSync(binary, 0o755)
  const env = {
    ...emulator.env,
    PATH: `${dirname(binary)}:${process.env.PATH ?? ""}`,
    HOME: home,
    NO_COLOR: "1",
  }
  expect(steps.length).toBeGreaterThan(10)
  for (const step of steps) {
    if ("file" in step) {
      writeFileSync(join(stack, step.file), step.text)
      continue
    }
    const { command, output } = step
    const run = await promisify(execFile)("bash", ["-c", command], { cwd: stack, env })
    expect(steady(run.stdout), command).toBe(steady(output))
    expect(secretsIn(run.stdout + run.stderr, [emulator.env.TENCENTCLOUD_SECRET_KEY ?? ""])).toEqual([])
  }
})

test("every reason of the model is in the table, with its sentence", () => {
  const rows = [...page.matchAll(/^\| `([a-z_]+)` \| ([^|]+) \|$/gm)].map(([, code, text]) => [code, text])
  expect(rows).toEqual(Object.entries(REASONS))
})

test("every page that it links to exists", () => {
  for (const [, target = ""] of page.matchAll(/\]\(([^)#]+)\)/g)) {
    expect(existsSync(join(root, "docs", target)), target).toBe(true)
  }
})
