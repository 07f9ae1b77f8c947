// The 14 business errors of ImportImage, as the official page lists them: each is provoked by its real cause in the
// emulator, never by injection, and must arrive in the report and on the screen with everything that helps.
import { afterAll, describe, expect, test } from "vitest"
import { demoAccount } from "../src/emulator/index.ts"
import type { Plan } from "../src/model/plan.ts"
import type { ImportRequest } from "../src/model/request.ts"
import { renderApplyJson } from "../src/report/apply-json.ts"
import { renderApply } from "../src/report/apply-text.ts"
import { image, STACK, type Story, type StoryOptions, story } from "./cases/story.ts"

const OFFICIAL = [
  "ImageQuotaLimitExceeded",
  "InvalidImageName.Duplicate",
  "InvalidImageOsType.Unsupported",
  "InvalidImageOsVersion.Unsupported",
  "InvalidParameter.InvalidParameterUrlError",
  "InvalidParameterValue.ISOMustImportByForce",
  "InvalidParameterValue.InvalidAppIdFormat",
  "InvalidParameterValue.InvalidBootMode",
  "InvalidParameterValue.InvalidImageFamily",
  "InvalidParameterValue.InvalidLicenseType",
  "InvalidParameterValue.TagKeyNotFound",
  "InvalidParameterValue.TooLarge",
  "OperationDenied.InnerUserProhibitAction",
  "RegionAbilityLimit.UnsupportedToImportImage",
] as const

type Code = (typeof OFFICIAL)[number]

/** What makes the service answer so. */
interface Cause {
  code: Code
  /** How it comes about, for the name of the test. */
  how: string
  /** What the advice must name. */
  advice: RegExp
  manifests: readonly string[]
  world?: Omit<StoryOptions, "manifests">
  /** What happens between plan and apply. */
  meanwhile?: (s: Story) => void
  /** Turns the request into one that validation lets no manifest ask for. */
  asIf?: (request: ImportRequest) => ImportRequest
  through?: NonNullable<Parameters<Story["apply"]>[0]>["through"]
}

const CN = STACK.replace("spec:\n", "spec:\n  site: cn\n").replace("ap-singapore", "ap-guangzhou")
const web = (spec = "", url?: string): readonly string[] => [STACK, image("web", spec, url)]

const CAUSES: readonly Cause[] = [
  {
    code: "ImageQuotaLimitExceeded",
    how: "the region is full",
    advice: /quota/,
    manifests: web(),
    world: {
      accounts: [{ ...demoAccount, quota: 1 }],
      images: [{ region: "ap-singapore", name: "another" }],
    },
  },
  {
    code: "InvalidImageName.Duplicate",
    how: "somebody takes the name between plan and apply",
    advice: /name/,
    manifests: web(),
    meanwhile: (s) => s.emulator.world.addImage({ region: "ap-singapore", name: "web" }),
  },
  {
    code: "InvalidImageOsType.Unsupported",
    how: "an os.type that the service does not list",
    advice: /spec\.os\.type/,
    manifests: web('os: { type: BeOS, version: "5" }'),
  },
  {
    code: "InvalidImageOsVersion.Unsupported",
    how: "an os.version that the service does not list",
    advice: /spec\.os\.version/,
    manifests: web('os: { type: Ubuntu, version: "99" }'),
  },
  {
    code: "InvalidParameter.InvalidParameterUrlError",
    how: "no object lies there, and the service looks at once",
    advice: /spec\.source\.url/,
    manifests: web(),
    world: {
      objects: { "golden-ap-singapore-1250000000/other.qcow2": new Uint8Array(1024) },
      behaviour: { urlCheck: "submit+dryRun" },
    },
  },
  {
    code: "InvalidParameterValue.ISOMustImportByForce",
    how: "an ISO that the manifest declares as raw",
    advice: /force: true/,
    manifests: [STACK, image("web", "", "web.iso").replace('web.iso"', 'web.iso", format: raw')],
  },
  {
    code: "InvalidParameterValue.InvalidAppIdFormat",
    how: "the account's appid is not valid",
    advice: /APPID/,
    manifests: web(),
    world: { accounts: [{ ...demoAccount, invalidAppid: true }] },
  },
  {
    code: "InvalidParameterValue.InvalidBootMode",
    how: "UEFI on i386",
    advice: /spec\.bootMode/,
    manifests: web('architecture: i386\nbootMode: UEFI\nos: { type: Ubuntu, version: "16" }'),
  },
  {
    code: "InvalidParameterValue.InvalidImageFamily",
    how: "a family with a space in it",
    advice: /spec\.family/,
    manifests: web("family: web servers"),
  },
  {
    code: "InvalidParameterValue.InvalidLicenseType",
    how: "a licenseType that exists nowhere (validation lets no manifest ask for it)",
    advice: /spec\.licenseType/,
    manifests: web(),
    asIf: (request) => ({ ...request, licenseType: "Shareware" as "BYOL" }),
  },
  {
    code: "InvalidParameterValue.TagKeyNotFound",
    how: "the tag is not there when the import comes (apply makes it known first)",
    advice: /CreateTag/,
    manifests: web("tags: { app: web }"),
    through: (cloud) => ({ ...cloud, ensureTag: async () => ({ requestId: "the tag was deleted since" }) }),
  },
  {
    code: "InvalidParameterValue.TooLarge",
    how: "more data disks than the service takes",
    advice: /long|large|maximum|limit/,
    manifests: [
      CN,
      image(
        "web",
        `dataDisks: [${["a", "b"]
          .map((disk) => `{ url: "https://golden-1250000000.cos.{region}.myqcloud.com/${disk}.raw" }`)
          .join(", ")}]`,
      ),
    ],
    world: { site: "cn", behaviour: { maxDataDisks: 1 } },
  },
  {
    code: "InvalidParameterValue.TooLarge",
    how: "a name of 61 characters (validation lets no manifest ask for it)",
    advice: /long|large|maximum|limit/,
    manifests: web(),
    asIf: (request) => ({ ...request, name: "n".repeat(61) }),
  },
  {
    code: "OperationDenied.InnerUserProhibitAction",
    how: "the account is restricted",
    advice: /restricted|account/,
    manifests: web(),
    world: { accounts: [{ ...demoAccount, restricted: true }] },
  },
  {
    code: "RegionAbilityLimit.UnsupportedToImportImage",
    how: "a region that imports nothing",
    advice: /region/,
    manifests: web("regions: [ap-guangzhou-open]"),
  },
]

