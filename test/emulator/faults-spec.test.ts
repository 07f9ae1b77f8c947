import * as fc from "fast-check"
import { expect, test } from "vitest"
import { effects } from "../../src/emulator/faults/effects.ts"
import { fits } from "../../src/emulator/faults/glob.ts"
import { type Fault, parseFault } from "../../src/emulator/index.ts"
import { start } from "./helpers.ts"

const good: readonly [string, Fault][] = [
  [
    "ImportImage:3:error=InternalError",
    { on: "ImportImage", calls: 3, effect: { kind: "error", code: "InternalError" } },
  ],
  ["ImportImage:1:lost-after", { on: "ImportImage", calls: 1, effect: { kind: "lost-after" } }],
  ["DescribeImages:*:delay=5s", { on: "DescribeImages", effect: { kind: "delay", for: 5000 } }],
  ["*:20%:throttle", { on: "*", share: 0.2, effect: { kind: "throttle" } }],
  [
    "import:*golden*:fail=VirtioNotInstall",
    { on: "import", image: "*golden*", effect: { kind: "fail", reason: "VirtioNotInstall" } },
  ],
  [
    "writes:2-5,region=ap-*,account=100000000001,image=7up:lost-before=503-json",
    {
      on: "writes",
      calls: [2, 5],
      region: "ap-*",
      account: "100000000001",
      image: "7up",
      effect: { kind: "lost-before", by: "503-json" },
    },
  ],
  [
    "Describe*:4+,/3:throttle=2",
    { on: "Describe*", calls: [4, null], every: 3, effect: { kind: "throttle", left: 2 } },
  ],
  ["*:0s-10m,12.5%:throttle", { on: "*", between: [0, 600_000], share: 0.125, effect: { kind: "throttle" } }],
  ["server:500ms-1.5m:refuse", { on: "server", between: [500, 90_000], effect: { kind: "refuse" } }],
  [
    "server:30s+:skew=-10m",
    { on: "server", between: [30_000, null], effect: { kind: "skew", by: -600_000 } },
  ],
  [
    "ImportImage:dryrun:error=A1,message=x=y:z",
    { on: "ImportImage", dryRun: true, effect: { kind: "error", code: "A1", message: "x=y:z" } },
  ],
  [
    "reads:real:lost-after=redirect,to=http://127.0.0.1:1/",
    { on: "reads", dryRun: false, effect: { kind: "lost-after", by: "redirect", to: "http://127.0.0.1:1/" } },
  ],
  [
    "import:2:flicker=10s,gone=5s,times=3",
    { on: "import", calls: 2, effect: { kind: "flicker", seen: 10_000, gone: 5000, times: 3 } },
  ],
  ["DescribeImages:*:total-off=-1", { on: "DescribeImages", effect: { kind: "total-off", by: -1 } }],
  [
    "*:7+:revoke=cvm:ImportImage",
    { on: "*", calls: [7, null], effect: { kind: "revoke", rights: "cvm:ImportImage" } },
  ],
]

test.each(good)("%s", (text, fault) => {
  expect(parseFault(text)).toEqual({ fault })
})

const bad: readonly [text: string, column: number, message: RegExp][] = [
  ["", 1, /three parts/],
  ["ImportImage:1", 14, /three parts/],
  ["ImportImages:1:lost-after", 1, /no action ImportImages; did you mean ImportImage\?/],
  ["Foo*:1:lost-after", 1, /no action fits Foo\*/],
  ["ImportImage::lost-after", 13, /\* chooses everything/],
  ["ImportImage:1,,2:lost-after", 15, /nothing is chosen/],
  ["ImportImage:1,2:lost-after", 15, /chooses the calls twice/],
  ["ImportImage:0:lost-after", 13, /from 1/],
  ["ImportImage:5-2:lost-after", 13, /from 1/],
  ["ImportImage:120%:lost-after", 13, /0% and 100%/],
  ["ImportImage:x%:lost-after", 13, /no count, share or time/],
  ["ImportImage:3x:lost-after", 13, /or image=3x/],
  ["ImportImage:10s:lost-after", 13, /10s-1m/],
  ["ImportImage:/x:lost-after", 13, /\/3/],
  ["ImportImage:zone=a:lost-after", 13, /zone chooses nothing/],
  ["ImportImage:1:", 15, /an effect is missing/],
  ["ImportImage:3:eror=InternalError", 15, /no effect eror; did you mean error\?/],
  ["ImportImage:3:xyzzyqwertz", 15, /it is one of error, /],
  ["ImportImage:3:error", 20, /needs an error code/],
  ["ImportImage:3:error=internal", 21, /code of error is an error code/],
  ["ImportImage:3:close=now", 21, /takes no value/],
  ["ImportImage:3:delay=5", 21, /duration such as/],
  ["ImportImage:3:lost-after=softly", 26, /one of rst, fin/],
  ["ImportImage:3:lost-after=rst,evry=1s", 30, /no option evry/],
  ["ImportImage:3:lost-after=rst,by=fin", 30, /no option by/],
  ["ImportImage:3:error=A1,message=a,message=b", 34, /given twice/],
  ["import:*:fail=Sorcery", 15, /one of InvalidUrl/],
  ["import:*:throttle", 10, /no effect on import, but on calls/],
  ["import:dryrun:never-ends", 8, /imports nothing/],
  ["ImportImage:*:never-ends", 15, /but on import/],
  ["ImportImage:*:short=3", 15, /an effect on DescribeImages/],
  ["server:*:refuse", 8, /a time with an end/],
  ["server:3:skew=1m", 8, /chosen by time/],
  ["server:region=ap-tokyo:half-open", 8, /not chosen by region/],
]

