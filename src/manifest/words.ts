/** How foreign text is quoted in a sentence, and which known word may have been meant. */

/** The text in quotes, short, and without what may be secret in it: the query and the user part of a URL, key ids. */
export function shown(value: unknown): string {
  if (typeof value !== "string") return String(value)
  return `"${clip(withoutSecrets(value))}"`
}

/** The text without the query and user part of URLs, and without anything that looks like a key id. */
export function withoutSecrets(text: string): string {
  const bare = text.includes("://") ? text.replace(/[?#].*$/su, "?…").replace(/:\/\/[^/@]*@/u, "://…@") : text
  return bare
    .replace(/\b((?:q-(?:ak|signature)|sign|signature|x-cos-security-token)=)[^&\s"']*/giu, "$1…")
    .replace(/\bAKID\w{8,}/gu, "AKID…")
}

function clip(text: string): string {
  const characters = Array.from(text.slice(0, 200))
  return characters.length <= 60 && text.length <= 200 ? text : `${characters.slice(0, 57).join("")}…`
}

/** What people write who come from elsewhere. */
const SYNONYMS: Readonly<Record<string, string>> = {
  amd64: "x86_64",
  x64: "x86_64",
  "x86-64": "x86_64",
  x86: "i386",
  i686: "i386",
  arm64: "arm_64",
  aarch64: "arm_64",
  bios: "Legacy BIOS",
  efi: "UEFI",
  img: "raw",
  vhdx: "vhd",
  international: "intl",
  china: "cn",
  none: "keep",
  remove: "delete",
  destroy: "delete",
  recreate: "replace",
}

/** The known word that is nearest to what was written, or none that is near enough. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  if (written.length === 0 || written.length > 64) return undefined
  const low = written.toLowerCase()
  const synonym = Object.hasOwn(SYNONYMS, low) ? SYNONYMS[low] : undefined
  if (synonym !== undefined && known.includes(synonym)) return synonym
  let best: string | undefined
  let least = Math.max(1, Math.floor(written.length / 3)) + 1
  for (const word of known) {
    if (Math.abs(word.length - written.length) >= least) {
      const other = word.toLowerCase()
      if (low.length >= 4 && (other.startsWith(low) || low.startsWith(other))) best ??= word
      continue
    }
    const d = distance(low, word.toLowerCase(), least)
    if (d < least) {
      least = d
      best = word
    }
  }
  return best
}

/** Edits from one text to the other (a swap of neighbours counts one); at least `limit` where there are more. */
export function distance(a: string, b: string, limit: number = Number.POSITIVE_INFINITY): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let d = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        d = Math.min(d, (beforeLast[j - 2] ?? 0) + 1)
      }
      row.push(d)
      least = Math.min(least, d)
    }
    if (least >= limit) return limit
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}

/** `a, b or c`. */
export function orList(words: readonly string[]): string {
  if (words.length < 2) return words.join("")
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`
}
