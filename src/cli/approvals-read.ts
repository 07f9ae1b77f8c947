/** Approval sets as `apply --plan`, `show` and `diff-plans` read them. */
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import type { ApprovalSet } from "../model/approval.ts"
import { parseApprovalSet } from "../plan/approval-read.ts"
import { UnusableFile } from "./exit.ts"
import type { Io } from "./io.ts"

/** An approval set is a few kilobytes an image; nothing sensible is larger. */
const MOST_BYTES = 512 * 1024 * 1024

/** Reads a saved set. Throws UnusableFile with the reason. */
export function readApprovalSet(io: Io, file: string): ApprovalSet {
  let text: string
  try {
    const bytes = readFileSync(resolve(io.cwd, file))
    if (bytes.length > MOST_BYTES) throw new Error("it is too large")
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch (error) {
    throw new UnusableFile(`${file} cannot be read: ${(error as Error).message}`)
  }
  const set = parseApprovalSet(text)
  if (typeof set === "string") throw new UnusableFile(`${file} cannot be used: ${set}`)
  return set
}
