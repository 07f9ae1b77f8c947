/** Safety limits in words: what would have happened, and what lifts the limit for one run. */
import type { Brake } from "../model/plan.ts"
import { counted } from "./value.ts"

interface Words {
  readonly flag: string
  /** What the plan would do, up to the number of images. */
  readonly deed: string
  /** What is counted. */
  readonly noun: string
}

const WORDS: Readonly<Record<Brake["limit"], Words>> = {
  maxDeletes: { flag: "--allow-deletes", deed: "would delete", noun: "image" },
  maxReplaces: { flag: "--allow-replaces", deed: "would replace", noun: "image" },
  maxFamilyMoves: { flag: "--allow-family-moves", deed: "would move the families of", noun: "image" },
  maxDeprecates: { flag: "--allow-deprecates", deed: "would deprecate", noun: "image" },
}

/** The title of the section. */
export const BRAKED = "Over the safety limits: nothing of this plan will be carried out"

/** `would delete 3 images in 6 placements, 0 allowed`. */
export function brakeText({ limit, count, placements, allowed }: Brake): string {
  const { deed, noun } = WORDS[limit]
  return `${deed} ${counted(count, noun)} in ${counted(placements, "placement")}, ${allowed} allowed`
}

/** `--allow-deletes 3`. */
export function brakeFlag({ limit, count }: Brake): string {
  return `${WORDS[limit].flag} ${count}`
}
