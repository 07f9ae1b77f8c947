/** Whether a text fits a pattern in which `*` stands for any characters and `?` for one. Linear but for the last `*`. */
export function fits(pattern: string, text: string): boolean {
  let [at, from, star, back] = [0, 0, -1, 0]
  while (from < text.length) {
    const sign = pattern[at]
    if (sign === "*") {
      star = at
      back = from
      at += 1
    } else if (sign !== undefined && (sign === "?" || sign === text[from])) {
      at += 1
      from += 1
    } else if (star >= 0) {
      at = star + 1
      back += 1
      from = back
    } else {
      return false
    }
  }
  while (pattern[at] === "*") at += 1
  return at === pattern.length
}

/** Whether a text is a pattern rather than one name. */
export function isPattern(text: string): boolean {
  return /[*?]/.test(text)
}

/** The name that was probably meant, or undefined. */
export function closest(name: string, known: Iterable<string>): string | undefined {
  if (name.length > 60) return undefined
  let best: { name: string; distance: number } | undefined
  for (const candidate of known) {
    const distance = edits(name.toLowerCase(), candidate.toLowerCase())
    if (distance <= Math.max(1, candidate.length / 3) && distance < (best?.distance ?? Infinity))
      best = { name: candidate, distance }
  }
  return best?.name
}

function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
