import { describe, expect, it } from "vitest"
import { Room } from "../../src/apply/room.ts"
import { Stop } from "../../src/apply/stop.ts"
import { Wire } from "../../src/apply/wire.ts"

const never = new AbortController().signal
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe("the wire", () => {
  it("gives each lane its share, so that a stalled one starves nobody", async () => {
    const wire = new Wire(4)
    let end: () => void = () => {}
    const stalled = new Promise<void>((resolve) => {
      end = resolve
    })
    const release = ["slow", "fast"].map((lane) => wire.reserve(lane))
    let onStalled = 0
    const slow = Array.from({ length: 20 }, () =>
      wire.send("slow", never, () => {
        onStalled += 1
        return stalled
      }),
    )
    const fast = Array.from({ length: 20 }, () => wire.send("fast", never, async () => tick()))
    await Promise.all(fast)
    expect(onStalled).toBe(2)
    for (const done of release) done()
    end()
    await Promise.all(slow)
    expect(onStalled).toBe(20)
  })

  it("does not make a call once its signal is aborted", async () => {
    const wire = new Wire(1)
    const stop = new AbortController()
    let made = 0
    const call = async (): Promise<void> => {
      made += 1
      await tick()
    }
    const all = Array.from({ length: 3 }, () => wire.send("a", stop.signal, call))
    const settled = Promise.allSettled(all)
    await tick()
    stop.abort(new Stop("interrupted"))
    expect((await settled).map((r) => r.status)).toContain("rejected")
    expect(made).toBeLessThan(3)
  })
})

describe("the room", () => {
  it("serves first come, first served, and counts who was there before", async () => {
    const room = new Room(2)
    room.occupy()
    const order: number[] = []
    const all = [1, 2, 3].map(async (n) => {
      await room.enter(never)
      order.push(n)
    })
    await tick()
    expect(order).toEqual([1])
    room.leave()
    room.leave()
    await Promise.all(all)
    expect(order).toEqual([1, 2, 3])
  })

  it("sends those away who would wait for ever, and those who are stopped", async () => {
    const room = new Room(1)
    await room.enter(never)
    const stop = new AbortController()
    const stopped = expect(room.enter(stop.signal)).rejects.toMatchObject({ reason: "interrupted" })
    const left = expect(room.enter(never)).rejects.toMatchObject({ reason: "no_room" })
    stop.abort()
    await stopped
    room.keep()
    await left
    await expect(room.enter(never)).rejects.toMatchObject({ reason: "no_room" })
  })
})
