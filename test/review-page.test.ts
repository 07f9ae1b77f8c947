/** docs/review.md: its example is run, and its table of risks is the model's. */
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, test } from "vitest"
import { RISK_LEVELS, RISKS } from "../src/model/review.ts"
import { repository } from "./git/repository.ts"
import { secretsIn } from "./support/canary.ts"

const root = join(import.meta.dirname, "..")
const page = readFileSync(join(root, "docs/review.md"), "utf8")

/** Files of the page by their first line: `# main: cvmimg.yaml`. */
function files(side: string): Record<string, string> {
  const blocks = page.matchAll(/```yaml\n# ([a-z ]+): (\S+)\n([\s\S]*?)```/g)
  return Object.fromEntries(
    [...blocks].flatMap(([, which, path = "", text = ""]) => (which === side ? [[path, text]] : [])),
  )
}

const steady = (text: string): string => text.replace(/\b[0-9a-f]{12}\b/g, "············").trimEnd()

test("the example shows what is printed", async () => {
  const repo = repository(files("main"))
  repo.git(["checkout", "-q", "-b", "pr"])
  repo.write(files("pull request"))
  repo.commit()
  const command = ["dist/bin/cvmimg.cjs", "review", "--base", "main"]
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(root, command[0] ?? ""), ...command.slice(1)],
    {
      cwd: repo.path,
    },
  )
  expect(secretsIn(stdout)).toEqual([])
  const shown = /```console\n\$ cvmimg review --base main\n([\s\S]*?)```/.exec(page)?.[1] ?? ""
  expect(steady(shown)).toBe(steady(stdout))
})

test("the table of risks is the model's", () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| (\w+) \| (.*) \|$/gm)].map(([, code, level, text]) => [
    code,
    level,
    text,
  ])
  const expected = Object.entries(RISKS)
    .map(([code, { level, text }]) => [code, level, text])
    .sort((a, b) => rank(b[1]) - rank(a[1]))
  expect(rows).toEqual(expected)
})

function rank(level: string | undefined): number {
  return (RISK_LEVELS as readonly (string | undefined)[]).indexOf(level)
}
