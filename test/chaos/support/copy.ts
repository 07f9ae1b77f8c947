/** A value as it comes out of JSON: nothing shared with the original, and no undefined members. Times cheaper than JSON. */
export function copyOf<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map((item: unknown) => copyOf(item) ?? null) as T
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key]
    if (member !== undefined) copy[key] = copyOf(member)
  }
  return copy as T
}
