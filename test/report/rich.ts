/** One plan with everything in it: two accounts, three regions, every verb, every status of a check, a brake. */
import type { CheckResult, Plan } from "../../src/model/plan.ts"
import {
  aCheck,
  aDeletion,
  aDeprecation,
  aFailure,
  aKeep,
  anAdoption,
  anAwait,
  anImport,
  anUpdate,
  aPlan,
  aRefusal,
  aReplace,
  aRestore,
  aRetry,
} from "./build.ts"

const at = (file: string, line: number) => ({ manifest: { file: `images/${file}.yaml`, line, column: 9 } })
const sourceFound: CheckResult = aCheck({ name: "source_exists", message: "The object exists, 2.1 GiB." })
const noQuota: CheckResult = aCheck({
  name: "quota",
  status: "error",
  code: "quota_exceeded",
  message: "The region would hold 11 images at the peak, 10 are allowed.",
  advice: "Delete images that are not needed, or ask for a larger quota.",
})
const otherBytes: CheckResult = aCheck({
  name: "source_format",
  status: "warning",
  code: "format_differs",
  message: "The first bytes look like vhd, and the manifest says qcow2.",
  advice: "Write spec.source.format: vhd, or convert the file.",
})
const noRehearsal: CheckResult = aCheck({
  name: "rehearsal",
  status: "skipped",
  code: "not_permitted",
  message: "The keys may not call ImportImage, so that the call could not be rehearsed.",
  requestId: "5b1c7a30-90e4-4b6f-8b36-1d6a0c1e2f11",
})

const long =
  "Debian 12 (bookworm), hardened by the platform team after the CIS benchmark, level 1, with unattended upgrades switched off and the agent in version"

const imported = ["ap-singapore", "eu-frankfurt", "na-ashburn"].map((region, i) =>
  anImport({
    region,
    digest: `a00000000000000${i}`,
    request: { family: "ubuntu-22.04", sign: true },
    checks: [aCheck(), sourceFound, ...(region === "na-ashburn" ? [noQuota] : []), noRehearsal],
  }),
)

const replaced = ["ap-singapore", "eu-frankfurt"].map((region, i) => {
  const image = "web-golden"
  const old = { imageId: `img-01d0000${i}`, name: image }
  const before = { imageId: `img-0lde200${i}`, name: `${image}.prev-img-0lde200${i}` }
  return aReplace({
    ...at("web", 9),
    image,
    region,
    account: "prod",
    digest: `b00000000000000${i}`,
    old,
    oldName: `${image}.prev-${old.imageId}`,
    remove: i === 0 ? [{ imageId: "img-fa11ed0b", name: `${image}.next-0badcafe` }] : [],
    request: { description: "nginx on Ubuntu 22.04, kernel 6.8" },
    changes: [
      { field: "bootMode", before: "Legacy BIOS", after: "UEFI", impact: "replacement" },
      {
        field: "description",
        before: "nginx on Ubuntu 22.04",
        after: "nginx on Ubuntu 22.04, kernel 6.8",
        impact: "in_place",
      },
    ],
    afterwards: { attributes: { family: "web" }, shares: { add: ["100000000001"], remove: [] } },
    retire: [
      { ...old, how: "deprecate", deleteSnapshots: true, reason: "spec_changed:bootMode" },
      { ...before, how: "delete", deleteSnapshots: true, reason: "over_retention" },
    ],
    notices: i === 0 ? ["lost_shares:100000000002"] : [],
    checks: [aCheck(), sourceFound, otherBytes],
  })
})

/** An interrupted replacement: the new image stands under its temporary name, the old one is out of the way. */
const halfDone = aReplace({
  ...at("web", 9),
  image: "web-golden",
  region: "na-ashburn",
  account: "prod",
  digest: "b000000000000002",
  reasons: ["half_done", "spec_changed:bootMode"],
  staged: { imageId: "img-57a6ed00", name: "web-golden.next-5d41402a", state: "IMPORTING" },
  retire: [],
})

