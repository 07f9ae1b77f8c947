// The one issue about drift, by the built binary against a local API of GitHub; the pipelines' tests run it on both hosts.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { type GithubApi, githubApi, REPOSITORY } from "../pipeline/github-api.ts"
import { cvmimg, folder } from "./binary.ts"

const REPORT = {
  formatVersion: 1,
  stack: "golden",
  stackId: "0123abcd",
  failOn: ["drifted", "failed"],
  placements: [{ verdict: "drifted" }, { verdict: "in_sync" }, { verdict: "pending" }],
}
const QUIET = { ...REPORT, placements: [{ verdict: "in_sync" }] }
const MARK = "<!-- cvmimg:drift 0123abcd -->"

/** A folder with a report, and the command run in it. */
async function scene(rights: Record<string, string> = { issues: "write" }) {
  const api: GithubApi = await githubApi()
  onTestFinished(() => api.close())
  const token = api.tokenFor(rights)
  const cwd = folder()
  return {
    api,
    token,
    async run(
      report: unknown,
      body = "## Drift\n",
      more: string[] = [],
      env: Record<string, string | undefined> = {},
    ) {
      writeFileSync(join(cwd, "drift.json"), typeof report === "string" ? report : JSON.stringify(report))
      writeFileSync(join(cwd, "drift.md"), body)
      const ended = await cvmimg(["issue", "--drift", "drift.json", "--body", "drift.md", ...more], {
        cwd,
        env: { GITHUB_REPOSITORY: REPOSITORY, GITHUB_API_URL: api.url, GITHUB_TOKEN: token, ...env },
      })
      expect(ended.stdout + ended.stderr).not.toContain(token)
      return ended
    },
  }
}

test("is opened, left as it is, updated, and closed", async () => {
  const { api, run } = await scene()
  expect(await run(QUIET)).toMatchObject({ code: 0, stdout: "Nothing drifted, and no issue is open.\n" })
  expect(api.issues).toEqual([])
  expect((await run(REPORT)).stdout).toMatch(/^Opened #50: https:/)
  expect(api.issues[0]).toMatchObject({ title: "Drift of golden: 1 placement", labels: ["cvmimg-drift"] })
  expect(api.issues[0]?.body).toBe(`## Drift\n\n${MARK}\n`)
  expect((await run(REPORT)).stdout).toMatch(/^Left #50 as it is/)
  expect((await run(REPORT, "## Drift, other\n")).stdout).toMatch(/^Updated #50/)
  expect(api.issues[0]?.body).toContain("other")
  expect((await run(QUIET)).stdout).toMatch(/^Closed #50/)
  expect(api.issues).toMatchObject([{ state: "closed" }])
  expect(api.comments.at(-1)?.body).toContain("Nothing drifted any more.")
  // A later drift is another issue.
  expect((await run(REPORT)).stdout).toMatch(/^Opened #51/)
})

test("is told from those of other stacks and of strangers, and doubles become one", async () => {
  const { api, run } = await scene()
  const issue = (number: number, body: string, labels: string[]) =>
    api.issues.push({ number, title: "t", body, state: "open", labels })
  issue(1, MARK, [])
  issue(2, "<!-- cvmimg:drift ffffffff -->", ["cvmimg-drift"])
  issue(3, MARK, ["cvmimg-drift"])
  issue(4, MARK, ["cvmimg-drift"])
  expect((await run(REPORT)).stdout).toMatch(/^Updated #3/)
  expect(api.issues.map(({ number, state }) => `${number} ${state}`)).toEqual([
    "1 open",
    "2 open",
    "3 open",
    "4 closed",
  ])
  expect(api.comments).toMatchObject([{ issue: 4, body: "Goes on in #3." }])
})

test("fits what the host takes: details go first, then rows, and it says so", async () => {
  const { api, run } = await scene()
  const rows = "| row |\n".repeat(100)
  await run(REPORT, `${rows}\n### Details\n${"x".repeat(70_000)}\n`)
  expect(api.issues[0]?.body).toContain(rows)
  expect(api.issues[0]?.body).not.toContain("xxx")
  expect(api.issues[0]?.body).toContain("The rest does not fit here")
  await run(REPORT, "| a longer row |\n".repeat(10_000))
  const { body = "" } = api.issues[0] ?? {}
  expect(body.length).toBeLessThanOrEqual(65_536)
  expect(body).toContain("| a longer row |\n\nThe rest does not fit here")
  expect(body).toContain(MARK)
})

test("is printed by --dry-run, which asks nobody", async () => {
  const { api, run } = await scene()
  const dry = await run(REPORT, "## Drift\n", ["--dry-run"], { GITHUB_TOKEN: undefined })
  expect(dry).toMatchObject({ code: 0, stdout: "Drift of golden: 1 placement\n\n## Drift\n" })
  expect(api.issues).toEqual([])
})

test("says what is missing or wrong", async () => {
  const { run } = await scene({ issues: "read" })
  expect(await run(REPORT)).toMatchObject({
    code: 1,
    stderr:
      "cvmimg: GitHub answered 403 to POST issues: the token may not do that; it needs issues: write in the job's permissions\n",
  })
  expect(await run(REPORT, "", [], { GITHUB_TOKEN: "ghp_wrongwrongwrong" })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("GitHub answered 401 to GET issues"),
  })
  expect(await run(REPORT, "", [], { GITHUB_TOKEN: undefined })).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("GITHUB_TOKEN is not set"),
  })
  expect(await run(REPORT, "", [], { GITHUB_REPOSITORY: undefined })).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("this is no pipeline of GitHub or GitLab"),
  })
  expect(await run(REPORT, "", [], { GITHUB_API_URL: "http://127.0.0.1:9" })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("GitHub did not answer to GET issues"),
  })
  for (const wrong of ["", "{", "null", "[]", { ...REPORT, stackId: "-->" }, { ...REPORT, placements: 1 }]) {
    expect(await run(wrong), JSON.stringify(wrong)).toMatchObject({
      code: 1,
      stderr: "cvmimg: drift.json is no report of cvmimg drift -o json=FILE\n",
    })
  }
})

test("counts what the report of a real run has", () => {
  const schema = JSON.parse(
    readFileSync(join(import.meta.dirname, "../../schemas/drift.schema.json"), "utf8"),
  )
  for (const key of Object.keys(REPORT)) expect(schema.required).toContain(key)
})
