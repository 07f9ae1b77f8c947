// plan and what belongs to it: it never writes, in any form; what it saves can be shown and compared; explain; brakes;
// pruning; checks.
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, test } from "vitest"
import { bench } from "./approving.ts"
import { cvmimg, expectClean, folder, image, KEYS, STACK, world } from "./binary.ts"

const stackWith = (...lines: readonly string[]): string => `${STACK}${lines.map((l) => `  ${l}\n`).join("")}`
const AT_ONCE = { behaviour: { tagDelayMs: 0 } }
const FORMATS = ["text", "json", "markdown", "html", "junit", "sarif", "github"]

describe("plan", () => {
  test("never writes, whatever it is told: no CreateTag, no ledger entry", async () => {
    const emulator = await world(AT_ONCE)
    const b = bench(emulator, image("web", "tags: { app: web }"), image("old"), image("bad"))
    await b.run("apply", "--yes")
    b.manifest(
      "images/0.yaml",
      image("web", "tags: { app: new, more: tags }\ndescription: New\nsharedWith: []"),
    )
    b.manifest("images/1.yaml", image("fresh", "tags: { fresh: tag }"))
    b.manifest("cvmimg.yaml", stackWith("prune: { orphans: delete }"))
    b.writes()
    const rest = [
      "--rehearse",
      "--retry-failed",
      "--allow-deletes=9",
      "--detailed-exitcode",
      "--out=saved.json",
    ]
    const all = [...rest, "--prune=all", ...FORMATS.map((f) => `-o${f}=out.${f}`)]
    const ends = await Promise.all([
      b.run("plan", ...all),
      b.run(
        "plan",
        "--image=fresh",
        "--region=ap-singapore",
        "--account=default",
        "--rehearse",
        "--no-checks",
      ),
      b.run("explain", "web"),
      b.run("explain", "fresh", "-o", "json"),
    ])
    expect(ends.map((e) => e.code)).toEqual([2, 0, 0, 0])
    expect(emulator.ledger).toEqual([])
    const writes = /^(Import|Modify|Delete|Create|Sync|Unt?ag|Tag|Attach|Detach|Add|Update)/
    const real = emulator.requests.filter((r) => writes.test(r.action) && r.parameters.DryRun !== true)
    expect(real).toEqual([])
    for (const file of readdirSync(b.cwd, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue
      const text = readFileSync(join(file.parentPath, file.name), "utf8")
      expectClean(text)
      expect(text, file.name).not.toContain(KEYS.secretId)
    }
    for (const format of FORMATS) expect(existsSync(join(b.cwd, `out.${format}`)), format).toBe(true)
  })
})

describe("show and diff-plans", () => {
  test("show prints what plan printed, in every format, without a network", async () => {
    const emulator = await world()
    const b = bench(emulator, image("web", "tags: { app: web }"), image("api"))
    await b.save(...FORMATS.map((f) => `-o${f}=out.${f}`))
    emulator.clearLogs()
    for (const format of FORMATS) {
      const { code, stdout } = await b.run("show", "plan.json", "-o", format)
      expect(code).toBe(0)
      expect(stdout, format).toBe(readFileSync(join(b.cwd, `out.${format}`), "utf8"))
    }
    expect(emulator.requests).toEqual([])
  })

  test("diff-plans tells what moved; what cannot be read is told", async () => {
    const b = bench(await world(), image("web"), image("api"))
    await b.run("plan", "--out", "one.json")
    b.manifest("images/0.yaml", image("web", "description: New"))
    b.manifest("images/1.yaml", image("new"))
    await b.run("plan", "--out", "two.json")
    const { code, stdout } = await b.run("diff-plans", "one.json", "two.json")
    expect(code).toBe(0)
    expect(stdout).toContain("Plans: 1 added, 1 removed, 1 changed.")
    const json = JSON.parse((await b.run("diff-plans", "one.json", "two.json", "-o", "json")).stdout)
    expect(json.moved.map((m: { image: string; moved: string }) => [m.image, m.moved])).toEqual([
      ["api", "removed"],
      ["new", "added"],
      ["web", "changed"],
    ])
    expect((await b.run("diff-plans", "one.json", "one.json")).stdout).toContain("the same plan")
    expect(await b.run("show", "cvmimg.yaml")).toMatchObject({ code: 1, stdout: "" })
    expect(await b.run("show", "nowhere.json")).toMatchObject({ code: 1, stdout: "" })
  })
})

describe("explain", () => {
  test("says where values come from and what was looked at", async () => {
    const emulator = await world({ images: [{ region: "ap-singapore", name: "web", family: "f" }] })
    const b = bench(emulator, image("web", "description: Web"), image("api"))
    const { code, stdout } = await b.run("explain", "web")
    expect(code).toBe(0)
    expect(stdout).toMatch(/description +Web +images\/0\.yaml:6/)
    expect(stdout).toMatch(/os\.type +Ubuntu +cvmimg\.yaml:5/)
    expect(stdout).toContain("nobody's: it has no mark of cvmimg")
    expect(stdout).toContain("-> keep")
  })

  test("offline it asks nobody, and needs no credentials", async () => {
    const emulator = await world()
    const b = bench(emulator, image("web"))
    const env = {
      TENCENTCLOUD_SECRET_ID: undefined,
      TENCENTCLOUD_SECRET_KEY: undefined,
      CVMIMG_ENDPOINT: emulator.url,
    }
    const { code, stdout } = await cvmimg(["explain", "web", "--offline"], { cwd: b.cwd, env })
    expect(code).toBe(0)
    expect(stdout).toContain("Spec hash")
    expect(stdout).toContain("the region was not read")
    expect(emulator.requests).toEqual([])
  })

  test("as JSON it holds to its schema, on line and off", async () => {
    const b = bench(await world(), image("web", "regions: [ap-singapore, eu-frankfurt]"))
    await b.run("apply", "--yes", "--region", "ap-singapore")
    const ajv = new Ajv2020({ allErrors: true, strict: false })
    for (const name of ["plan", "explain"])
      ajv.addSchema(JSON.parse((await b.run("schema", name)).stdout), name)
    const validate = ajv.getSchema("explain")
    for (const more of [[], ["--offline"], ["--region", "eu-frankfurt"]]) {
      const value = JSON.parse((await b.run("explain", "web", "-o", "json", ...more)).stdout)
      expect(validate?.(value), JSON.stringify(validate?.errors)).toBe(true)
      expect(value.placements).toHaveLength(more.length === 2 ? 1 : 2)
    }
  })

  test("a name that does not exist is told with those that do", async () => {
    const b = bench(await world(), image("web"), image("api"))
    expect(await b.run("explain", "wbe", "--offline")).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("api, web"),
    })
  })
})

