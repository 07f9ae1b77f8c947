// JUnit XML: well formed whatever the texts, and of the shape that its readers know.
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { expect, test } from "vitest"
import { renderDriftJunit } from "../../src/report/drift-junit.ts"
import { renderPlanJunit } from "../../src/report/plan-junit.ts"
import { aCheck, aKeep, anImport, aPlan, aRefusal } from "./build.ts"
import { DANGEROUS } from "./dangerous.ts"
import { NASTY, poisoned, poisonedDrift, texts } from "./poison.ts"
import { rich } from "./rich.ts"
import { type Element, parseXml } from "./xml.ts"

const XSD = join(import.meta.dirname, "fixtures/junit.xsd")

/** The rules of the schema for one element: attributes that it must and may have, and its children. */
interface Rule {
  readonly must: readonly string[]
  readonly may: readonly string[]
  readonly children: readonly string[]
}

/** Read from the schema, so that the test and a validator hold to the same rules. */
function rulesOf(): Map<string, Rule> {
  const root = parseXml(readFileSync(XSD, "utf8"))
  const types = new Map(root.children.map((child) => [child.attributes.name ?? "", child]))
  const rules = new Map<string, Rule>()
  const deep = (e: Element, name: string): Element[] =>
    e.children.flatMap((child) => (child.name === name ? [child] : deep(child, name)))
  const add = (name: string, type: Element | undefined): void => {
    if (rules.has(name)) return
    const attributes = type === undefined ? [] : deep(type, "xs:attribute")
    const elements = type === undefined ? [] : deep(type, "xs:element")
    const names = (list: readonly Element[]): string[] => list.map((one) => one.attributes.name ?? "")
    rules.set(name, {
      must: names(attributes.filter((one) => one.attributes.use === "required")),
      may: names(attributes),
      children: names(elements),
    })
    for (const one of elements) add(one.attributes.name ?? "", types.get(one.attributes.type ?? ""))
  }
  add("testsuites", types.get("testsuites"))
  return rules
}

const rules = rulesOf()

function hold(element: Element): void {
  const rule = rules.get(element.name)
  if (rule === undefined) throw new Error(`${element.name} is not known`)
  for (const name of rule.must) expect(element.attributes).toHaveProperty([name])
  for (const name of Object.keys(element.attributes)) expect(rule.may).toContain(name)
  for (const child of element.children) {
    expect(rule.children).toContain(child.name)
    hold(child)
  }
  const cases = element.children.filter((child) => child.name === "testcase")
  if (element.name !== "testsuite") return
  const having = (name: string): number => cases.filter((c) => c.children.some((d) => d.name === name)).length
  expect(Number(element.attributes.tests)).toBe(cases.length)
  expect(Number(element.attributes.failures)).toBe(having("failure"))
  expect(Number(element.attributes.skipped)).toBe(having("skipped"))
}

test("holds to the schema", () => {
  const root = parseXml(renderPlanJunit(rich))
  hold(root)
  expect([root.attributes.tests, root.attributes.failures]).toEqual(["24", "5"])
  const names = root.children.flatMap((suite) =>
    suite.children.map((one) => `${one.attributes.classname} ${one.attributes.name}`),
  )
  expect(new Set(names).size).toBe(names.length)
})

test("xmllint agrees, where there is one", () => {
  const dir = mkdtempSync(join(tmpdir(), "junit-"))
  const file = join(dir, "plan.xml")
  writeFileSync(file, renderPlanJunit(poisoned(NASTY)))
  try {
    execFileSync(process.env.XMLLINT ?? "xmllint", ["--noout", "--schema", XSD, file], { stdio: "pipe" })
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test("fails what is refused or found wrong, passes what is unchanged or goes, skips what is left out", () => {
  const plan = aPlan(
    [
      aKeep({ image: "a" }),
      anImport({ image: "b" }),
      aRefusal({ image: "c" }),
      anImport({ image: "d", checks: [aCheck({ status: "error", code: "not_public", message: "403" })] }),
      anImport({ image: "e", checks: [aCheck({ status: "warning", message: "hm" })] }),
    ],
    {
      brakes: [{ limit: "maxDeletes", count: 1, placements: 1, allowed: 0, images: ["a"] }],
      notConsidered: 2,
    },
  )
  const ends = parseXml(renderPlanJunit(plan)).children.flatMap((suite) =>
    suite.children.map((one) => {
      const end = one.children.find((child) => child.name !== "system-out")
      return [suite.attributes.name, end?.name ?? "passed", end?.attributes.type ?? end?.attributes.message]
    }),
  )
  expect(ends).toEqual([
    ["safety limits", "failure", "over_limit"],
    ["safety limits", "passed", undefined],
    ["safety limits", "passed", undefined],
    ["safety limits", "passed", undefined],
    ["a", "passed", undefined],
    ["b", "passed", undefined],
    ["c", "failure", "ambiguous"],
    ["d", "failure", "not_public"],
    ["e", "passed", undefined],
    ["not considered", "skipped", "2 placements not considered."],
  ])
})

test("any text comes out inert", () => {
  fc.assert(
    fc.property(texts, (list) => {
      const xml = renderPlanJunit(poisoned(list))
      hold(parseXml(xml))
      for (const line of xml.split("\n")) {
        expect(line).not.toMatch(DANGEROUS)
        expect(line.trimStart().startsWith("::")).toBe(false)
      }
    }),
    { numRuns: 60 },
  )
})

test("drift: well formed and of the known shape, whatever the texts", () => {
  for (const text of NASTY) hold(parseXml(renderDriftJunit(poisonedDrift([text]))))
  fc.assert(
    fc.property(texts, (list) => {
      const xml = renderDriftJunit(poisonedDrift(list))
      hold(parseXml(xml))
      for (const line of xml.split("\n")) expect(line).not.toMatch(DANGEROUS)
    }),
    { numRuns: 30 },
  )
})
