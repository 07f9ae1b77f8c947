// Comments on GitHub: the binary with the real client against a strict server of its API.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, test } from "vitest"
import { aKeep, anImport, anUpdate, aReplace } from "../report/build.ts"
import { ME } from "./github-server.ts"
import { onGithub, planOf, SHA_1, SHA_2, setOf } from "./scene.ts"

const valid = new Ajv2020({ strict: true }).compile(
  JSON.parse(readFileSync(join(import.meta.dirname, "../../schemas/comment.schema.json"), "utf8")),
)

const web = anImport({ image: "web", digest: "aaaaaaaaaaaaaaaa" })
const api = anUpdate({ image: "api", digest: "bbbbbbbbbbbbbbbb" })
const db = aReplace({ image: "db", digest: "cccccccccccccccc" })

describe("one comment", () => {
  test("is created, left alone when nothing changed, and updated in place with what moved", async () => {
    const s = await onGithub()
    s.plan(planOf([web, api]))
    const first = await s.run()
    expect(first.stderr).toBe("")
    expect(first.stdout).toBe(
      "Comment on o/golden#7: created.\n  https://github.example/o/golden/pull/7#issuecomment-1000\n",
    )
    const [comment] = s.host.comments
    expect(comment?.body).toMatch(/^<!-- cvmimg:comment:1 plan [0-9a-f]{8} [A-Za-z0-9+/=]+ -->\n## Plan of `/)
    expect(comment?.body).toContain("| `web` | import |")
    expect(comment?.body).toContain(`Commit ${SHA_1}.`)
    expect(comment?.body).not.toContain("Since")

    expect((await s.run()).stdout).toContain("unchanged")
    expect(s.host.asked.filter(({ method }) => method === "PATCH")).toHaveLength(0)

    s.plan(planOf([{ ...web, digest: "dddddddddddddddd" }, db]), SHA_2, "2026-11-24T11:00:00.000Z")
    expect((await s.run()).stdout).toContain("updated")
    expect(s.host.comments).toHaveLength(1)
    const moved = [
      "### Since the last push, `11111111`",
      "",
      "- new: `db`, replace in ap-singapore",
      "- other than before: `web`, import in ap-singapore",
      "- not any more: `api`, update in ap-singapore",
    ]
    expect(comment?.body).toContain(moved.join("\n"))
    // The same commit again: what moved by its push is still told, and nothing is written.
    expect((await s.run()).stdout).toContain("unchanged")
    s.plan(planOf([{ ...web, digest: "dddddddddddddddd" }, db]), SHA_2, "2026-11-24T11:30:00.000Z")
    await s.run()
    expect(comment?.body).toContain(moved.join("\n"))
    s.plan(planOf([{ ...web, digest: "dddddddddddddddd" }, db]), SHA_1, "2026-11-24T11:45:00.000Z")
    await s.run()
    expect(comment?.body).toContain("Since the last push, `22222222`: nothing moved.")
  })

  test("says that nothing changes any more, and is not made for that", async () => {
    const s = await onGithub()
    s.plan(planOf([aKeep()]))
    const none = await s.run("-o", "json")
    expect(JSON.parse(none.stdout)).toMatchObject({ outcome: "none", folded: 0 })
    expect(valid(JSON.parse(none.stdout)), JSON.stringify(valid.errors)).toBe(true)
    expect(s.host.comments).toHaveLength(0)
    s.plan(planOf([web]))
    await s.run()
    s.plan(planOf([aKeep()]), SHA_2, "2026-11-24T11:00:00.000Z")
    const end = await s.run("-o", "json")
    expect(JSON.parse(end.stdout)).toMatchObject({ outcome: "updated", id: "1000", commit: SHA_2 })
    expect(valid(JSON.parse(end.stdout)), JSON.stringify(valid.errors)).toBe(true)
    expect(s.host.comments[0]?.body).not.toContain("| `web`")
    expect(s.host.comments[0]?.body).toContain("- not any more: `web`, import")
    const other = await onGithub()
    other.plan(planOf([aKeep()]))
    expect((await other.run("--always")).stdout).toContain("created")
  })

  test("is found on any page, by marker, stack and author", async () => {
    const s = await onGithub()
    s.plan(planOf([web]))
    await s.run()
    const forged = s.host.comments[0]?.body ?? ""
    s.host.comments.length = 0
    for (let i = 0; i < 150; i++) s.host.add("somebody", `comment ${i}`)
    const foreign = s.host.add("mallory", forged)
    const quoted = s.host.add(ME, `> ${forged}`)
    const other = s.host.add(ME, forged.replace(/plan [0-9a-f]{8}/, "plan 00000000"))
    expect((await s.run()).stdout).toContain("created")
    for (let i = 0; i < 120; i++) s.host.add("somebody", `later ${i}`)
    s.plan(planOf([db]), SHA_2, "2026-11-24T11:00:00.000Z")
    expect((await s.run()).stdout).toContain("updated")
    expect([foreign.body, other.body]).toEqual([forged, forged.replace(/plan [0-9a-f]{8}/, "plan 00000000")])
    expect(quoted.body).toBe(`> ${forged}`)
    expect(s.host.comments.filter(({ body }) => body.includes("`db`"))).toHaveLength(1)
    const pages = s.host.asked.filter(({ url }) => url.pathname.endsWith("/comments") && url.search !== "")
    expect(pages.every(({ url }) => url.searchParams.get("per_page") === "100")).toBe(true)
  })

  test("of several the newest stays, and the others are folded", async () => {
    const s = await onGithub()
    s.plan(planOf([web]))
    await s.run()
    const { body } = s.host.comments[0] ?? { body: "" }
    s.host.add(ME, body)
    s.host.add(ME, body)
    s.plan(planOf([db]), SHA_2, "2026-11-24T11:00:00.000Z")
    const end = await s.run()
    expect(end.stdout).toContain("2 earlier comments folded")
    const [a, b, c] = s.host.comments
    expect(c?.body).toContain("`db`")
    for (const old of [a, b]) {
      expect(old?.minimized).toBe("OUTDATED")
      expect(old?.body).toContain(
        "Superseded by [another comment](https://github.example/o/golden/pull/7#issuecomment-1002)",
      )
    }
    // They are not found again; without the right to fold, the text has to do.
    expect((await s.run()).stdout).not.toContain("folded")
    s.host.rights.minimize = false
    s.host.add(ME, body)
    expect((await s.run()).code).toBe(0)
    expect(s.host.comments.filter(({ body }) => body.startsWith("<!-- cvmimg:comment"))).toHaveLength(1)
  })

  test("is one after runs at the same time", async () => {
    const s = await onGithub()
    s.plan(planOf([web]))
    const ends = await Promise.all([s.run(), s.run(), s.run()])
    expect(ends.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ""],
      [0, ""],
      [0, ""],
    ])
    expect(s.host.comments.length).toBeGreaterThan(0)
    expect(s.host.comments.filter(({ body }) => body.startsWith("<!-- cvmimg:comment"))).toHaveLength(1)
  })

  test("a run that is late does not write over a newer one", async () => {
    const s = await onGithub()
    s.plan(planOf([web]), SHA_2, "2026-11-24T11:00:00.000Z")
    await s.run()
    s.plan(planOf([db]), SHA_1, "2026-11-24T10:00:00.000Z")
    const end = await s.run()
    expect([end.code, end.stdout]).toEqual([0, expect.stringContaining("left alone: it shows a newer run")])
    expect(s.host.comments[0]?.body).toContain("`web`")
  })

  test("is of the job's own account where that cannot be asked for", async () => {
    const s = await onGithub()
    Object.assign(s.host.rights, { graphql: false, user: false })
    s.plan(planOf([web]))
    await s.run()
    const { body = "" } = s.host.comments[0] ?? {}
    s.host.comments.length = 0
    const foreign = s.host.add("mallory", body)
    const mine = s.host.add("github-actions[bot]", body)
    s.plan(planOf([db]), SHA_2, "2026-11-24T11:00:00.000Z")
    expect((await s.run()).stdout).toContain("updated")
    expect(foreign.body).toBe(body)
    expect(mine.body).toContain("`db`")
    s.host.rights.user = true
    const own = s.host.add(ME, body)
    s.plan(planOf([api]), SHA_1, "2026-11-24T12:00:00.000Z")
    await s.run()
    expect(own.body).toContain("`api`")
  })

  test("GitHub Enterprise has its API below /api/v3, and GraphQL beside it", async () => {
    const s = await onGithub("/api/v3")
    s.plan(planOf([web]))
    await s.run()
    s.plan(planOf([db]), SHA_2, "2026-11-24T11:00:00.000Z")
    expect((await s.run()).stdout).toContain("updated")
    expect(s.host.asked.some(({ url }) => url.pathname === "/api/graphql")).toBe(true)
  })

  test("--previous tells what moved since that plan", async () => {
    const s = await onGithub()
    writeFileSync(join(s.cwd, "before.json"), setOf(planOf([web])))
    s.plan(planOf([web, db]))
    await s.run("--previous", "before.json")
    expect(s.host.comments[0]?.body).toContain(
      "### Since the last run\n\n- new: `db`, replace in ap-singapore",
    )
  })
})

