// Reviews as comments: from the file that `review` writes of a real repository, to the comment and back.
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, test } from "vitest"
import { bodyOf } from "../../src/comment/body.ts"
import { parseReview } from "../../src/comment/review-read.ts"
import { reviewSubject } from "../../src/comment/subject.ts"
import { renderReviewJson } from "../../src/report/review-json.ts"
import { renderReviewMarkdown } from "../../src/report/review-markdown.ts"
import { BINARY, cvmimg, folder, image, STACK } from "../cli/binary.ts"
import { onGithub, SHA_1, SHA_2 } from "./scene.ts"

function git(cwd: string, ...args: readonly string[]): void {
  execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@example.com", ...args], {
    cwd,
    stdio: "ignore",
  })
}

/** The reviews that `review` writes of the second commit, and of nothing at all. */
async function reviews(cwd: string): Promise<void> {
  const repo = folder({
    "cvmimg.yaml": STACK,
    "images/web.yaml": image("web"),
    "images/api.yaml": image("api", "family: api"),
  })
  git(repo, "init", "-q", "-b", "main")
  git(repo, "add", ".")
  git(repo, "commit", "-q", "-m", "one")
  writeFileSync(join(repo, "images/web.yaml"), image("web", "bootMode: UEFI"))
  writeFileSync(join(repo, "images/api.yaml"), image("api", 'family: api\nsharedWith: ["100000000002"]'))
  writeFileSync(join(repo, "images/bad.yaml"), image("bad", "nonsense: 1"))
  git(repo, "add", ".")
  git(repo, "commit", "-q", "-m", "two")
  const some = await cvmimg(["review", "--base", "HEAD~1", "-o", `json=${join(cwd, "review.json")}`], {
    cwd: repo,
  })
  expect([some.code, some.stderr]).toEqual([1, ""])
  await cvmimg(["review", "--base", "HEAD~1", "--head", "HEAD~1", "-o", `json=${join(cwd, "same.json")}`], {
    cwd: repo,
  })
}

describe("a review", () => {
  test("read back is the review that was written", async () => {
    const cwd = folder()
    await reviews(cwd)
    const text = readFileSync(join(cwd, "review.json"), "utf8")
    const review = parseReview(text)
    if (typeof review === "string") throw new Error(review)
    expect(renderReviewJson(review)).toBe(text)
    const body = bodyOf(reviewSubject(review, 0, SHA_1), undefined, { limit: 65_536 })
    const markdown = renderReviewMarkdown({ review, sources: new Map() }).trimEnd()
    expect(body).toContain(markdown)
    expect(markdown).toContain("`api`")
  })

  test("is one comment beside that of the plan", async () => {
    const s = await onGithub()
    await reviews(s.cwd)
    const run = async (file: string, commit: string): Promise<string> => {
      const end = await cvmimg(["comment", "--review", file, "--commit", commit], { cwd: s.cwd, env: s.env })
      expect([end.code, end.stderr]).toEqual([0, ""])
      return end.stdout
    }
    const event = { pull_request: { number: 7, head: { sha: SHA_1 } } }
    writeFileSync(join(s.cwd, "event.json"), JSON.stringify(event))
    expect(await run("same.json", SHA_1)).toContain("none: there is nothing to say")
    expect(await run("review.json", SHA_1)).toContain("created")
    expect(await run("review.json", SHA_1)).toContain("unchanged")
    const [comment] = s.host.comments
    expect(comment?.body).toMatch(/^<!-- cvmimg:comment:1 review [0-9a-f]{8} \S+ -->\n## Review of `golden`/)
    expect(await run("same.json", SHA_2)).toContain("updated")
    expect(comment?.body).toContain("The manifests ask for the same as before.")
    expect(comment?.body).toContain("- not any more: `web`, changed")
    expect(s.host.comments).toHaveLength(1)
  })

  test.each([
    ["{", "it is not JSON"],
    ["{}", "it is no review that this version can read"],
    ["[]", "it is no review"],
    ["null", "it is no review"],
  ])("%j is none", async (text, message) => {
    const s = await onGithub()
    writeFileSync(join(s.cwd, "review.json"), text)
    const end = await cvmimg(["comment", "--review", "review.json"], { cwd: s.cwd, env: s.env })
    expect([end.code, end.stdout]).toEqual([1, ""])
    expect(end.stderr).toContain(message)
  })

  test("of an unknown risk is refused", async () => {
    const cwd = folder()
    await reviews(cwd)
    const text = readFileSync(join(cwd, "review.json"), "utf8").replace(/"shares_added"/g, '"constructor"')
    expect(parseReview(text)).toBe(
      "it is no review that this version can read: /images/0/risks/0/code is not what it must be; review -o json=FILE writes one",
    )
  })
})

test("where the client is not installed, a line says how to install it", async () => {
  const s = await onGithub()
  await reviews(s.cwd)
  // Far from the node_modules of this repository.
  const elsewhere = folder()
  mkdirSync(join(elsewhere, "bin"))
  cpSync(dirname(BINARY), join(elsewhere, "bin"), { recursive: true })
  for (const [host, client] of [
    ["github", "@octokit/rest@22"],
    ["gitlab", "@gitbeaker/rest@43"],
  ] as const) {
    const args = ["comment", "--review", "review.json", "--host", host, "--repo", "o/golden", "--pr", "7"]
    const end = await cvmimg(args, {
      cwd: s.cwd,
      env: { ...s.env, GITLAB_TOKEN: "x", CI_API_V4_URL: "https://gitlab.example/api/v4" },
      binary: join(elsewhere, "bin/cvmimg.cjs"),
    })
    expect([end.code, end.stdout]).toEqual([1, ""])
    expect(end.stderr).toContain("comment_client_missing: the host's client is not installed")
    expect(end.stderr).toContain(`npm install --save-dev ${client}`)
  }
})
