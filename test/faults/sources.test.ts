// The object store in trouble: what a plan says of a source that cannot be read, and that it writes nothing.
import { describe, expect, test } from "vitest"
import { until } from "../support/steady.ts"
import { image, MINUTE, scene, stack } from "./scene.ts"

const manifests = [stack(), image("web"), image("other")]

describe.concurrent("an object that cannot be read", () => {
  test.each([
    ["error=AccessDenied", "error", "not_public", 1],
    ["error=InvalidObjectState", "error", "archived", 1],
    ["error=NoSuchKey", "error", "not_found", 1],
    ["error=NoSuchBucket", "error", "no_bucket", 1],
    ["lost-before=redirect", "error", "redirected", 1],
    // What passes by itself is no evidence against the object.
    ["error=SlowDown", "skipped", "unexpected_answer", 0],
    ["error=InternalError", "skipped", "unexpected_answer", 0],
    ["lost-before=html", "skipped", "unexpected_answer", 0],
    ["lost-before=503", "skipped", "unexpected_answer", 0],
    ["lost-before=rst", "skipped", "unreachable", 0],
    ["lost-after=cut", "skipped", "unreachable", 0],
    ["lost-after=cut-rst", "skipped", "unreachable", 0],
  ])("%s: %s, %s; the other image is as it is", async (effect, status, code, exit) => {
    const s = await scene({ manifests, faults: [`objects:web.qcow2:${effect}`] })
    const { plan, code: ended, stdout } = await s.plan()
    const checks = plan.actions.map((a) => [
      a.image,
      ...a.checks.filter(({ name }) => name === "source_exists").map((c) => [c.status, c.code]),
    ])
    expect(checks).toEqual([
      ["other", ["ok", undefined]],
      ["web", [status, code]],
    ])
    expect(ended).toBe(exit)
    expect(stdout).toContain("web")
    expect(s.emulator.ledger).toEqual([])
  })

  test("once is not twice: it is read again", async () => {
    const s = await scene({ manifests, faults: ["objects:web.qcow2,1:error=SlowDown"] })
    const { plan, code } = await s.plan()
    expect(code).toBe(0)
    for (const { checks } of plan.actions)
      expect(checks.find(({ name }) => name === "source_exists")?.status).toBe("ok")
  })
})

test("another object between plan and apply: what was approved is stale, the other image is imported", async () => {
  const s = await scene({ manifests })
  await s.plan("--out", "plan.json")
  s.emulator.fault("objects:web.qcow2:other-bytes")
  const { code, rows } = await s.apply("--plan", "plan.json")
  expect(rows).toEqual(["import other ap-singapore: done", "import web ap-singapore: stale"])
  expect(code).toBe(5)
})

test("another object while an import waits for room: it is imported as it is then, and the next plan tells", async () => {
  const s = await scene({
    manifests: [stack("apply: { maxImporting: 1 }"), image("a"), image("b")],
    behaviour: { importMs: 5 * MINUTE },
  })
  const running = s.apply()
  await until(() => s.imports().length === 1)
  s.emulator.fault("objects:b.qcow2:other-bytes")
  expect((await running).rows).toEqual(["import a ap-singapore: done", "import b ap-singapore: done"])
  const { plan, code } = await s.plan()
  expect(plan.actions.map((a) => [a.image, a.action, a.notices])).toEqual([
    ["a", "keep", []],
    ["b", "keep", ["source_changed"]],
  ])
  expect(code).toBe(0)
})

test("another object at each read is not judged by halves", async () => {
  // A raw image is read at its beginning and at its end; these are then of two objects.
  const raw = image("web").replace("web.qcow2", "web.raw")
  const s = await scene({ manifests: [stack(), raw], faults: ["objects:web.raw,2+:other-bytes"] })
  const { plan } = await s.plan()
  const [action] = plan.actions
  expect(action?.checks.filter(({ status }) => status === "error")).toEqual([])
  expect(JSON.stringify(action?.checks)).toContain("changed while it was read")
})
