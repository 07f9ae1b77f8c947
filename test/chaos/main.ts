/** A stretch of seeds in a thread of its own; bundled and started by scripts/chaos.mjs. */
import { parentPort, workerData } from "node:worker_threads"
import { SAFEGUARDS } from "./support/safeguards.ts"
import { shrink } from "./support/shrink.ts"
import { simulate } from "./support/simulate.ts"

/** Errors are values here, and their stacks cost more than they tell. */
Error.stackTraceLimit = 0

type Task =
  | {
      readonly kind: "seeds"
      readonly from: number
      readonly count: number
      readonly step: number
      /** Milliseconds since the epoch; no seed is begun after it. */
      readonly until: number
    }
  | { readonly kind: "safeguard"; readonly name: string; readonly from: number; readonly count: number }
  | { readonly kind: "trace"; readonly seed: number }

const send = (message: object): void => parentPort?.postMessage(message)

async function seeds({ from, count, step, until }: Task & { readonly kind: "seeds" }): Promise<void> {
  let [done, runs, kills, compared] = [0, 0, 0, 0]
  for (let seed = from; seed < from + count; seed += step) {
    const story = await simulate(seed)
    done += 1
    runs += story.runs
    kills += story.kills
    if (story.compared) compared += 1
    if (story.violations.length > 0) {
      const least = await shrink(seed)
      const { muted = [], rounds } = least ?? {}
      send({ failed: seed, violations: story.violations, muted, rounds, trace: least?.story.trace ?? [] })
    }
    if (done < 20) continue
    send({ done, runs, kills, compared })
    ;[done, runs, kills, compared] = [0, 0, 0, 0]
    if (Date.now() > until) break
    await new Promise((resolve) => setImmediate(resolve))
  }
  send({ done, runs, kills, compared, ended: true })
}

async function safeguard(name: string, from: number, count: number): Promise<void> {
  const tampering = SAFEGUARDS[name]
  if (tampering === undefined) throw new Error(`no safeguard ${name}`)
  for (let i = 0; i < count; i += 1) {
    const [first] = (await simulate(from + i, { tampering })).violations
    if (first !== undefined)
      return send({ name, after: i + 1, law: first.law, text: first.text, ended: true })
  }
  send({ name, after: undefined, ended: true })
}

const task = workerData as Task
if (task.kind === "seeds") await seeds(task)
else if (task.kind === "safeguard") await safeguard(task.name, task.from, task.count)
else send({ trace: (await simulate(task.seed, { trace: true })).trace, ended: true })
