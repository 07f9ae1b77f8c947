/** Reads the text format 0.0.4 of Prometheus, strictly: what it does not say is an error. */

interface Sample {
  readonly name: string
  readonly labels: Record<string, string>
  readonly value: number
}

interface Family {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly samples: Sample[]
}

/** The families of a text. Throws for a line that is none, a sample out of its family, a doubled sample or family. */
export function exposition(text: string): Family[] {
  if (!text.endsWith("\n")) throw new Error("the last line has no end")
  const families: Family[] = []
  let help: { name: string; text: string } | undefined
  for (const line of text.slice(0, -1).split("\n")) {
    const [, kind, name = "", rest = ""] = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.*)$/.exec(line) ?? []
    if (kind === "HELP") help = { name, text: rest }
    else if (kind === "TYPE") {
      if (help?.name !== name) throw new Error(`TYPE without HELP: ${line}`)
      if (families.some((f) => f.name === name)) throw new Error(`twice: ${line}`)
      families.push({ name, help: help.text, type: rest, samples: [] })
    } else {
      const family = families.at(-1)
      const sample = sampleOf(line)
      if (family?.name !== sample.name) throw new Error(`out of its family: ${line}`)
      const key = JSON.stringify(sample.labels)
      if (family.samples.some((s) => JSON.stringify(s.labels) === key)) throw new Error(`twice: ${line}`)
      family.samples.push(sample)
    }
  }
  return families
}

const SAMPLE =
  /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (-?[\d.]+(?:e[+-]?\d+)?)$/

function sampleOf(line: string): Sample {
  const match = SAMPLE.exec(line)
  if (match === null) throw new Error(`no sample: ${line}`)
  const labels: Record<string, string> = {}
  for (const [, name = "", value = ""] of (match[2] ?? "").matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
    labels[name] = value.replace(/\\([\\"n])/g, (_, c: string) => (c === "n" ? "\n" : c))
  }
  return { name: match[1] ?? "", labels, value: Number(match[3]) }
}
