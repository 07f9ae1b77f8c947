/** Approval sets as `apply --plan`, `show` and `diff-plans` read them. */
import type { ApprovalSet } from "../model/approval.ts"
import { parseApprovalSet } from "../plan/approval-read.ts"
import { UnusableFile } from "./exit.ts"
import { readNamed } from "./files.ts"
import type { Io } from "./io.ts"

/** An approval set is a few kilobytes an image; nothing sensible is larger. */
const MOST_BYTES = 512 * 1024 * 1024

/** Reads a saved set. Throws UnusableFile with the reason. */
export function readApprovalSet(io: Io, file: string): ApprovalSet {
  const set = parseApprovalSet(readNamed(io, file, MOST_BYTES))
  if (typeof set === "string") throw new UnusableFile(`${file} cannot be used: ${set}`)
  return set
}
