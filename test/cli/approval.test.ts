// plan --out, apply --plan: what was reviewed is what runs, and nothing else.
import { readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, test } from "vitest"
import type { ApprovalSet } from "../../src/model/approval.ts"
import { sealApprovalSet } from "../../src/plan/index.ts"
import { bench } from "./approving.ts"
import { expectClean, image, KEYS, STACK, world } from "./binary.ts"

const STRANGER = { region: "ap-singapore", name: "web" }

describe("a saved plan", () => {
  test("is carried out, and then there is nothing to do", async () => {
    const b = bench(await world(), image("web"), image("api"))
    expect((await b.save()).code).toBe(0)
    expect(await b.approve()).toEqual({
      code: 0,
      rows: ["api ap-singapore import: done", "web ap-singapore import: done"],
    })
    expect(b.writes()).toEqual(["ImportImage ap-singapore", "ImportImage ap-singapore"])
    expect((await b.run("plan", "--detailed-exitcode")).code).toBe(0)
    // Approved, and not needed any more.
    expect(await b.approve()).toEqual({
      code: 0,
      rows: ["api ap-singapore import: done", "web ap-singapore import: done"],
    })
    expect(b.writes()).toEqual([])
  })

  test("holds to its schema, holds no secret, and is for its owner's eyes", async () => {
    const b = bench(await world(), image("web").replace('qcow2" }', 'qcow2", sign: true }'), image("api"))
    await b.save("--rehearse", "--allow-deletes", "1")
    const file = join(b.cwd, "plan.json")
    const ajv = new Ajv2020({ allErrors: true, strict: false, formats: { "date-time": true } })
    for (const name of ["plan", "approval"])
      ajv.addSchema(JSON.parse((await b.run("schema", name)).stdout), name)
    const validate = ajv.getSchema("approval")
    expect(validate?.(b.saved()), JSON.stringify(validate?.errors)).toBe(true)
    const text = readFileSync(file, "utf8")
    expectClean(text)
    expect(text).not.toContain(KEYS.secretId)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(b.saved()).toMatchObject({
      choices: { allow: { maxDeletes: 1 } },
      information: { accounts: { default: "100000000001" } },
    })
    expect(Object.keys(b.saved().rehearsed)).toHaveLength(2)
  })

  test("the cloud changed: that is stale, with the difference, and the others are done", async () => {
    const emulator = await world()
    const b = bench(emulator, image("web"), image("api"))
    await b.save()
    const id = emulator.world.addImage(STRANGER)
    expect(await b.approve()).toEqual({
      code: 5,
      rows: ["api ap-singapore import: done", "web ap-singapore import: stale"],
    })
    expect(emulator.world.image(id)).toMatchObject({ description: "", tags: {} })
  })

  test("the cloud changed in all that was approved: 4, and nothing is written", async () => {
    const emulator = await world()
    const b = bench(emulator, image("web", "description: One"))
    await b.run("apply", "--yes")
    b.manifest("images/0.yaml", image("web", "description: Two"))
    await b.save()
    const [web] = emulator.world.images()
    const mark = web?.description.slice(4) ?? ""
    emulator.world.changeImage(web?.id ?? "", { description: `Other ${mark}` })
    b.writes()
    const { code, stdout } = await b.run("apply", "--plan", "plan.json", "--yes")
    expect(code).toBe(4)
    expect(stdout).toContain("stale")
    expect(stdout).toMatch(/- description +"One" -> "Two"\n.*\+ description +"Other" -> "Two"/)
    expect(b.writes()).toEqual([])
  })

  test("the manifests changed: what is new is not approved, what is different is stale", async () => {
    const b = bench(await world(), image("web"), image("api"))
    await b.save()
    b.manifest("images/1.yaml", image("api", "description: New"))
    b.manifest("images/2.yaml", image("new"))
    expect(await b.approve()).toEqual({
      code: 5,
      rows: [
        "api ap-singapore import: stale",
        "new ap-singapore import: not_approved",
        "web ap-singapore import: done",
      ],
    })
    expect(b.writes()).toEqual(["ImportImage ap-singapore"])
  })

  test("changes that have to do with nothing spoil nothing", async () => {
    const emulator = await world()
    const b = bench(emulator, image("web"))
    await b.save()
    emulator.world.addImage({ region: "ap-singapore", name: "somebody-elses" })
    b.manifest("images/0.yaml", `# a comment\n${image("web").replace("kind: Image", "kind: Image # moved")}`)
    expect(await b.approve()).toEqual({ code: 0, rows: ["web ap-singapore import: done"] })
  })

  test("nothing but what was not approved: 0, and nothing is written", async () => {
    const emulator = await world()
    const b = bench(emulator, image("web"))
    await b.run("apply", "--yes")
    await b.save()
    b.manifest("images/1.yaml", image("new"))
    b.writes()
    expect(await b.approve()).toEqual({ code: 0, rows: ["new ap-singapore import: not_approved"] })
    expect(b.writes()).toEqual([])
  })

  test("an image that left the manifests, although it was selected: done", async () => {
    const b = bench(await world(), image("web"), image("api"))
    await b.save("--image", "web")
    b.manifest("images/0.yaml", "")
    expect(await b.approve()).toEqual({ code: 0, rows: ["web ap-singapore import: done"] })
    expect(b.writes()).toEqual([])
  })

  test("a region that only the approved deletion names is read, whatever the tag service says", async () => {
    const emulator = await world({ behaviour: { tagDelayMs: 0 } })
    const b = bench(emulator, image("web", "regions: [ap-singapore, eu-frankfurt]"))
    await b.run("apply", "--yes")
    b.manifest("cvmimg.yaml", `${STACK}  prune: { orphans: delete }\n  safety: { maxDeletes: 5 }\n`)
    b.manifest("images/0.yaml", image("web"))
    expect((await b.save("--prune", "orphans")).stdout).toContain("1 to delete")
    emulator.fault("GetResources:*:error=UnauthorizedOperation")
    b.writes()
    // The tag service does not answer: the region of the approved action is read all the same.
    expect(await b.approve()).toEqual({ code: 0, rows: ["web eu-frankfurt delete: done"] })
    expect(b.writes()).toEqual(["DeleteImages eu-frankfurt"])
  })
})

