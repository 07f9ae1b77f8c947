/** How sizes, lists and near misses are put in words. */

const MIB = 1024 ** 2
const GIB = 1024 ** 3

/** `10 GiB`, `1.5 GiB`, `544 KiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  const [unit, name] = bytes >= GIB ? [GIB, "GiB"] : bytes >= MIB ? [MIB, "MiB"] : [1024, "KiB"]
  return `${String(Math.round((bytes / unit) * 10) / 10)} ${name}`
}

const MOST = 12

/** `a, b, c`; of a long list the beginning and how many there are. */
export function listText(words: readonly string[]): string {
  if (words.length <= MOST) return words.join(", ")
  return `${words.slice(0, MOST).join(", ")} and ${words.length - MOST} more`
}

export function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`
}

/** The word of the list that was probably meant: the same but for case and signs, else at most a third of it wrong. */
export function nearest(written: string, words: readonly string[]): string | undefined {
  if (written.length > 64) return undefined
  const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "")
  const low = plain(written)
  let best: string | undefined
  let least = Math.max(1, Math.floor(low.length / 3)) + 1
  for (const word of words) {
    const found = edits(low, plain(word))
    if (found < least) {
      least = found
      best = word
    }
  }
  return best
}

/** Insertions, removals and exchanges that make one text of the other. */
function edits(a: string, b: string): number {
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const exchanged = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, exchanged))
    }
    last = row
  }
  return last[b.length] ?? 0
}