describe("--prune and the limits", () => {
  const regions = "regions: [ap-singapore, eu-frankfurt]"

  test("orphans, in a region that no manifest lists any more too; the limit stops all until its number is named", async () => {
    const emulator = await world(AT_ONCE)
    const b = bench(emulator, image("web", regions), image("old", regions))
    await b.run("apply", "--yes")
    b.manifest("cvmimg.yaml", stackWith("prune: { orphans: delete }"))
    b.manifest("images/0.yaml", image("web", "description: New"))
    b.manifest("images/1.yaml", "")
    b.writes()
    // Told only, without the option.
    const quiet = await b.run("plan")
    expect(quiet).toMatchObject({ code: 0, stdout: expect.stringContaining("3 notices") })
    for (const args of [["plan"], ["apply", "--yes"]]) {
      const { code, stdout } = await b.run(...args, "--prune", "orphans")
      expect(code, args[0]).toBe(3)
      expect(stdout).toContain("2 images")
      expect(stdout).toMatch(/old/)
      expect(stdout).toContain("--allow-deletes 2")
    }
    expect(b.writes()).toEqual([])
    expect((await b.run("apply", "--yes", "--prune=all", "--allow-deletes=1")).code).toBe(3)
    expect((await b.run("apply", "--yes", "--prune=all", "--allow-deletes=2")).code).toBe(0)
    expect(b.writes().sort()).toEqual([
      "DeleteImages ap-singapore",
      "DeleteImages eu-frankfurt",
      "DeleteImages eu-frankfurt",
      "ModifyImageAttribute ap-singapore",
    ])
    expect((await b.run("plan", "--detailed-exitcode", "--prune=all")).code).toBe(0)
  })

  test("retention", async () => {
    const emulator = await world(AT_ONCE)
    const FAMILY = "match: family\nfamily: web"
    const b = bench(emulator, image("web", FAMILY))
    await b.run("apply", "--yes")
    b.manifest("images/0.yaml", image("web", FAMILY).replace("web.qcow2", "web-2.qcow2"))
    await b.run("apply", "--yes")
    b.manifest(
      "images/family.yaml",
      "apiVersion: cvmimg/v1\nkind: Family\nmetadata: { name: web }\nspec: { retain: { last: 1 }, beyond: deprecate }\n",
    )
    b.writes()
    expect((await b.run("apply", "--yes", "--prune", "orphans")).code).toBe(0)
    expect(b.writes()).toEqual([])
    expect((await b.run("apply", "--yes", "--prune", "retention")).code).toBe(0)
    expect(b.writes()).toEqual(["ModifyImageAttribute ap-singapore"])
  })

  test("an approval set carries the number; brakes count what is approved", async () => {
    const emulator = await world(AT_ONCE)
    const b = bench(emulator, image("web"), image("old"))
    await b.run("apply", "--yes")
    b.manifest("cvmimg.yaml", stackWith("prune: { orphans: delete }"))
    b.manifest("images/1.yaml", "")
    expect((await b.save("--prune=orphans", "--allow-deletes=1")).code).toBe(0)
    expect(await b.approve()).toEqual({ code: 0, rows: ["old ap-singapore delete: done"] })
    // Without the number the plan is saved all the same, and refused again when it is applied.
    b.manifest("images/0.yaml", "")
    b.manifest("images/2.yaml", image("next"))
    expect((await b.save("--prune=orphans")).code).toBe(3)
    b.writes()
    expect(await b.approve()).toEqual({
      code: 3,
      rows: [
        "next ap-singapore import: skipped (over_limit)",
        "web ap-singapore delete: skipped (over_limit)",
      ],
    })
    expect(b.writes()).toEqual([])
  })

  test("what it cannot go with, and what it does not know: 64", async () => {
    const b = bench(await world(), image("web"))
    const lines = [["--prune=all", "--image=web"], ["--prune=all", "-la=b"], ["--prune=some"]]
    for (const line of lines) expect((await b.run("plan", ...line)).code, line.join(" ")).toBe(64)
  })
})

