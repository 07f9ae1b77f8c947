// Every risk code has a case here: what is changed, and which row of the review says so.
import { expect, test } from "vitest"
import { RISKS, type RiskCode, riskOf } from "../../src/model/review.ts"
import { type Files, family, image, reviewed, STACK, urlOf } from "./sides.ts"

type Case = readonly [base: Files | undefined, head: Files | undefined]

const web = (before: string, after: string): Case => [
  { "web.yaml": image("web", before) },
  { "web.yaml": image("web", after) },
]
const stack = (before: string, after: string): Case => [
  { "cvmimg.yaml": STACK + before, "web.yaml": image("web") },
  { "cvmimg.yaml": STACK + after, "web.yaml": image("web") },
]
const one = { "web.yaml": image("web") }
const prunes = { "cvmimg.yaml": `${STACK}  prune: { orphans: delete }\n` }
const accounts = (text: string): Files => ({
  ...one,
  "cvmimg.yaml": STACK.replace(/default: \{ vars.*/, `${text}`),
})
const retain = (before: string, after: string): Case => [
  { ...one, "f.yaml": family("f", before) },
  { ...one, "f.yaml": family("f", after) },
]
const shared = (list: string): string => `  sharedWith: [${list}]\n`
const [A, B] = ['"100000000001"', '"100000000002"']

const CASES: Readonly<Record<RiskCode, readonly Case[]>> = {
  new_image: [[{}, one]],
  new_placements: [web("  regions: [ap-tokyo]\n", "  regions: [ap-tokyo, ap-seoul]\n")],
  update_in_place: [web("", "  description: new\n"), web("", "  tags: { app: web }\n")],
  image_renamed: [
    [one, { "web.yaml": image("site", "", { url: urlOf("web"), metadata: ", formerNames: [web]" }) }],
  ],
  replaces_image: [web("", "  bootMode: UEFI\n")],
  next_member: [web("  match: family\n  family: f\n", "  match: family\n  family: f\n  bootMode: UEFI\n")],
  family_changed: [web("  family: f\n", "  family: g\n"), web("", "  family: g\n")],
  deprecated: [web("", "  deprecated: true\n")],
  removed_keep: [[one, {}], web("  regions: [ap-tokyo, ap-seoul]\n", "  regions: [ap-tokyo]\n")],
  removed_prune: [[{ ...one, ...prunes }, prunes]],
  rename_without_former: [[one, { "site.yaml": image("site", "", { url: urlOf("web") }) }]],
  released: [web("", "  lifecycle: { state: released }\n")],
  state_managed: [web("  lifecycle: { state: released }\n", "")],
  match_changed: [web("  family: f\n", "  match: family\n  family: f\n")],
  shares_added: [
    web(shared(A), shared(`${A}, ${B}`)),
    web("", shared(A)),
    [{}, { "web.yaml": image("web", shared(A)) }],
  ],
  shares_removed: [web(shared(`${A}, ${B}`), shared(A)), web("", shared(""))],
  source_bucket: [[one, { "web.yaml": image("web", "", { url: urlOf("web").replace("golden", "evil") }) }]],
  checksum_removed: [[one, { "web.yaml": image("web").replace(', crc64: "111"', "") }]],
  architecture_changed: [web("", "  architecture: i386\n")],
  force_on: [web("", "  force: true\n")],
  sign_as_changed: [
    [one, { "web.yaml": image("web").replace('"111"', '"111", sign: true, signAs: default') }],
  ],
  retire_delete: [web("", "  lifecycle: { retire: delete }\n")],
  protect_off: [web("  lifecycle: { protect: true }\n", "")],
  adopt_on: [web("", "  lifecycle: { adopt: true }\n")],
  lost_shares_allowed: [web("", "  lifecycle: { allowLostShares: true }\n")],
  keep_previous_lowered: [web("", "  lifecycle: { keepPrevious: 0 }\n")],
  snapshots_deleted: [web("  lifecycle: { deleteSnapshots: false }\n", "")],
  replacement_refused: [
    web("  lifecycle: { onChange: refuse }\n", "  lifecycle: { onChange: refuse }\n  bootMode: UEFI\n"),
  ],
  source_replace: [[one, { "web.yaml": image("web").replace('"111"', '"111", onChange: replace') }]],
  on_change_replace: [web("  lifecycle: { onChange: refuse }\n", "")],
  release_per_region: [web("  release: together\n", "")],
  stack_added: [[undefined, one]],
  stack_removed: [[one, undefined]],
  owner_changed: [
    [one, { ...one, "cvmimg.yaml": STACK.replace("name: golden", "name: golden, id: 0123abcd") }],
    [one, { ...one, "cvmimg.yaml": STACK.replace("name: golden", "name: silver") }],
  ],
  site_changed: [stack("  site: intl\n", "  site: cn\n")],
  account_added: [
    [
      one,
      accounts('default: { vars: { appid: "1250000000" } }\n    prod: { vars: { appid: "1250000001" } }'),
    ],
  ],
  account_removed: [
    [
      accounts('default: { vars: { appid: "1250000000" } }\n    prod: { vars: { appid: "1250000001" } }'),
      one,
    ],
  ],
  account_changed: [
    [one, accounts('default: { profile: other, vars: { appid: "1250000000" } }')],
    [
      one,
      accounts(
        'default: { assumeRole: { arn: "qcs::cam::uin/1:roleName/r" }, vars: { appid: "1250000000" } }',
      ),
    ],
  ],
  variables_changed: [[one, accounts('default: { vars: { appid: "1250000009" } }')]],
  regions_changed: [[one, accounts('default: { regions: [ap-tokyo], vars: { appid: "1250000000" } }')]],
  limit_raised: [
    stack("", "  safety: { maxDeletes: 1 }\n"),
    stack("  safety: { maxReplaces: 10% }\n", "  safety: { maxReplaces: 20% }\n"),
    stack("  safety: { maxReplaces: 10% }\n", "  safety: { maxReplaces: 20 }\n"),
    stack("", "  safety: { maxReplaces: 1% }\n"),
  ],
  limit_lowered: [stack("", "  safety: { maxReplaces: 0 }\n"), stack("", "  safety: { maxReplaces: 0% }\n")],
  prune_delete: [stack("", "  prune: { orphans: delete }\n")],
  prune_deprecate: [stack("", "  prune: { orphans: deprecate }\n")],
  marks_off: [stack("", "  provenance: { tags: false }\n")],
  drift_ignored: [stack("", "  drift: { ignore: [{ field: description, reason: ours }] }\n")],
  apply_changed: [stack("", "  apply: { concurrency: 2 }\n"), stack("", "  apply: { importTimeout: 3h }\n")],
  retention_shortened: [
    retain("{ retain: { last: 3 } }", "{ retain: { last: 2 } }"),
    retain("{ retain: { last: 3, within: 90d } }", "{ retain: { last: 3 } }"),
  ],
  retention_added: [[one, { ...one, "f.yaml": family("f", "{ retain: { last: 1 } }") }]],
  retention_delete: [retain("{ retain: { last: 3 } }", "{ retain: { last: 3 }, beyond: delete }")],
  setting_relaxed: [
    stack("  prune: { orphans: delete }\n", ""),
    retain("{ retain: { last: 3 } }", "{ retain: { last: 4 } }"),
  ],
  labels_changed: [[one, { "web.yaml": image("web", "", { metadata: ", labels: { tier: base }" }) }]],
}

for (const [code, cases] of Object.entries(CASES)) {
  test.each(cases.map(([base, head], i) => ({ i, base, head })))(`${code} $i`, ({ base, head }) => {
    const found = reviewed(base, head)
    expect(found.diagnostics.filter((d) => d.severity === "error")).toEqual([])
    expect(found.notCompared).toEqual([])
    const rows = [...found.images, ...found.stackChanges, ...found.families]
    const codes = rows.flatMap(({ risks }) => risks)
    if (code === "stack_added" || code === "stack_removed") expect(`stack_${found.stackFate}`).toBe(code)
    else expect(codes).toContain(code)
    for (const row of rows) expect(row.risk).toBe(riskOf(row.risks))
    const level = RISKS[code as RiskCode].level
    if (level === "high") expect(found.risk).toBe("high")
  })
}

test("the same manifests are no risk, however they are written", () => {
  const named = image(
    "web",
    "  bootMode: Legacy BIOS\n  force: false\n  match: name\n  lifecycle: { retire: deprecate }\n",
  )
  const found = reviewed(one, { "web.yaml": `# moved about\n${named}` })
  expect(found.risk).toBe("none")
  expect(found.images.map(({ changes }) => changes)).toEqual([
    [expect.objectContaining({ field: "bootMode", before: null, after: "Legacy BIOS", impact: "none" })],
  ])
})
