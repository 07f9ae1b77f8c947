const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `30s`, `30m`, `2h` or `90d`; none for other texts. */
export function durationMs(text: string): number | undefined {
  const match = /^([1-9][0-9]{0,5})([smhd])$/.exec(text)
  const unit = UNITS[match?.[2] ?? ""]
  return unit === undefined ? undefined : Number(match?.[1]) * unit
}
