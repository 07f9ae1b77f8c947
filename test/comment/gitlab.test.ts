// Comments on GitLab: the binary with the real client against a strict server of its API.
import { describe, expect, test } from "vitest"
import { aKeep, anImport, aReplace } from "../report/build.ts"
import { MY_ID } from "./gitlab-server.ts"
import { onGitlab, planOf, SHA_1, SHA_2 } from "./scene.ts"

const web = anImport({ image: "web", digest: "aaaaaaaaaaaaaaaa" })
const db = aReplace({ image: "db", digest: "cccccccccccccccc" })
const LATER = "2026-11-24T11:00:00.000Z"
const notes = /\/notes$/

describe("one note", () => {
  test("is created, left alone, updated and emptied", async () => {
    const s = await onGitlab()
    s.plan(planOf([web]))
    const first = await s.run()
    expect(first.stderr).toBe("")
    expect(first.stdout).toBe(
      "Comment on 42!5: created.\n  https://gitlab.example/golden/images/-/merge_requests/5#note_500\n",
    )
    expect(s.host.notes[0]?.body).toContain(`Commit ${SHA_1}.`)
    expect((await s.run()).stdout).toContain("unchanged")
    expect(s.host.asked.filter(({ method }) => method === "PUT")).toHaveLength(0)
    s.plan(planOf([db]), SHA_2, LATER)
    expect((await s.run()).stdout).toContain("updated")
    expect(s.host.notes[0]?.body).toContain("- not any more: `web`, import in ap-singapore")
    s.plan(planOf([aKeep()]), SHA_2, "2026-11-24T12:00:00.000Z")
    expect((await s.run()).stdout).toContain("updated")
    expect(s.host.notes).toHaveLength(1)
    expect(s.host.notes[0]?.body).not.toContain("| `db`")
  })

  test("is found on any page, and is ours; several become one", async () => {
    const s = await onGitlab()
    s.plan(planOf([web]))
    await s.run("--repo", "golden/images")
    const { body = "" } = s.host.notes[0] ?? {}
    s.host.notes.length = 0
    for (let i = 0; i < 230; i++) s.host.add(1, `note ${i}`)
    const foreign = s.host.add(1, body)
    const system = s.host.add(MY_ID, body, true)
    const a = s.host.add(MY_ID, body)
    const b = s.host.add(MY_ID, body)
    s.plan(planOf([db]), SHA_2, LATER)
    expect((await s.run()).stdout).toContain("1 earlier comment folded")
    expect([foreign.body, system.body]).toEqual([body, body])
    expect(b.body).toContain("`db`")
    expect(a.body).toContain(
      `Superseded by [another comment](https://gitlab.example/golden/images/-/merge_requests/5#note_${b.id}).`,
    )
    const ends = await Promise.all([s.run("--label"), s.run("--label")])
    expect(ends.map(({ code }) => code)).toEqual([0, 0])
    expect([...s.host.labels]).toEqual(["cvmimg/replaces"])
  })

  test("is one after runs at the same time", async () => {
    const s = await onGitlab()
    s.plan(planOf([web]))
    const ends = await Promise.all([s.run(), s.run(), s.run()])
    expect(ends.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ""],
      [0, ""],
      [0, ""],
    ])
    expect(s.host.notes.filter(({ body }) => body.startsWith("<!-- cvmimg:comment"))).toHaveLength(1)
  })

  test("labels follow the plan", async () => {
    const s = await onGitlab()
    s.host.labels.add("theirs")
    s.plan(planOf([web]))
    await s.run("--label")
    s.plan(planOf([aKeep()]), SHA_2, LATER)
    const end = await s.run("--label")
    expect(end.stdout).toContain("  + cvmimg/no-changes\n  - cvmimg/imports\n")
    expect([...s.host.labels]).toEqual(["theirs", "cvmimg/no-changes"])
  })
})

describe("what goes wrong", () => {
  test("a lost reply makes no second note; 5xx and 429 pass", async () => {
    const s = await onGitlab()
    s.host.faults.push(
      { method: "GET", path: notes, answer: { status: 500, body: { message: "500" } } },
      {
        method: "GET",
        path: notes,
        answer: { status: 429, headers: { "retry-after": "1" }, body: "Retry later" },
      },
      { method: "POST", path: notes, answer: "lost" },
    )
    s.plan(planOf([web]))
    const end = await s.run()
    expect([end.code, end.stderr]).toEqual([0, ""])
    expect(s.host.notes).toHaveLength(1)
    expect(s.host.faults.every(({ times }) => times === 0)).toBe(true)
  })

  test("rights, a hidden project, a note that is too long, a page instead of the API", async () => {
    const s = await onGitlab()
    s.plan(planOf([web]))
    s.host.rights.write = false
    expect((await s.run()).stderr).toContain("comment_forbidden: the token may not do this: 403 Forbidden")
    s.host.rights.write = true
    expect(await s.run("--repo", "43")).toMatchObject({ code: 1, stdout: "" })
    expect((await s.run("--repo", "43")).stderr).toContain("comment_not_found")
    s.host.rights.limit = 100
    expect((await s.run()).stderr).toContain("comment_too_long")
    const page = /merge_requests\/5$/
    s.host.faults.push({ method: "GET", path: page, answer: { status: 200, body: "<h1>Sign in</h1>" } })
    s.host.rights.limit = 1_000_000
    const end = await s.run()
    expect([end.code, end.stderr]).toEqual([1, expect.stringContaining("comment_unreachable")])
    expect(s.host.notes).toHaveLength(0)
  })

  test.each([
    [{ GITLAB_TOKEN: "" }, "no token: GITLAB_TOKEN is not set; CI_JOB_TOKEN cannot write comments"],
    [{ CI_MERGE_REQUEST_IID: "" }, "the merge request is not known"],
    [{ CI_API_V4_URL: "https://gitlab.example/" }, "--api-url of GitLab ends with /api/v4"],
    [{ GITLAB_TOKEN: "a b" }, "holds what is no token"],
  ])("%j is wrong usage", async (env, message) => {
    const s = await onGitlab()
    s.plan(planOf([web]))
    Object.assign(s.env, env)
    const end = await s.run()
    expect([end.code, end.stdout]).toEqual([64, ""])
    expect(end.stderr).toContain(message)
    expect(s.host.asked).toHaveLength(0)
  })

  test("--token-env names another variable", async () => {
    const s = await onGitlab()
    s.plan(planOf([web]))
    s.env.BOT = s.env.GITLAB_TOKEN ?? ""
    s.env.GITLAB_TOKEN = "another"
    expect((await s.run("--token-env", "BOT")).code).toBe(0)
  })
})
