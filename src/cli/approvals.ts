/** Approval sets as `plan --out` writes them; `approvals-read.ts` reads them. */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { CloudError } from "../cloud/failure.ts"
import type { CloudReader } from "../cloud/port.ts"
import type { Loaded } from "../manifest/index.ts"
import type { ApprovalSet, PlanningChoices } from "../model/approval.ts"
import type { Plan } from "../model/plan.ts"
import { sealApprovalSet } from "../plan/index.ts"
import { UnusableFile } from "./exit.ts"
import { writeNamed } from "./files.ts"
import type { Io } from "./io.ts"
import { VERSION } from "./version.ts"

/**
 * Saves what was reviewed. Throws UnusableFile where it cannot be written. The file holds no secret: plans have none, and
 * who asked is only an account number.
 */
export async function saveApprovalSet(
  io: Io,
  file: string,
  what: {
    readonly plan: Plan
    readonly choices: PlanningChoices
    /** What was seen of the source objects; absent: nobody looked. */
    readonly objects?: ApprovalSet["sources"]
    readonly sources: Loaded["sources"]
    readonly cloud: CloudReader
    readonly accounts: readonly string[]
    readonly directory: string
  },
): Promise<void> {
  const { plan, choices, objects } = what
  const commit = commitOf(what.directory)
  const set = sealApprovalSet({
    formatVersion: 1,
    kind: "ApprovalSet",
    plan,
    choices,
    rehearsed: rehearsals(plan, io.clock.now()),
    ...(objects === undefined ? {} : { sources: objects }),
    information: {
      tool: `cvmimg ${VERSION}`,
      createdAt: new Date(io.clock.now()).toISOString(),
      manifests: digestOf(what.sources),
      ...(commit === undefined ? {} : { commit }),
      accounts: await uins(what.cloud, what.accounts),
    },
  })
  writeNamed(io, file, `${JSON.stringify(set, null, 2)}\n`, 0o600)
}

/** Throws UnusableFile where the keys at hand are of another account than those that the set was made with. */
export async function checkAccounts(set: ApprovalSet, cloud: CloudReader, file: string): Promise<void> {
  const made = set.information.accounts
  const here = await uins(cloud, Object.keys(made))
  for (const [account, uin] of Object.entries(here)) {
    if (made[account] === uin) continue
    const of = account === "default" ? "" : ` of ${account}`
    throw new UnusableFile(
      `${file} cannot be applied: it was made for account ${made[account]}, and the keys${of} are of ${uin}`,
    )
  }
}

function rehearsals(plan: Plan, now: number): Record<string, number> {
  return Object.fromEntries(
    plan.actions
      .filter((a) => a.checks.some((check) => check.name === "rehearsal" && check.status === "ok"))
      .map((a) => [a.digest, now]),
  )
}

function digestOf(sources: Loaded["sources"]): string {
  const hash = createHash("sha256")
  for (const [path, text] of [...sources].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path.length} ${path}\n${text.length}\n`).update(text)
  }
  return hash.digest("hex")
}

/** For information only: a work tree without git, or without a commit, has none. */
function commitOf(directory: string): string | undefined {
  try {
    const output = execFileSync("git", ["rev-parse", "HEAD"], {
      cwd: directory,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 5000,
    })
    return /^[0-9a-f]{40,64}$/.exec(output.trim())?.[0]
  } catch {
    return undefined
  }
}

async function uins(cloud: CloudReader, accounts: readonly string[]): Promise<Record<string, string>> {
  const found = await Promise.all(
    accounts.map(async (account): Promise<[string, string] | undefined> => {
      try {
        return [account, (await cloud.callerIdentity(account)).accountId]
      } catch (error) {
        // Whoever may list images need not be allowed to ask who it is.
        if (error instanceof CloudError) return undefined
        throw error
      }
    }),
  )
  return Object.fromEntries(found.filter((pair) => pair !== undefined))
}
