/** Approval sets: damaged ones, and forged ones whose checksum is right. Nothing is applied; who reads them shows them. */
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseApprovalSet } from "../../../src/plan/approval-read.ts"
import { approve, plan, sealApprovalSet } from "../../../src/plan/index.ts"
import { setOf } from "../../plan/approved.ts"
import { anImage, aPlacement, desired, observed, ours } from "../../plan/build.ts"
import { command } from "../io.ts"
import { damaged, wrongValues } from "../mutate.ts"
import type { Reader } from "../reader.ts"

const OLD = aPlacement({ image: "b", bootMode: "UEFI", family: "f" })
const WISH = desired(
  aPlacement({ image: "a", description: "a text", tags: { app: "x" } }),
  aPlacement({ image: "b", family: "f" }),
  aPlacement({ image: "c", description: "new" }),
  aPlacement({ image: "d", match: "family", family: "g" }),
  aPlacement({ image: "e" }),
)
const PLAN = plan(
  WISH,
  observed([
    ours(OLD),
    ours(aPlacement({ image: "c" })),
    ours(aPlacement({ image: "gone" })),
    anImage({ name: "e", architecture: "arm64" }),
  ]),
  { prune: { orphans: true, retention: true } },
)
const SET = setOf(PLAN)
const GOOD = Buffer.from(`${JSON.stringify(SET, null, 2)}\n`)
const FORMATS = ["text", "json", "markdown", "html", "junit", "sarif", "github"] as const
/** Pages escape for their own language and may hold what a terminal must not see. */
const FOR_TERMINALS: readonly string[] = ["text", "github"]

export const plans: Reader = {
  name: "plans",
  input(r) {
    if (r.chance(0.3)) return damaged(r, GOOD)
    const { checksum: _, ...parts } = SET
    return Buffer.from(JSON.stringify(sealApprovalSet(wrongValues(r, parts) as typeof parts)))
  },
  async read(input, { folder }) {
    const set = parseApprovalSet(input.toString("utf8"))
    // Whatever the file says, only what the plan at hand holds is left of it.
    if (typeof set !== "string") {
      const { plan: kept } = approve(PLAN, set)
      for (const action of kept.actions)
        if (!PLAN.actions.includes(action)) throw new Error(`a forged set adds ${JSON.stringify(action)}`)
    }
    const [file, good] = [join(folder, "plan.json"), join(folder, "good.json")]
    writeFileSync(file, input)
    writeFileSync(good, GOOD)
    const format = FORMATS[input.length % FORMATS.length] ?? "text"
    const shown = await command(["show", file, "-o", format])
    const other = await command(["diff-plans", good, file])
    rmSync(file)
    const [most, least] = [Math.max(shown.code, other.code), Math.min(shown.code, other.code)]
    return {
      told: [
        shown.stderr,
        other.stdout,
        other.stderr,
        ...(FOR_TERMINALS.includes(format) ? [shown.stdout] : []),
      ],
      written: [shown.stdout],
      exit: { code: least === 0 || least === most ? most : 99, documented: [0, 1] },
    }
  },
}