describe("rehearsals", () => {
  test("of the last hour are not repeated", async () => {
    const b = bench(await world(), image("web"), image("api"))
    await b.save("--rehearse")
    expect(b.calls("ImportImage")).toBe(2)
    expect(b.writes()).toEqual([])
    await b.approve()
    expect(b.calls("ImportImage")).toBe(2)
    expect(b.writes()).toEqual(["ImportImage ap-singapore", "ImportImage ap-singapore"])
  })

  test.each([
    ["older than an hour", -3_600_001, 2],
    ["from the future", 60_000, 2],
    ["within the hour", -3_500_000, 1],
  ])("%s", async (_, shift, calls) => {
    const b = bench(await world(), image("web"))
    await b.save("--rehearse")
    const { checksum: _sum, ...parts } = b.saved()
    const rehearsed = Object.fromEntries(Object.entries(parts.rehearsed).map(([d, at]) => [d, at + shift]))
    b.manifest("plan.json", JSON.stringify(sealApprovalSet({ ...parts, rehearsed })))
    await b.approve()
    expect(b.calls("ImportImage")).toBe(calls)
  })

  test("without --rehearse they are made at apply", async () => {
    const b = bench(await world(), image("web"))
    await b.save()
    await b.approve()
    expect(b.calls("ImportImage")).toBe(2)
  })
})