const reached = new Set<string>()

describe("the business errors of ImportImage", () => {
  test.each(CAUSES.map((cause) => [cause.code, cause.how, cause] as const))(
    "%s: %s",
    async (_, __, cause) => {
      const s = await story({ ...cause.world, manifests: cause.manifests })
      const plan = altered(await s.plan(), cause.asIf)
      cause.meanwhile?.(s)
      const { report, events } = await s.apply({
        plan,
        ...(cause.through === undefined ? {} : { through: cause.through }),
      })

      // The service did answer with it, and no fault was put in.
      const refused = s.emulator.requests.filter(({ action }) => action === "ImportImage")
      expect(refused.map(({ code }) => code)).toEqual([cause.code])
      const requestId = refused[0]?.requestId ?? ""
      expect(s.writes()).toEqual([])

      const [action] = plan.actions
      const placement = { image: "web", account: "default", region: action?.region }
      const expected = {
        ...placement,
        action: "import",
        outcome: "failed",
        requestId,
        error: { code: cause.code, advice: expect.stringMatching(cause.advice), requestId },
      }
      expect(JSON.parse(renderApplyJson({ ...report, images: [] })).results).toMatchObject([expected])
      expect(events).toContainEqual(
        expect.objectContaining({
          type: "rehearsal.checked",
          placement,
          error: expect.objectContaining({
            code: cause.code,
            account: "default",
            region: action?.region,
            requestId,
          }),
        }),
      )
      const text = renderApply(report, { color: false, width: 200 })
      expect(text).toContain(`web  ${action?.region}  import  request id ${requestId}`)
      expect(text).toContain(`${cause.code}: `)
      const words = (of: string): string => of.replace(/\s+/g, " ").trim()
      expect(words(text)).toContain(words(report.results[0]?.error?.advice ?? "no advice"))
      reached.add(cause.code)
    },
  )

  afterAll(() => {
    // Only where the whole file ran: a single test may be asked for.
    if (reached.size > 1) expect([...reached].sort()).toEqual([...OFFICIAL].sort())
  })
})

test("with two accounts the account is named", async () => {
  const games = { secretId: "AKIDgamesgamesgames", secretKey: "the-key-of-games" }
  const stack = STACK.replace("spec:\n", "spec:\n  accounts: { default: {}, games: { profile: games } }\n")
  const s = await story({
    manifests: [stack, image("web")],
    accounts: [demoAccount, { uin: "100000000002", restricted: true, ...games }],
    keys: { games },
  })
  const { report, outcomes } = await s.apply({ keepGoing: true })
  expect(outcomes).toEqual([
    "import web ap-singapore: done",
    "import web games/ap-singapore: failed (OperationDenied.InnerUserProhibitAction)",
  ])
  expect(renderApply(report, { color: false, width: 200 })).toMatch(/web {2}games\/ap-singapore {2}import/)
})

function altered(plan: Plan, asIf: Cause["asIf"]): Plan {
  if (asIf === undefined) return plan
  const actions = plan.actions.map((action) =>
    action.action === "import" ? { ...action, request: asIf(action.request) } : action,
  )
  return { ...plan, actions }
}
