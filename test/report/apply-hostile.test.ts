// Whatever names, ids and messages hold, every format of an apply says it and nothing more.
import fc from "fast-check"
import { expect, test } from "vitest"
import { type ApplyOutput, applyOutput } from "../../src/report/apply-images.ts"
import { type ApplyFormat, applyFormats } from "../../src/report/formats.ts"
import { eventLog, messageLine } from "../../src/report/progress-json.ts"
import { aFailure, aKeep, anImport, aPlan, aResult } from "./build.ts"
import { DANGEROUS } from "./dangerous.ts"
import { START } from "./events.ts"
import { loaded } from "./loaded.ts"
import { NASTY, texts } from "./poison.ts"
import { parseXml } from "./xml.ts"

const applyRenderers = await loaded(applyFormats)

const at100 = { color: false, width: 100 }

function poisoned(list: readonly string[]): ApplyOutput {
  let next = 0
  const text = (): string => list[next++ % list.length] ?? ""
  const [image, region, other] = [text(), text(), text()]
  const error = aFailure({
    code: text(),
    message: text(),
    advice: `${text()}\n- ${text()}`,
    requestId: text(),
  })
  const bad = aResult({ image, region, imageId: text(), requestId: text(), outcome: "failed", error })
  const good = aResult({ image: other, region: text(), imageId: text(), requestId: text() })
  const manifest = { file: text(), line: 3, column: 1 }
  return applyOutput({
    plan: aPlan(
      [
        anImport({ image, region, manifest }),
        anImport({ image: other, region: good.region }),
        aKeep({ image: `kept ${text()}`, account: text(), imageId: text() }),
      ],
      { stack: text() },
    ),
    results: [bad, good, { ...bad, image: text(), outcome: "unknown", reason: "no_room" }],
    accounts: true,
  })
}

const CHECKS: Readonly<
  Record<Exclude<ApplyFormat, "text" | "env">, (text: string, output: ApplyOutput) => void>
> = {
  json: (text, output) => expect(JSON.parse(text).stack).toBe(output.stack),
  junit: (text) => void parseXml(text),
  markdown: (text) => {
    for (const line of withoutCode(text).split("\n")) {
      const rest = line
        .replace(/^(?:#{2,3} |\| --- .*|- \*\*| {2}- )/, "")
        .replace(/\*\*|^- /g, "")
        .replace(/^\| .* \|$/, (row) => row.replaceAll("|", ""))
      expect(rest, line).not.toMatch(/[@#*_~`$\\<>[\]{}^|]|:\/\/|www\.|\bGH-\d|!\d|[0-9a-f]{7}|:\w+:/i)
    }
    const bars = text
      .split("\n")
      .flatMap((line) => (line.startsWith("| ") ? [line.match(/\|/g)?.length] : []))
    expect(new Set(bars)).toEqual(new Set([8]))
  },
  github: (text) => {
    for (const line of text.split("\n").slice(0, -1)) {
      const body = /^::(?:error|warning|notice) (?:file=[^:,]*,line=\d+,col=\d+,)?title=[^:,]*::(.*)$/.exec(
        line,
      )?.[1]
      expect(body, line).toBeDefined()
      expect(body).not.toMatch(/%(?!25|0A)|##\[/)
      for (const part of (body ?? "").split("%0A")) expect(part.trimStart().startsWith("::")).toBe(false)
    }
  },
  tfvars: (text) => {
    for (const line of text.split("\n").slice(0, -1)) {
      expect(line).toMatch(
        /^(?:# .*|cvmimg_images = \{|\}| +\}| +"(?:[^"\\$%]|\$\$|%%|[$%](?!\{)|\\.)*" += (?:\{|"(?:[^"\\$%]|\$\$|%%|[$%](?!\{)|\\.)*"))$/u,
      )
    }
  },
}

/** The document without its code, which no host looks into. */
function withoutCode(text: string): string {
  return text.replace(/(?<!`)(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, "¤")
}

function check(list: readonly string[]): void {
  const output = poisoned(list)
  for (const [format, hold] of Object.entries(CHECKS)) {
    const text = applyRenderers[format as ApplyFormat](output, at100)
    for (const line of text.split("\n")) {
      expect(line, format).not.toMatch(DANGEROUS)
      if (format !== "github") expect(line.trimStart().startsWith("::"), format).toBe(false)
      expect(line, format).not.toMatch(/##(?:\[|vso\[)/)
    }
    hold(text, output)
  }
}

test("any text comes out inert", () => {
  check(NASTY)
  for (const text of NASTY) check([text])
  fc.assert(fc.property(texts, check), { numRuns: 60 })
})

test("variables hold ids and nothing else", () => {
  fc.assert(
    fc.property(texts, (list) => {
      const images = list.map((imageId, i) => ({ image: `a${i}`, account: "b", region: "c", imageId }))
      const text = applyRenderers.env({ ...poisoned(list), accounts: false, absent: [], images }, at100)
      expect(text).toMatch(/^(?:CVMIMG_IMAGE_A\d+_C=[A-Za-z0-9][\w.-]*\n)*$/)
      const names = list.map((image, i) => ({
        image,
        account: "b",
        region: `r${i}`,
        imageId: "img-1a2b3c4d",
      }))
      const named = applyRenderers.env(
        { ...poisoned(list), accounts: false, absent: [], images: names },
        at100,
      )
      expect(named).toMatch(/^(?:CVMIMG_IMAGE_[A-Z0-9_]*=img-1a2b3c4d\n)*$/)
    }),
    { numRuns: 60 },
  )
})

test("events are one line each, whatever they hold", () => {
  fc.assert(
    fc.property(texts, (list) => {
      const log = eventLog()
      for (const text of list) {
        const error = aFailure({ code: text, message: text })
        const lines = [
          log.line({ type: "call.retried", at: START, failure: error, delayMs: 1 }),
          log.line({ type: "placement.settled", at: START, result: aResult({ image: text, error }) }),
          messageLine(text, START),
        ]
        for (const line of lines) {
          expect(line).not.toMatch(DANGEROUS)
          expect(line).toMatch(/^\{"formatVersion":1,/)
          expect(line).not.toMatch(/##(?:\[|vso\[)/)
        }
        expect(JSON.parse(lines[2] ?? "").text).toBe(text)
      }
    }),
    { numRuns: 60 },
  )
})