describe("a set that cannot be used", () => {
  test("cut short or changed at any place: refused, and the cloud is not even asked", async () => {
    const emulator = await world()
    const b = bench(emulator, image("web"))
    await b.save()
    const text = JSON.stringify(b.saved())
    emulator.clearLogs()
    const places = [0, 1, 0.1, 0.3, 0.5, 0.7, 0.9].map((x) =>
      x === 1 ? text.length - 1 : Math.floor(x * text.length),
    )
    const broken = places.flatMap((at) => [
      text.slice(0, at),
      text.slice(0, at) + (text[at] === "x" ? "y" : "x") + text.slice(at + 1),
    ])
    const ends = await Promise.all(
      broken.map(async (content, i) => {
        b.manifest(`${i}.json`, content)
        return b.run("apply", "--plan", `${i}.json`, "--yes")
      }),
    )
    for (const { code, stderr } of ends) {
      expect(code).toBe(1)
      expect(stderr).toMatch(/^cvmimg: \d+\.json cannot be used: /)
    }
    expect(emulator.requests).toEqual([])
  })

  const forge = (change: (set: ApprovalSet) => Partial<ApprovalSet>) => (set: ApprovalSet) => {
    const { checksum: _, ...parts } = { ...set, ...change(set) }
    return sealApprovalSet(parts)
  }

  const others: [string, (set: ApprovalSet) => ApprovalSet, RegExp][] = [
    [
      "another stack",
      forge(({ plan }) => ({ plan: { ...plan, stackId: "ffffffff", stack: "other" } })),
      /stack other/,
    ],
    ["another site", forge(({ plan }) => ({ plan: { ...plan, site: "cn" } })), /site cn/],
    ["another format", forge(() => ({ formatVersion: 2 as never })), /format version is 2/],
    ["another kind", forge(() => ({ kind: "Plan" as never })), /plan --out/],
  ]
  test("of another stack, site, format or kind: refused, and the cloud is not even asked", async () => {
    const emulator = await world()
    const b = bench(emulator, image("web"))
    await b.save()
    const set = b.saved()
    emulator.clearLogs()
    for (const [name, forged, said] of others) {
      b.manifest(`${name}.json`, JSON.stringify(forged(set)))
      const { code, stdout, stderr } = await b.run("apply", "--plan", `${name}.json`, "--yes")
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
      expect(stderr).toMatch(said)
    }
    expect(emulator.requests).toEqual([])
    expect(emulator.ledger).toEqual([])
  })

  test("missing, or no JSON at all", async () => {
    const b = bench(await world(), image("web"))
    writeFileSync(join(b.cwd, "binary"), Buffer.from([0xff, 0xfe, 0]))
    for (const file of ["nowhere.json", "binary", "cvmimg.yaml"]) {
      const { code, stderr } = await b.run("apply", "--plan", file, "--yes")
      expect({ code, named: stderr.includes(file) }).toEqual({ code: 1, named: true })
    }
  })

  test("forged to delete: what the manifests do not ask for is not done", async () => {
    const emulator = await world()
    const b = bench(emulator, image("web"))
    await b.run("apply", "--yes")
    const [web] = emulator.world.images()
    await b.save()
    // Of the shape that a deletion has: any other is refused before it is looked at.
    const retired = { deleteSnapshots: true, snapshotIds: [] }
    const forged = forge(({ plan, choices }) => ({
      choices: { ...choices, prune: { orphans: true, retention: true }, allow: { maxDeletes: 99 } },
      plan: {
        ...plan,
        actions: plan.actions.map(
          (a) => ({ ...a, ...retired, action: "delete", imageId: web?.id, name: "web" }) as never,
        ),
      },
    }))
    b.manifest("plan.json", JSON.stringify(forged(b.saved())))
    b.writes()
    await b.approve()
    expect(b.writes()).toEqual([])
  })
})

test("what the plan was made with is not to be said again: 64", async () => {
  const emulator = await world()
  const b = bench(emulator, image("web"))
  await b.save()
  emulator.clearLogs()
  const said = [
    "--allow-deletes=1",
    "--allow-replaces=1",
    "--prune=all",
    "--retry-failed",
    "--image=web",
    "-la=b",
  ]
  const ends = await Promise.all(said.map((arg) => b.run("apply", "--plan", "plan.json", "--yes", arg)))
  for (const { code, stderr } of ends)
    expect({ code, told: stderr.includes("plan --out") }).toEqual({ code: 64, told: true })
  expect(emulator.requests).toEqual([])
})
