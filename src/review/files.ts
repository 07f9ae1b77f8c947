/** How the files of manifests differ, without a look at what they say. */
import type { Review } from "../model/review.ts"

/** Counts files by path and text. A text that stands under another path only has moved. */
export function reviewFiles(
  base: ReadonlyMap<string, string>,
  head: ReadonlyMap<string, string>,
): Review["files"] {
  let changed = 0
  let added = 0
  let moved = 0
  const gone = new Map<string, number>()
  for (const [path, text] of base) if (!head.has(path)) gone.set(text, (gone.get(text) ?? 0) + 1)
  let removed = Array.from(gone.values()).reduce((sum, n) => sum + n, 0)
  for (const [path, text] of head) {
    const old = base.get(path)
    if (old !== undefined) {
      if (old !== text) changed++
      continue
    }
    const left = gone.get(text) ?? 0
    if (left > 0) {
      gone.set(text, left - 1)
      moved++
      removed--
    } else added++
  }
  return { added, removed, changed, moved }
}