describe("labels", () => {
  test("are made, given, and taken off when they are true of no stack any more", async () => {
    const s = await onGithub()
    s.host.labels.add("theirs")
    s.host.labels.add("cvmimg/theirs")
    s.plan(planOf([web, db]))
    expect((await s.run("--label")).stdout).toContain("  + cvmimg/imports\n  + cvmimg/replaces\n")
    expect(s.host.repoLabels.get("cvmimg/replaces")).toEqual({
      color: "d93f0b",
      description: "Images are replaced",
    })
    s.plan(planOf([api], { stack: "other", stackId: "00000001" }))
    await s.run("--label")
    s.plan(planOf([aKeep()]), SHA_2, "2026-11-24T11:00:00.000Z")
    await s.run("--label")
    expect([...s.host.labels]).toEqual(["theirs", "cvmimg/theirs", "cvmimg/updates"])
    s.host.rights.createLabels = false
    s.plan(planOf([aKeep()], { stack: "other", stackId: "00000001" }), SHA_2, "2026-11-24T11:00:00.000Z")
    expect((await s.run("--label")).code).toBe(0)
    expect([...s.host.labels]).toEqual(["theirs", "cvmimg/theirs", "cvmimg/no-changes"])
  })
})

describe("what goes wrong", () => {
  const comments = /\/issues\/7\/comments$/

  test("a reply that is lost makes no second comment", async () => {
    const s = await onGithub()
    s.host.faults.push({ method: "POST", path: comments, answer: "lost" })
    s.plan(planOf([web]))
    const end = await s.run()
    expect([end.code, end.stderr]).toEqual([0, ""])
    expect(s.host.comments).toHaveLength(1)
  })

  test("5xx and rate limits pass", async () => {
    const s = await onGithub()
    s.host.faults.push(
      { method: "GET", path: comments, answer: { status: 502, body: "<html>bad gateway</html>" } },
      { method: "GET", path: comments, answer: "hang up" },
      {
        method: "POST",
        path: comments,
        answer: {
          status: 403,
          headers: { "retry-after": "1" },
          body: { message: "You have exceeded a secondary rate limit." },
        },
      },
      { method: "POST", path: comments, answer: { status: 503, body: { message: "unavailable" } } },
    )
    s.plan(planOf([web]))
    const end = await s.run()
    expect([end.code, end.stderr]).toEqual([0, ""])
    expect(s.host.comments).toHaveLength(1)
    expect(s.host.faults.every(({ times }) => times === 0)).toBe(true)
  })

  test.each([
    ["the token is refused", { GITHUB_TOKEN: "ghs_other" }, [], "comment_unauthorized", "expired, revoked"],
    [
      "a hidden repository",
      { GITHUB_REPOSITORY: "o/hidden" },
      [],
      "comment_not_found",
      "pull-requests: write",
    ],
    ["another request", {}, ["--pr", "8"], "comment_not_found", "--repo, --pr"],
  ])("%s", async (_, env, args, code, advice) => {
    const s = await onGithub()
    s.plan(planOf([web]))
    Object.assign(s.env, env)
    const end = await s.run(...args)
    expect([end.code, end.stdout]).toEqual([1, ""])
    expect(end.stderr).toContain(`cvmimg: ${code}: `)
    expect(end.stderr).toContain(advice)
    expect(end.stderr).not.toContain("ghs_other")
  })

  test("a token that only reads, a comment that is too long, a redirect, a host that repeats the token", async () => {
    const s = await onGithub()
    s.plan(planOf([web]))
    s.host.rights.write = false
    const forbidden = await s.run()
    expect([forbidden.code, forbidden.stdout]).toEqual([1, ""])
    expect(forbidden.stderr).toContain(
      "comment_forbidden: the token may not do this: 403 Resource not accessible",
    )
    expect(forbidden.stderr).toContain("pull requests from forks")
    s.host.rights.write = true
    const once = (answer: object): void => {
      s.host.faults.push({ method: "POST", path: comments, answer: answer as never })
    }
    once({ status: 422, body: { message: "Validation Failed", errors: ["body is too long (maximum is 9)"] } })
    expect((await s.run()).stderr).toContain("comment_too_long")
    once({ status: 307, headers: { location: "https://elsewhere.example/" } })
    expect((await s.run()).stderr).toContain("comment_moved")
    once({ status: 400, body: { message: `what is ${s.env.GITHUB_TOKEN}? \u001b[31m` } })
    const rude = await s.run()
    expect(rude.stderr).toContain("400 what is ***? \\u001b[31m")
    expect(s.host.comments).toHaveLength(0)
  })

  test("nobody answers", async () => {
    const s = await onGithub()
    s.plan(planOf([web]))
    s.env.GITHUB_API_URL = "http://127.0.0.1:9"
    const end = await s.run()
    expect(end.code).toBe(1)
    expect(end.stderr).toContain("comment_unreachable")
  })

  test.each([
    [{ GITHUB_TOKEN: "" }, [], "no token: GITHUB_TOKEN or GH_TOKEN is not set"],
    [{ GITHUB_REPOSITORY: "" }, [], "where to comment is not known"],
    [{ GITHUB_EVENT_PATH: "missing.json" }, [], "the pull request is not known"],
    [{ GITHUB_API_URL: "http://ghe.example.com/api/v3" }, [], "plain http"],
    [{ GITHUB_API_URL: "ftp://x" }, [], "is no https:// address"],
    [{}, ["--host", "svn"], "--host is github or gitlab"],
    [{}, ["--review", "r.json"], "comment shows one thing"],
    [{}, ["--artifact-url", "javascript:alert(1)"], "--artifact-url is no https:// address"],
  ])("%j %j is wrong usage", async (env, args, message) => {
    const s = await onGithub()
    s.plan(planOf([web]))
    Object.assign(s.env, env)
    const end = await s.run(...args)
    expect([end.code, end.stdout]).toEqual([64, ""])
    expect(end.stderr).toContain(message)
    expect(s.host.asked).toHaveLength(0)
  })

  test("a file that is no plan, or not there", async () => {
    const s = await onGithub()
    s.plan(planOf([web]))
    writeFileSync(join(s.cwd, "plan.json"), "{")
    expect(await s.run()).toMatchObject({ code: 1, stdout: "" })
    expect((await s.run("--plan", "none.json")).stderr).toContain("none.json cannot be read")
  })
})

test("--dry-run prints the comment and asks nobody", async () => {
  const s = await onGithub()
  s.plan(planOf([web]))
  s.env.GITHUB_TOKEN = ""
  const end = await s.run("--dry-run", "--artifact-url", "https://ci.example/a_b(1)/report.html?x=<y>")
  expect([end.code, end.stderr]).toEqual([0, ""])
  expect(end.stdout).toContain("See [the whole report](https://ci.example/a_b%281%29/report.html?x=%3Cy%3E).")
  expect(s.host.asked).toHaveLength(0)
})
