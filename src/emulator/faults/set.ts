import type { Box } from "../box.ts"
import type { WallClock } from "../clock.ts"
import type { Faults } from "../faults.ts"
import { faultProblem } from "./check.ts"
import { createHooks } from "./hooks.ts"
import { type Armed, arm, hits, inForce } from "./match.ts"
import { parseFault } from "./parse.ts"
import { createPauses } from "./pauses.ts"
import type { Fault, FaultStatus } from "./spec.ts"
import type { Subject } from "./subject.ts"

/** A fault as a text or as an object. */
export type FaultInput = string | Fault

/** The faults of one emulator. */
export interface FaultSet {
  /** Where they meet requests. */
  hooks: Faults
  add(given: ReadFault): FaultStatus
  list(): FaultStatus[]
  /** Takes one or all away, and back what was done to keys, rights and the port. False when there is no such one. */
  clear(id?: number): boolean
  /** How far the server's clock is ahead, in milliseconds. */
  skewMs(): number
  /** Whether any fault is about connections. */
  watchesConnections(): boolean
  /** Counts a connection, and says what happens to it. */
  connects(): "half-open" | "hang-up" | undefined
  /** Ends all delays. */
  stop(): void
}

/** A fault that was read, and the text that it came from. */
export interface ReadFault {
  fault: Fault
  spec?: string
}

/** Reads a fault that came from outside. Throws a RangeError that says what is wrong and where. */
export function readFault(input: unknown): ReadFault {
  if (typeof input !== "string") {
    const wrong = faultProblem(input)
    if (wrong !== undefined) throw new RangeError(`fault: ${wrong.message}`)
    return { fault: structuredClone(input as Fault) }
  }
  const { fault, problem } = parseFault(input)
  if (fault !== undefined) return { fault, spec: input }
  throw new RangeError(`fault '${input}', column ${problem.column}: ${problem.message}`)
}

/** What a set needs: the world, the true clock, a seed for its draws, and the port that it may shut for a time. */
export interface SetGround {
  box: Box
  wall: WallClock
  seed: string
  /** Shuts the port from then to then, in milliseconds from now. Answers how to take that back. */
  shut(from: number, to: number, done: () => void): () => void
}

export function createFaultSet({ box, wall, seed, shut }: SetGround): FaultSet {
  let armed: readonly Armed[] = []
  let sequence = 0
  const pauses = createPauses()
  const now = (): number => wall.monotonic?.() ?? wall.now()
  const aboutConnections = (): Armed[] =>
    armed.filter(({ fault: { effect } }) => effect.kind === "half-open" || effect.kind === "hang-up")
  return {
    hooks: createHooks({ box, armed: () => armed, now, pauses }),
    add({ fault, spec }) {
      sequence += 1
      const one = arm(sequence, fault, spec, now(), seed)
      armed = [...armed, one]
      if (fault.effect.kind === "refuse") {
        const [from, to] = fault.between ?? [0, 0]
        const fired = (): void => {
          one.seen += 1
          one.fired += 1
        }
        one.undo.push(shut(from, to ?? from, fired))
      }
      return statusOf(one)
    },
    list: () => armed.map(statusOf),
    clear(id) {
      const gone = armed.filter((one) => id === undefined || one.id === id)
      armed = armed.filter((one) => !gone.includes(one))
      for (const one of gone.reverse()) for (const undo of one.undo.splice(0).reverse()) undo()
      return id === undefined || gone.length > 0
    },
    skewMs() {
      let sum = 0
      for (const one of armed) {
        const { effect } = one.fault
        if (effect.kind === "skew" && inForce(one, now())) sum += effect.by
      }
      return sum
    },
    watchesConnections: () => aboutConnections().length > 0,
    connects() {
      const one = aboutConnections().find((each) => hits(each, connection, now()))
      if (one === undefined) return undefined
      one.fired += 1
      return one.fault.effect.kind === "half-open" ? "half-open" : "hang-up"
    },
    stop: pauses.stop,
  }
}

const connection: Subject = {
  action: "server",
  account: "",
  region: "",
  secretId: "",
  dryRun: false,
  imageName: undefined,
  offset: 0,
  images: () => [],
}

function statusOf({ id, spec, fault, seen, fired }: Armed): FaultStatus {
  return { id, ...(spec === undefined ? {} : { spec }), fault: structuredClone(fault), seen, fired }
}
