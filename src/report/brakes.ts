/** Safety limits in words: what would have happened, and what lifts the limit for one run. */
import type { Brake, Plan, Verb } from "../model/plan.ts"
import type { Position } from "../model/position.ts"
import { counted } from "./value.ts"

interface Words {
  readonly flag: string
  /** What the plan would do, up to the number of images. */
  readonly deed: string
  /** The verbs that count, the plainest first. */
  readonly verbs: readonly Verb[]
}

const WORDS: Readonly<Record<Brake["limit"], Words>> = {
  maxDeletes: { flag: "--allow-deletes", deed: "would delete", verbs: ["delete", "replace"] },
  maxReplaces: { flag: "--allow-replaces", deed: "would replace", verbs: ["replace"] },
  maxFamilyMoves: {
    flag: "--allow-family-moves",
    deed: "would move the families of",
    verbs: ["replace", "import", "restore", "update", "adopt"],
  },
  maxDeprecates: {
    flag: "--allow-deprecates",
    deed: "would deprecate",
    verbs: ["deprecate", "replace", "restore"],
  },
}

/** Every limit, in the order of outputs that list them all. */
export const LIMITS: readonly Brake["limit"][] = [
  "maxDeletes",
  "maxReplaces",
  "maxFamilyMoves",
  "maxDeprecates",
]

/** The title of the section. */
export const BRAKED = "Over the safety limits: nothing of this plan will be carried out"

/** `would delete 3 images in 6 placements, 0 allowed`. */
export function brakeText({ limit, count, placements, allowed }: Brake): string {
  return `${WORDS[limit].deed} ${counted(count, "image")} in ${counted(placements, "placement")}, ${allowed} allowed`
}

/** `--allow-deletes 3`. */
export function brakeFlag({ limit, count }: Brake): string {
  return `${WORDS[limit].flag} ${count}`
}

/** Where the manifests ask for what a limit stops. */
export function brakePosition({ limit, images }: Brake, { actions }: Plan): Position | undefined {
  const stopped = new Set(images)
  const those = actions.filter((a) => stopped.has(a.image) && a.action !== "keep")
  for (const verb of WORDS[limit].verbs) {
    const found = those.find((a) => a.action === verb)
    if (found !== undefined) return found.manifest
  }
  return those[0]?.manifest
}
