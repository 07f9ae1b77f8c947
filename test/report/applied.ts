/** The end of one apply in which everything happened that can, for the goldens of its formats. */
import type { Result } from "../../src/model/outcome.ts"
import type { Action, Change } from "../../src/model/plan.ts"
import { type ApplyOutput, applyOutput } from "../../src/report/apply-images.ts"
import {
  aDeletion,
  aFailure,
  aKeep,
  anImport,
  anUpdate,
  aPlan,
  aRefusal,
  aReplace,
  aResult,
} from "./build.ts"
import { failed } from "./events.ts"

const denied = aFailure({
  message: "You are not authorized to perform operation (cvm:ModifyImageAttribute).",
  advice: "Give the account's keys the right, then apply again.",
  action: "ModifyImageAttribute",
  requestId: "5f0c7d1e-0000-4000-8000-0000000000d1",
})

const frankfurt = { region: "eu-frankfurt" }
const at = (file: string, line: number): Pick<Action, "manifest"> => ({ manifest: { file, line, column: 9 } })

const actions: readonly Action[] = [
  anImport(),
  anImport(frankfurt),
  anUpdate({ image: "debian-12-base", imageId: "img-deb00001", ...at("images/debian.yaml", 5) }),
  anUpdate({
    image: "debian-12-base",
    imageId: "img-deb00002",
    ...frankfurt,
    ...at("images/debian.yaml", 5),
  }),
  aKeep({ image: "rocky-9-base", imageId: "img-70c4a001" }),
  aKeep({ image: "rocky-9-base", imageId: "img-70c4a002", ...frankfurt }),
  aKeep({ image: "foreign", imageId: "img-f07e1911", reasons: ["unmanaged"] }),
  aDeletion({ image: "rocky-9-base", imageId: "img-0ve2aaaa" }),
  anUpdate({ image: "alma-9", imageId: "img-a1a00001", ...at("images/alma.yaml", 3) }),
  aReplace({ image: "web", ...at("images/web.yaml", 2) }),
  aRefusal({ image: "web", ...frankfurt, ...at("images/web.yaml", 2) }),
  anImport({ image: "windows-2022-byol", ...at("images/windows.yaml", 1) }),
]

function described(after: string): Change {
  return { field: "description", before: null, after, impact: "create" }
}

function withoutId({ imageId: _, requestId: _1, ...rest }: Result): Result {
  return rest
}

const results: readonly Result[] = [
  aResult(),
  failed,
  aResult({
    image: "debian-12-base",
    action: "update",
    imageId: "img-deb00001",
    outcome: "failed",
    error: denied,
    durationMs: 412,
  }),
  aResult({
    image: "debian-12-base",
    action: "update",
    imageId: "img-deb00002",
    ...frankfurt,
    outcome: "done",
    durationMs: 390,
  }),
  aResult({ image: "rocky-9-base", action: "delete", imageId: "img-0ve2aaaa", durationMs: 2100 }),
  withoutId(
    aResult({ image: "alma-9", action: "update", outcome: "skipped", reason: "interrupted", durationMs: 0 }),
  ),
  withoutId(
    aResult({
      image: "web",
      action: "replace",
      outcome: "stale",
      durationMs: 0,
      stale: {
        approved: aReplace({ image: "web", changes: [described("One")] }),
        derived: aReplace({ image: "web", changes: [described("Two")], digest: "00000000000000bb" }),
        sources: [
          {
            url: "https://golden-1250000000.cos.ap-singapore.myqcloud.com/web.qcow2",
            approved: { crc64: "9548134582367182340", size: 2_361_393_152, etag: '"d41d8cd9"' },
            now: { size: 2_361_393_153 },
          },
        ],
      },
    }),
  ),
  withoutId(
    aResult({
      image: "web",
      ...frankfurt,
      action: "refuse",
      outcome: "skipped",
      reason: "ambiguous",
      durationMs: 0,
    }),
  ),
  aResult({ image: "windows-2022-byol", imageId: "img-2022b701", outcome: "running", durationMs: 7_200_000 }),
]

/** Two regions, one account. */
export const applied: ApplyOutput = applyOutput({
  plan: aPlan(actions, { notConsidered: 2 }),
  results,
  accounts: false,
})

/** The same placements in two accounts. */
export const inAccounts: ApplyOutput = applyOutput({
  plan: aPlan([
    aKeep({ image: "web", account: "prod", imageId: "img-00000001" }),
    aKeep({ image: "web", account: "prod", region: "eu-frankfurt", imageId: "img-00000002" }),
    aKeep({ image: "web", account: "test", imageId: "img-00000003" }),
    anImport({ image: "db", account: "test" }),
  ]),
  results: [aResult({ image: "db", account: "test", imageId: "img-00000004" })],
  accounts: true,
})
