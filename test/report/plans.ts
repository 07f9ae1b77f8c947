/** The plans of the golden cases. */
import type { Plan } from "../../src/model/plan.ts"
import { aFailure, aKeep, anAdoption, anAwait, anImport, anUpdate, aPlan, aRefusal } from "./build.ts"

const regions = ["ap-singapore", "eu-frankfurt"]
const source = (path: string) => (region: string) =>
  `https://golden-${region}-1250000000.cos.${region}.myqcloud.com/${path}`

/** Three images by two regions, nothing there yet. */
export const imports: Plan = aPlan(
  regions.flatMap((region) => [
    anImport({
      region,
      request: {
        family: "ubuntu-22.04",
        tags: { app: "base", team: "platform", "cvmimg.stack": "1f3a9c02" },
      },
      changes: [
        { field: "name", before: null, after: "ubuntu-22.04-base", impact: "create" },
        { field: "source.url", before: null, after: "u", impact: "create" },
        { field: "source.format", before: null, after: "qcow2", impact: "create" },
        { field: "os.type", before: null, after: "Ubuntu", impact: "create" },
        { field: "tags.app", before: null, after: "base", impact: "create" },
      ],
    }),
    anImport({
      region,
      image: "web-runtime",
      manifest: { file: "images/web-runtime.yaml", line: 9, column: 9 },
      reasons: ["family_moved", "spec_changed:source"],
      request: {
        name: "web-runtime-5d41402a",
        url: source("web/runtime-20261103.qcow2")(region),
        description:
          "nginx and Node.js on Ubuntu 22.04 [cvmimg:1 1f3a9c02 5d41402a 0123456789abcdef aabbccddeeff 0badcafe]",
      },
      afterwards: { attributes: { family: "web-runtime" } },
    }),
    anImport({
      region,
      image: "windows-2022-byol",
      manifest: { file: "images/windows.yaml", line: 5, column: 9 },
      request: {
        osType: "Windows Server 2022",
        osVersion: "-",
        licenseType: "BYOL",
        url: source("windows/ws2022-byol-20261012.vhd")(region),
        description: "Windows Server 2022 Datacenter, own licence",
      },
    }),
  ]),
  {
    families: regions.flatMap((region, i) => [
      {
        account: "default",
        region,
        family: "ubuntu-22.04",
        before: null,
        after: { name: "ubuntu-22.04-base" },
        images: ["ubuntu-22.04-base"],
      },
      {
        account: "default",
        region,
        family: "web-runtime",
        before: { name: "web-runtime-00ff00ff", imageId: `img-old0000${i}` },
        after: { name: "web-runtime-5d41402a" },
        images: ["web-runtime"],
      },
    ]),
  },
)

const long =
  "Ubuntu 22.04 LTS, hardened by the platform team after the CIS benchmark, level 1, with unattended upgrades switched off and the agent in version"

/** What changes in place: a long text, tags, shares, a family; one is adopted; the others are unchanged. */
export const updates: Plan = aPlan(
  [
    ...regions.map((region, i) =>
      anUpdate({
        region,
        imageId: `img-8toqc6s${i}`,
        reasons: [
          "attribute_changed:description",
          "attribute_changed:family",
          "tag_changed:old",
          "provenance_outdated",
        ],
        changes: [
          { field: "description", before: `${long} 4.1`, after: `${long} 4.2`, impact: "in_place" },
          { field: "family", before: "", after: "ubuntu-22.04", impact: "in_place" },
          { field: "tags.old", before: "yes", after: null, impact: "in_place" },
          {
            field: "provenance",
            before: "1f3a9c02 5d41402a 0123456789abcdef aabbccddeeff 0badcafe",
            after: "1f3a9c02 5d41402a 0123456789abcdef aabbccddeeff 5e6f7a8b",
            impact: "in_place",
          },
        ],
      }),
    ),
    anAdoption({
      image: "debian-12-base",
      manifest: { file: "images/debian.yaml", line: 5, column: 9 },
      changes: [
        { field: "description", before: "", after: "Debian 12 (bookworm)", impact: "in_place" },
        {
          field: "sharedWith",
          before: ["100000000001"],
          after: ["100000000001", "100000000002"],
          impact: "in_place",
        },
        { field: "tags.team", before: null, after: "platform", impact: "in_place" },
      ],
    }),
    aKeep({ image: "debian-12-base", region: "eu-frankfurt" }),
    aKeep({ image: "rocky-9-base" }),
    aKeep({ image: "rocky-9-base", region: "eu-frankfurt", notices: ["unmanaged"], reasons: ["unmanaged"] }),
  ],
  {
    notices: [
      {
        code: "orphaned",
        message: "centos-6 was imported by this stack, and no manifest asks for it any more",
        account: "default",
        region: "ap-singapore",
        imageId: "img-0rphan00",
      },
    ],
    notConsidered: 5,
  },
)

/** Every kind of "no", and an import that is under way. */
export const refusals: Plan = aPlan(
  [
    aRefusal(),
    aRefusal({
      image: "rocky-9-base",
      region: "eu-frankfurt",
      refusal: "not_observed",
      imageIds: [],
      advice: "Give the account's keys the policy that docs/permissions.md lists.",
      failure: aFailure({ region: "eu-frankfurt", httpStatus: 200 }),
    }),
    aRefusal({
      image: "debian-12-base",
      refusal: "on_change_refuse",
      reasons: ["on_change_refuse", "spec_changed:bootMode"],
      wanted: "replace",
      imageIds: ["img-0ld00001"],
      changes: [{ field: "bootMode", before: "Legacy BIOS", after: "UEFI", impact: "replacement" }],
      advice: "Set spec.lifecycle.onChange: replace, or import the new spec under a new metadata.name.",
    }),
    anAwait({
      image: "web-runtime",
      name: "web-runtime-5d41402a",
      afterwards: { attributes: { family: "web" } },
    }),
  ],
  {
    brakes: [
      {
        limit: "maxFamilyMoves",
        count: 6,
        placements: 12,
        allowed: 5,
        images: ["a", "b", "c", "d", "e", "f"],
      },
    ],
  },
)

export const empty: Plan = aPlan([aKeep(), aKeep({ region: "eu-frankfurt" })])