test.each(bad)("%j is located", (text, column, message) => {
  expect(parseFault(text)).toEqual({ problem: { column, message: expect.stringMatching(message) } })
})

test("any text gives a fault or a located error, and never throws", () => {
  const words =
    "ImportImage import server * Describe* : , = 3 2-5 20% 1s-2s 5s -1 rst SYNCING VirtioNotInstall InternalError real image __proto__ constructor"
  const word = fc.constantFrom(...Object.keys(effects), ...words.split(" "))
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.oneof(word, fc.string({ maxLength: 3 })), { maxLength: 12 }).map((parts) => parts.join("")),
    fc.tuple(word, word, word, word).map(([a, b, c, d]) => `${a}:${b}:${c}=${d}`),
  )
  fc.assert(
    fc.property(text, (given) => {
      const { fault, problem } = parseFault(given)
      if (fault !== undefined) return problem === undefined
      expect(problem?.message).not.toBe("")
      return (problem?.column ?? 0) >= 1 && (problem?.column ?? 0) <= given.length + 1
    }),
    { numRuns: 3000 },
  )
})

test("objects are checked as texts are, and are not kept", async () => {
  const emulator = await start()
  const wrong: unknown[] = [
    null,
    3,
    [],
    {},
    { on: "ImportImage" },
    { on: "ImportImage", effect: { kind: "constructor" } },
    { on: "ImportImage", effect: { kind: "delay", for: "5s" } },
    { on: "ImportImage", effect: { kind: "delay", for: 1, than: 2 } },
    { on: "ImportImage", effect: { kind: "delay" } },
    { on: "ImportImage", call: 1, effect: { kind: "close" } },
    { on: "ImportImage", share: Number.NaN, effect: { kind: "close" } },
    { on: "ImportImage", between: [5], effect: { kind: "close" } },
    { on: "ImportImage", dryRun: 1, effect: { kind: "close" } },
  ]
  for (const fault of wrong) expect(() => emulator.fault(fault as Fault)).toThrow(RangeError)
  expect(() => emulator.fault("a:b:c")).toThrow("fault 'a:b:c', column 1: there is no action a")
  expect(emulator.faults).toEqual([])
  await expect(start({ faults: ["ImportImage:1"] })).rejects.toThrow(RangeError)
  const fault: Fault = { on: "*", effect: { kind: "throttle" } }
  emulator.fault(fault)
  fault.on = "ImportImage"
  expect(emulator.faults).toEqual([
    { id: 1, fault: { on: "*", effect: { kind: "throttle" } }, seen: 0, fired: 0 },
  ])
})

test("patterns", () => {
  const cases: [string, string, boolean][] = [
    ["", "", true],
    ["*", "", true],
    ["a*c", "abc", true],
    ["a*c", "abcd", false],
    ["*b*", "abc", true],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["a.c", "abc", false],
    ["**a**", "a", true],
    ["*ab*ab", "ababab", true],
  ]
  for (const [pattern, text, expected] of cases)
    expect([pattern, text, fits(pattern, text)]).toEqual([pattern, text, expected])
  expect(fits(`${"*a".repeat(50)}b`, "a".repeat(5000))).toBe(false)
})
