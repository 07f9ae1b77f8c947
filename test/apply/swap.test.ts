import { describe, expect, it } from "vitest"
import { aPlan, run } from "./support/build.ts"
import { denied, failure, lost } from "./support/fake-cloud.ts"
import { DONE, OLD, PREV, putOld, replaceA, STAGED, stands, world } from "./support/halfway.ts"

describe("the two renames", () => {
  it("are undone when the second is refused for good", async () => {
    const w = world()
    putOld(w)
    w.cloud.script = (call) =>
      call.verb === "modify" && call.about !== OLD
        ? {
            failure: failure("InvalidParameterValue.TooLarge", { message: "Too large.", requestId: "req-x" }),
          }
        : undefined
    const { of } = await run(aPlan(replaceA()), w)
    expect(of("a")).toMatchObject({ outcome: "failed", imageId: "img-00000002" })
    expect(of("a").error?.message).toBe(
      `Too large. The new image img-00000002 stands as ${STAGED}; the old one ${OLD} has the name a again.`,
    )
    expect(stands(w)).toEqual([`new ${STAGED} NORMAL`, "old a NORMAL f"])
  })

  it("that cannot be undone: the error says what stands where", async () => {
    const w = world()
    putOld(w)
    w.cloud.script = (call) =>
      call.verb === "modify" && (call.about !== OLD || call.nth > 1) ? { failure: denied() } : undefined
    const { of } = await run(aPlan(replaceA()), w)
    expect(of("a").outcome).toBe("failed")
    expect(of("a").error?.message).toContain(
      `The new image img-00000002 stands as ${STAGED}; the old one ${OLD} stands as ${PREV} and could not be renamed back (UnauthorizedOperation): nothing bears the name a.`,
    )
    // The next plan offers the rest.
    w.cloud.script = () => undefined
    const staged = { imageId: "img-00000002", name: STAGED, state: "NORMAL" }
    expect((await run(aPlan(replaceA({ old: undefined, staged })), w)).of("a").outcome).toBe("done")
    expect(stands(w)).toEqual(DONE)
  })

  it("are done where the reply of the second is lost: it is looked for, and made again", async () => {
    for (const carriedOut of [true, false]) {
      const w = world()
      putOld(w)
      w.cloud.script = (call) =>
        call.verb === "modify" && call.about !== OLD && call.nth === 1
          ? { failure: lost(), carriedOut }
          : undefined
      const { of } = await run(aPlan(replaceA()), w)
      expect(of("a").outcome).toBe("done")
      expect(stands(w)).toEqual(DONE)
    }
  })

  it("of which nobody knows whether the second was made are unknown", async () => {
    const w = world()
    putOld(w)
    w.cloud.script = (call) =>
      call.verb === "modify" && call.about !== OLD ? { failure: lost() } : undefined
    const { of } = await run(aPlan(replaceA()), w)
    expect(of("a").outcome).toBe("unknown")
    expect(of("a").error?.message).toContain(`the old one ${OLD} stands as ${PREV}`)
    expect(stands(w)).toEqual([`new ${STAGED} NORMAL`, `old ${PREV} NORMAL f`])
  })

  it("let no interrupt come between them", async () => {
    const w = world()
    putOld(w)
    const stop = new AbortController()
    const { of } = await run(aPlan(replaceA()), w, {
      signal: stop.signal,
      onEvent: (e) => {
        if (e.type === "update.settled" && e.imageId === OLD) stop.abort()
      },
    })
    expect(of("a")).toMatchObject({ outcome: "skipped", reason: "interrupted", imageId: "img-00000002" })
    expect(stands(w)).toEqual(["new a NORMAL", `old ${PREV} NORMAL f`])
  })
})
