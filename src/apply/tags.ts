/**
 * Tags first: ImportImage refuses a tag that the account does not know (TagKeyNotFound), so every pair that the run
 * will set is made known once per account. A pair that cannot be created fails the actions that need it, and no
 * others; without the right to create tags the rest of the account's pairs are not tried.
 */
import type { Failure } from "../model/failure.ts"
import type { Action } from "../model/plan.ts"
import { attemptAgain } from "./attempt.ts"
import type { Run } from "./run.ts"

const WITHOUT_RIGHT =
  "Grant tag:CreateTag to these credentials or let somebody create the tags beforehand; provenance.tags: false in " +
  "cvmimg.yaml leaves out cvmimg's own."

/** Creates what the actions need. The failure of an action whose tags cannot be, by action. */
export async function ensureTags(
  run: Run,
  actions: readonly Action[],
): Promise<ReadonlyMap<Action, Failure>> {
  const accounts = pairsByAccount(actions)
  const pairs = [...accounts.values()].reduce((sum, of) => sum + of.size, 0)
  if (pairs === 0) return new Map()
  run.emit({ type: "tags.started", pairs })
  const done = await Promise.all([...accounts].map(([account, of]) => ensureAccount(run, account, of)))
  const failures = new Map<Action, Failure>()
  for (const { failed } of done) for (const [action, failure] of failed) failures.set(action, failure)
  const [error] = failures.values()
  const created = done.reduce((sum, of) => sum + of.created, 0)
  run.emit({ type: "tags.settled", created, ...(error === undefined ? {} : { error }) })
  return failures
}

interface Pair {
  readonly key: string
  readonly value: string
  readonly neededBy: Action[]
}

interface Ensured {
  created: number
  readonly failed: Map<Action, Failure>
}

async function ensureAccount(run: Run, account: string, pairs: ReadonlyMap<string, Pair>): Promise<Ensured> {
  const result: Ensured = { created: 0, failed: new Map() }
  let denied: Failure | undefined
  const ensure = async ({ key, value, neededBy }: Pair): Promise<void> => {
    const fail = (failure: Failure): void => {
      for (const action of neededBy) result.failed.set(action, failure)
    }
    const done = await attemptAgain(run, account, run.stop, async (signal) => {
      if (denied === undefined) await run.writing().ensureTag(account, key, value, { signal })
    })
    if ("failure" in done) {
      if (done.failure.blame === "permission") denied ??= { ...done.failure, advice: WITHOUT_RIGHT }
      fail(denied ?? done.failure)
    } else if ("value" in done) {
      if (denied === undefined) result.created += 1
      else fail(denied)
    }
  }
  await Promise.all([...pairs.values()].map(ensure))
  return result
}

function pairsByAccount(actions: readonly Action[]): ReadonlyMap<string, ReadonlyMap<string, Pair>> {
  const accounts = new Map<string, Map<string, Pair>>()
  for (const action of actions) {
    for (const [key, value] of tagsToSet(action)) {
      const pairs = accounts.get(action.account) ?? new Map<string, Pair>()
      accounts.set(action.account, pairs)
      const name = `${key}\u0000${value}`
      const pair = pairs.get(name) ?? { key, value, neededBy: [] }
      pairs.set(name, pair)
      pair.neededBy.push(action)
    }
  }
  return accounts
}

function tagsToSet(action: Action): readonly (readonly [string, string])[] {
  switch (action.action) {
    case "import":
    case "retry":
    case "replace":
      return [...Object.entries(action.request.tags), ...Object.entries(action.afterwards.tags?.set ?? {})]
    case "await":
      return Object.entries(action.afterwards.tags?.set ?? {})
    case "update":
    case "adopt":
    case "restore":
      return Object.entries(action.update.tags?.set ?? {})
    case "deprecate":
    case "delete":
    case "keep":
    case "refuse":
      return []
  }
}