describe("--retry-failed", () => {
  test("imports again what failed, and not without it", async () => {
    const emulator = await world({ behaviour: { importOutcomes: { "web.qcow2": "VirtioNotInstall" } } })
    const b = bench(emulator, image("web"))
    expect((await b.run("apply", "--yes")).code).toBe(1)
    expect(await b.run("plan")).toMatchObject({ code: 3, stdout: expect.stringContaining("--retry-failed") })
    emulator.setBehaviour({ importOutcomes: {} })
    expect((await b.save("--retry-failed")).code).toBe(0)
    expect(await b.approve()).toEqual({ code: 0, rows: ["web ap-singapore retry: done"] })
    expect((await b.run("plan", "--detailed-exitcode")).code).toBe(0)
  })
})

describe("checks", () => {
  // A store with one good object and one that is none.
  const objects = (): string =>
    folder({ "golden-ap-singapore-1250000000/bad.qcow2": "this is no disk".repeat(300) })

  test("an error is 1 at plan; at apply nothing is written, unless the others may go on, or nobody looks", async () => {
    const emulator = await world()
    const b = bench(emulator, image("good"), image("odd", 'os: { type: BeOS, version: "5" }'))
    const planned = await b.run("plan", "--detailed-exitcode")
    expect(planned).toMatchObject({ code: 1, stdout: expect.stringContaining("os_unknown") })
    const applied = await b.run("apply", "--yes")
    expect(applied).toMatchObject({ code: 1, stdout: expect.stringContaining("a check of the plan failed") })
    expect(emulator.ledger).toEqual([])
    // Nobody looks: the rehearsal finds it.
    expect((await b.run("plan", "--no-checks")).code).toBe(0)
    expect((await b.run("apply", "--yes", "--no-checks")).code).toBe(1)
    expect(emulator.ledger.filter((e) => e.action === "ImportImage")).toEqual([])
    expect((await b.run("apply", "--yes", "--keep-going")).code).toBe(5)
    expect(emulator.ledger.filter((e) => e.action === "ImportImage")).toHaveLength(1)
  })

  test("an object that is missing or of another format is an error; --no-checks does not ask for it", async () => {
    const b = bench(await world({ objects: objects() }), image("missing"), image("bad"))
    const { code, stdout } = await b.run("plan")
    expect(code).toBe(1)
    expect(stdout).toContain("error[not_found]")
    expect(stdout).toContain("error[format_mismatch]")
    const quiet = await b.run("plan", "--no-checks")
    expect(quiet.code).toBe(0)
    expect(quiet.stdout).not.toContain("error[")
  })

  test("--rehearse tells a refusal of the service, and a missing right is no error", async () => {
    const emulator = await world()
    const b = bench(emulator, image("web", 'os: { type: BeOS, version: "5" }'))
    expect((await b.run("plan", "--rehearse")).stdout).toContain("InvalidImageOsType.Unsupported")
    emulator.fault("ImportImage:dryrun,*:error=UnauthorizedOperation")
    b.manifest("images/0.yaml", image("web"))
    const { code, stdout } = await b.save("--rehearse")
    expect({ code, told: stdout.includes("skipped[not_permitted]") }).toEqual({ code: 0, told: true })
    expect(b.saved().rehearsed).toEqual({})
  })
})
