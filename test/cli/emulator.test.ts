// The emulator as a command: what it prints leads a shell to it, and a restart goes on where it ended.
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { describe, expect, test } from "vitest"
import { cleanEnv, cvmimg, folder, image, type Running, stackOf, start } from "./binary.ts"

async function emulator(...args: readonly string[]) {
  const run = start(["emulator", ...args])
  await run.until(/CVMIMG_COS_ENDPOINT=.*\n/)
  const [, url = ""] = await run.until(/ at (http:\S+)\n/)
  const [printed = ""] = await run.until(/[\s\S]+/)
  const env = Object.fromEntries(
    [...printed.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
  )
  return { run, url, env, printed }
}

async function stop(run: Running, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  run.child.kill(signal)
  expect(await run.ended).toMatchObject({ code: 0, signal: null, stderr: "" })
}

describe("cvmimg emulator", () => {
  test("prints its address and the variables, one a line, as a shell reads them", async () => {
    const { run, url, printed } = await emulator("--port", "0")
    const lines = printed.trimEnd().split("\n")
    expect(lines).toEqual([
      `# cvmimg emulator (intl) at ${url}`,
      `export CVMIMG_ENDPOINT=${url}`,
      expect.stringMatching(/^export TENCENTCLOUD_SECRET_ID=AKID\w+$/),
      expect.stringMatching(/^export TENCENTCLOUD_SECRET_KEY=\S+$/),
      `export CVMIMG_COS_ENDPOINT=${url}/cos`,
    ])
    const script = `set -eu\n${printed}\nprintf %s "$CVMIMG_ENDPOINT"`
    const { stdout } = await promisify(execFile)("sh", ["-c", script], { env: cleanEnv() })
    expect(stdout).toBe(url)
    await stop(run)
  })

  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s ends it with 0, also with a client connected",
    async (signal) => {
      const { run, url } = await emulator()
      const reply = await fetch(`${url}/_emulator/world`)
      expect(reply.status).toBe(200)
      const began = performance.now()
      await stop(run, signal)
      // The client would keep its connection for as long as this test.
      expect(performance.now() - began).toBeLessThan(60_000)
    },
  )

  test("--port 0 picks free ones; a port that is taken is an error", async () => {
    const [a, b] = [await emulator("--port", "0"), await emulator("--port", "0")]
    expect(a.url).not.toBe(b.url)
    const { port } = new URL(a.url)
    const taken = await cvmimg(["emulator", "--port", port])
    expect(taken).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("EADDRINUSE") })
    expect(taken.stderr).not.toContain("internal error")
    await Promise.all([stop(a.run), stop(b.run)])
  })

  test("--state: the world goes on after a restart", async () => {
    const state = join(folder(), "world.json")
    const cwd = stackOf(image("web"))
    const first = await emulator("--state", state, "--speed", "600")
    expect(await cvmimg(["apply", "--yes"], { cwd, env: first.env })).toMatchObject({ code: 0 })
    await stop(first.run)
    expect(JSON.parse(readFileSync(state, "utf8"))).toBeTypeOf("object")
    const second = await emulator("--state", state, "--speed", "600")
    const again = await cvmimg(["plan", "--detailed-exitcode"], { cwd, env: second.env })
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("1 unchanged") })
    await stop(second.run)
  })

  test("--state: an import under way goes on, even if it is killed", async () => {
    const state = join(folder(), "world.json")
    const cwd = stackOf(image("web"))
    const first = await emulator("--state", state)
    const apply = start(["apply", "--yes"], { cwd, env: first.env })
    await apply.until(/IMPORTING/)
    apply.child.kill("SIGKILL")
    first.run.child.kill("SIGKILL")
    await Promise.all([apply.ended, first.run.ended])
    const second = await emulator("--state", state, "--speed", "600")
    const again = await cvmimg(["apply", "--yes"], { cwd, env: second.env })
    expect(again.code).toBe(0)
    expect(again.stdout).toMatch(/1 done|1 unchanged/)
    const { images } = (await (await fetch(`${second.url}/_emulator/world`)).json()) as { images: object[] }
    expect(images).toHaveLength(1)
    await stop(second.run)
  })

  test("--state: a file that is none of its own is an error, and stays as it is", async () => {
    const cwd = folder({ "world.json": "precious" })
    const end = await cvmimg(["emulator", "--state", "world.json"], { cwd })
    expect(end).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("world.json") })
    expect(end.stderr).not.toContain("internal error")
    expect(readFileSync(join(cwd, "world.json"), "utf8")).toBe("precious")
  })

  test("--site cn", async () => {
    const { run, printed } = await emulator("--site", "cn")
    expect(printed).toContain("(cn)")
    await stop(run)
  })
})
