import { createHash } from "node:crypto"

/** The owner that a stack of this name writes on its images, where `metadata.id` gives none: 8 hex digits. */
export function stackIdOf(name: string): string {
  return createHash("sha256").update(name, "utf8").digest("hex").slice(0, 8)
}