export const rich: Plan = aPlan(
  [
    ...imported,
    ...replaced,
    halfDone,
    aRestore({ ...at("api", 5), image: "api-golden", digest: "c000000000000000" }),
    aRetry({ ...at("rocky", 5), image: "rocky-9-base", region: "eu-frankfurt", digest: "d000000000000000" }),
    ...["ap-singapore", "eu-frankfurt"].map((region, i) =>
      anUpdate({
        ...at("debian", 14),
        image: "debian-12-base",
        region,
        digest: `e00000000000000${i}`,
        imageId: `img-deb0000${i}`,
        reasons: ["attribute_changed:description", "tag_changed:old"],
        changes: [
          { field: "description", before: `${long} 4.1`, after: `${long} 4.2`, impact: "in_place" },
          {
            field: "sharedWith",
            before: ["100000000001"],
            after: ["100000000001", "100000000002"],
            impact: "in_place",
          },
          { field: "tags.old", before: "yes", after: null, impact: "in_place" },
        ],
      }),
    ),
    anAdoption({
      ...at("debian", 14),
      image: "debian-12-base",
      region: "na-ashburn",
      digest: "e000000000000002",
      changes: [{ field: "tags.team", before: null, after: "platform", impact: "in_place" }],
    }),
    aDeletion({ ...at("web", 3), image: "web-golden", account: "default", digest: "f000000000000000" }),
    aDeletion({
      ...at("web", 3),
      image: "web-golden",
      account: "default",
      region: "eu-frankfurt",
      digest: "f000000000000001",
      imageId: "img-0ve2bbbb",
      name: "web-golden.prev-img-0ve2bbbb",
      deleteSnapshots: false,
      snapshotIds: ["snap-00000001"],
    }),
    aDeprecation({
      manifest: { file: "cvmimg.yaml", line: 1, column: 1 },
      image: "centos-6",
      digest: "f000000000000002",
      imageId: "img-0rphan00",
      name: "centos-6",
    }),
    anAwait({
      ...at("windows", 5),
      image: "windows-2022-byol",
      digest: "f000000000000003",
      release: "together",
      afterwards: { attributes: { family: "windows-2022" } },
    }),
    aRefusal({
      ...at("windows", 5),
      image: "windows-2022-byol",
      region: "eu-frankfurt",
      digest: "f000000000000004",
    }),
    aRefusal({
      ...at("windows", 5),
      image: "windows-2022-byol",
      region: "na-ashburn",
      digest: "f000000000000005",
      refusal: "not_observed",
      imageIds: [],
      advice: "Give the account's keys the policy that docs/permissions.md lists.",
      failure: aFailure({ region: "na-ashburn" }),
    }),
    aKeep({ ...at("api", 5), image: "api-golden", region: "eu-frankfurt" }),
    aKeep({
      ...at("rocky", 5),
      image: "rocky-9-base",
      account: "prod",
      notices: ["unmanaged"],
      reasons: ["unmanaged"],
    }),
  ],
  {
    families: [
      ...["ap-singapore", "eu-frankfurt"].map((region) => ({
        account: "default",
        region,
        family: "ubuntu-22.04",
        before: null,
        after: { name: "ubuntu-22.04-base" },
        images: ["ubuntu-22.04-base"],
      })),
      {
        account: "prod",
        region: "ap-singapore",
        family: "web",
        before: { name: "web-golden", imageId: "img-01d00000" },
        after: { name: "web-golden" },
        images: ["web-golden"],
      },
    ],
    brakes: [
      { limit: "maxDeletes", count: 1, placements: 2, allowed: 0, images: ["web-golden"] },
      { limit: "maxReplaces", count: 1, placements: 3, allowed: 0, images: ["web-golden"] },
    ],
    notices: [
      {
        code: "family_shadowed",
        message: "family web: img-57a4ae00 is newer and not ours",
        account: "prod",
        region: "ap-singapore",
        imageId: "img-57a4ae00",
      },
    ],
    notConsidered: 4,
  },
)
