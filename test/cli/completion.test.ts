// Completion scripts, run in the shells that are there. What they offer is what --help lists.
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { beforeEach, describe, expect, test } from "vitest"
import { cvmimg, folder } from "./binary.ts"

function has(shell: string): boolean {
  try {
    execFileSync(shell, ["-c", "exit 0"])
    return true
  } catch {
    return false
  }
}

/** The words of the second column of a help text, in the section. */
async function listed(args: readonly string[], section: "Commands" | "Options"): Promise<string[]> {
  const { stdout } = await cvmimg([...args, "--help"])
  const lines = stdout.split(`${section}:\n`)[1]?.split("\n\n")[0]?.split("\n") ?? []
  const names = lines.flatMap((line) => /^ {2}(\S.*?)(?: {2}|$)/.exec(line)?.[1] ?? [])
  return section === "Commands"
    ? names.map((name) => name.split(" ")[0] ?? "").sort()
    : names.flatMap((name) => name.match(/(?<![\w-])--?[a-zA-Z][\w-]*/g) ?? []).sort()
}

test("an unknown shell is wrong usage", async () => {
  const end = await cvmimg(["completion", "tcsh"])
  expect(end).toMatchObject({ code: 64, stdout: "" })
  expect(end.stderr).toContain("bash, zsh, fish")
})

describe.skipIf(!has("bash"))("bash", () => {
  let script = ""
  beforeEach(async () => {
    script = (await cvmimg(["completion", "bash"])).stdout
  })

  /** What is offered for the last word. */
  function offered(words: readonly string[], cwd = folder()): string[] {
    const file = join(folder(), "completion.bash")
    writeFileSync(file, script)
    const run = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cvmimg; printf '%s\\n' "\${COMPREPLY[@]}"`
    const out = execFileSync("bash", ["--norc", "-uec", run, file, "cvmimg", ...words], {
      cwd,
      encoding: "utf8",
    })
    return out
      .split("\n")
      .filter((word) => word !== "")
      .sort()
  }

  test("every command, and every option of each", async () => {
    const commands = await listed([], "Commands")
    expect(commands).toEqual(expect.arrayContaining(["apply", "completion", "plan", "validate"]))
    expect(offered([""])).toEqual(commands)
    expect(offered(["--"])).toEqual((await listed([], "Options")).filter((name) => name.startsWith("--")))
    for (const command of commands.filter((name) => name !== "help")) {
      expect(offered([command, "-"]), command).toEqual(await listed([command], "Options"))
    }
  })

  test("values where the help lists them, and files elsewhere", () => {
    expect(offered(["plan", "-o", "ma"])).toContain("markdown")
    expect(offered(["plan", "--output", ""])).toContain("sarif")
    expect(offered(["completion", ""])).toEqual(["bash", "fish", "zsh"])
    expect(offered(["schema", "pl"])).toEqual(expect.arrayContaining(["plan", "plan-diff"]))
    expect(offered(["emulator", "--site", ""])).toEqual(["cn", "intl"])
    const cwd = folder({ "plan.json": "", "stack/cvmimg.yaml": "" })
    expect(offered(["apply", "--plan", "pl"], cwd)).toEqual(["plan.json"])
    expect(offered(["plan", "st"], cwd)).toEqual(["stack"])
    // As bash splits `-o json=pl`.
    expect(offered(["plan", "-o", "json", "=", "pl"], cwd)).toEqual(["plan.json"])
    expect(offered(["plan", "--detailed-exitcode", "-o", "jun"])).toContain("junit")
  })
})

describe.each(["zsh", "fish"])("%s", (shell) => {
  test.skipIf(!has(shell))("takes its script", async () => {
    const file = join(folder(), "script")
    writeFileSync(file, (await cvmimg(["completion", shell])).stdout)
    execFileSync(shell, ["-n", file])
  })

  test("names every command and every option", async () => {
    const { stdout } = await cvmimg(["completion", shell])
    for (const command of await listed([], "Commands")) expect(stdout).toContain(command)
    for (const option of await listed(["plan"], "Options")) {
      const name = option.replace(/^--?/, "")
      const flag = option.startsWith("--") ? `-l ${name}` : `-s ${name}`
      expect(stdout).toContain(shell === "fish" ? flag : option)
    }
  })
})
