// Every exit code of the contract that a command can end with today.
import { describe, expect, test } from "vitest"
import { cvmimg, image, STACK, stackOf, start, world } from "./binary.ts"

describe("0: done", () => {
  test("validate, plan without a change, apply, and the plan after it", async () => {
    const { url } = await world()
    const cwd = stackOf(image("web"))
    expect(await cvmimg(["validate"], { cwd })).toMatchObject({ code: 0, stderr: "" })
    expect(await cvmimg(["plan", "--endpoint", url], { cwd })).toMatchObject({ code: 0, stderr: "" })
    const applied = await cvmimg(["apply", "--yes", "--endpoint", url], { cwd })
    expect(applied).toMatchObject({ code: 0, stdout: expect.stringContaining("Apply: 1 done.") })
    const again = await cvmimg(["plan", "--detailed-exitcode", "--endpoint", url], { cwd })
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("Nothing to do") })
    const twice = await cvmimg(["apply", "--yes", "--endpoint", url], { cwd })
    expect(twice).toMatchObject({ code: 0, stdout: expect.stringContaining("Nothing to do") })
  })

  test.each(["--version", "-V", "--help", "-h", "help", "plan --help", "schema"])("%s", async (line) => {
    const { code, stdout, stderr } = await cvmimg(line.split(" "))
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(stdout).not.toBe("")
  })
})

describe("1: it could not be done", () => {
  test("invalid manifests, in every command that reads them", async () => {
    const { url } = await world()
    const cwd = stackOf(image("web", "bootMode: BIOS"))
    for (const args of [["validate"], ["plan"], ["apply", "--yes"]]) {
      const own = args[0] === "validate" ? [] : ["--endpoint", url]
      const { code, stdout, stderr } = await cvmimg([...args, ...own], { cwd })
      expect(code, args[0]).toBe(1)
      expect(stdout + stderr).toContain("images/0.yaml:6:")
    }
  })

  test("no stack anywhere", async () => {
    expect(await cvmimg(["plan"])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("no_stack"),
    })
    expect(await cvmimg(["validate", "nowhere"])).toMatchObject({ code: 1 })
  })

  test("an import that fails, and a rehearsal that fails", async () => {
    const emulator = await world({ behaviour: { importOutcomes: { "bad.qcow2": "VirtioNotInstall" } } })
    const failed = await cvmimg(["apply", "--yes", "--endpoint", emulator.url], {
      cwd: stackOf(image("bad")),
    })
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining("ImportFailed") })
    const rehearsed = await cvmimg(["apply", "--yes", "--no-checks", "--endpoint", emulator.url], {
      cwd: stackOf(image("odd", 'os: { type: BeOS, version: "5" }'), image("good")),
    })
    expect(rehearsed).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("InvalidImageOsType.Unsupported"),
    })
    expect(emulator.ledger.filter(({ action }) => action === "ImportImage")).toHaveLength(1)
  })

  test("a region that cannot be read", async () => {
    const { url } = await world({
      accounts: [{ uin: "100000000001", secretId: "AKIDcanarycanarycanary", secretKey: "another" }],
    })
    const plan = await cvmimg(["plan", "--endpoint", url], { cwd: stackOf(image("web")) })
    expect(plan).toMatchObject({ code: 1, stdout: expect.stringContaining("AuthFailure.SignatureFailure") })
  })
})

describe("2: there is something to do", () => {
  test("only where plan is asked for it", async () => {
    const { url } = await world()
    const cwd = stackOf(image("web"))
    expect(await cvmimg(["plan", "--detailed-exitcode", "--endpoint", url], { cwd })).toMatchObject({
      code: 2,
    })
    expect(await cvmimg(["plan", "--endpoint", url], { cwd })).toMatchObject({ code: 0 })
  })
})

describe("3: refused", () => {
  test("a conflict, at plan and at apply", async () => {
    const twin = {
      region: "ap-singapore",
      name: "web",
      tags: { "cvmimg.stack": "0badcafe", "cvmimg.image": "web" },
    }
    const emulator = await world({ images: [twin] })
    const cwd = stackOf(image("web"))
    for (const args of [["plan"], ["plan", "--detailed-exitcode"], ["apply", "--yes"]]) {
      const { code, stdout } = await cvmimg([...args, "--endpoint", emulator.url], { cwd })
      expect(code, args.join(" ")).toBe(3)
      expect(stdout).toContain("another stack's mark")
    }
    expect(emulator.ledger).toEqual([])
  })

  test("a brake, at plan and at apply; lifted by naming the number", async () => {
    const emulator = await world()
    const members = ["a", "b"].map((name) => image(name, `match: family\nfamily: ${name}`))
    await cvmimg(["apply", "--yes", "--endpoint", emulator.url], { cwd: stackOf(...members) })
    emulator.clearLogs()
    const cwd = stackOf(...members.map((text) => text.replace(".qcow2", "-2.qcow2")))
    const braked = ["--endpoint", emulator.url, "--allow-family-moves", "1"]
    expect(await cvmimg(["plan", ...braked], { cwd })).toMatchObject({ code: 3 })
    expect(await cvmimg(["apply", "--yes", ...braked], { cwd })).toMatchObject({ code: 3 })
    expect(emulator.ledger).toEqual([])
    const lifted = ["--endpoint", emulator.url, "--allow-family-moves", "2"]
    expect(await cvmimg(["plan", "--detailed-exitcode", ...lifted], { cwd })).toMatchObject({ code: 2 })
    expect(await cvmimg(["apply", "--yes", ...lifted], { cwd })).toMatchObject({ code: 0 })
  })
})

describe("5: partly applied", () => {
  test("some done, some failed", async () => {
    const { url } = await world({ behaviour: { importOutcomes: { "bad.qcow2": "VirtioNotInstall" } } })
    const done = await cvmimg(["apply", "--yes", "--endpoint", url], {
      cwd: stackOf(image("bad"), image("good")),
    })
    expect(done).toMatchObject({ code: 5, stdout: expect.stringContaining("Apply: 1 done, 1 failed.") })
  })
})

describe("64: wrong usage", () => {
  test.each([
    [["frobnicate"], "frobnicate"],
    [["plna"], "plan"],
    [["plan", "--frobnicate"], "--frobnicate"],
    [["plan", "a", "b"], "too many"],
    [["plan", "-o", "papyrus"], "papyrus"],
    [["plan", "-o", "json="], "file"],
    [["plan", "-o", "json", "-o", "text"], "-o"],
    [["validate", "-o", "papyrus"], "papyrus"],
    [["schema", "papyrus"], "papyrus"],
    [["apply"], "--yes"],
    [["plan", "-l", "tier"], "tier"],
    [["plan", "--allow-family-moves", "many"], "many"],
    [["emulator", "--port", "99999"], "99999"],
    [["emulator", "--speed", "0"], "speed"],
    [["emulator", "--site", "mars"], "mars"],
    [[], "Usage"],
  ])("%j", async (args, named) => {
    const { code, stdout, stderr } = await cvmimg(args, { cwd: stackOf(image("web")) })
    expect({ code, stdout }).toEqual({ code: 64, stdout: "" })
    expect(stderr).toContain(named)
  })

  test("a selection that names what does not exist is told", async () => {
    const { url } = await world()
    const plan = await cvmimg(["plan", "--image", "wbe", "--endpoint", url], { cwd: stackOf(image("web")) })
    expect(plan.stdout + plan.stderr).toMatch(/nothing is selected|wbe/)
  })
})

describe("interrupted", () => {
  const waiting = async () => {
    const emulator = await world({ behaviour: { importMs: 600_000 } })
    const cwd = stackOf(image("web"))
    const run = start(["apply", "--yes", "--endpoint", emulator.url], { cwd })
    await run.until(/IMPORTING/)
    return { emulator, cwd, run }
  }

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "%s in an apply that waits: %i, with what goes on, and the next run takes it up",
    async (signal, code) => {
      const { emulator, cwd, run } = await waiting()
      run.child.kill(signal)
      const end = await run.ended
      expect(end).toMatchObject({ code, signal: null })
      const [made] = emulator.world.images()
      expect(end.stdout).toContain("Apply: 0 done, 1 running.")
      expect(end.stdout).toContain(made?.id)
      emulator.world.changeImage(made?.id ?? "", { finishInMs: 1_000 })
      const again = await cvmimg(["apply", "--yes", "--endpoint", emulator.url], { cwd })
      expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("await") })
      expect(emulator.ledger.filter(({ action }) => action === "ImportImage")).toHaveLength(1)
    },
  )

  test("twice: it leaves at once, whatever is on the wire", async () => {
    let arrived = (): void => {}
    const onTheWire = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const emulator = await world({
      faults: {
        arrives: ({ headers, body }) => {
          const real = headers["x-tc-action"] === "ImportImage" && !Buffer.from(body).includes("DryRun")
          if (!real) return false
          arrived()
          return new Promise<boolean>(() => {})
        },
      },
    })
    const run = start(["apply", "--yes", "--endpoint", emulator.url], { cwd: stackOf(image("web")) })
    await onTheWire
    run.child.kill("SIGINT")
    // The first one is heard, and waits for the reply.
    await run.until(/a second signal leaves at once/)
    const early = await Promise.race([run.ended, new Promise((resolve) => setTimeout(resolve, 700, "waits"))])
    expect(early).toBe("waits")
    run.child.kill("SIGINT")
    const end = await run.ended
    expect(end).toMatchObject({ code: 130, signal: null, stderr: expect.stringContaining("interrupted") })
  })

  test("during the reading of the world: at once, and nothing was written", async () => {
    let arrived = (): void => {}
    const reads = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const emulator = await world({
      faults: {
        arrives: () => {
          arrived()
          return new Promise<boolean>(() => {})
        },
      },
    })
    const run = start(["apply", "--yes", "--endpoint", emulator.url], { cwd: stackOf(image("web")) })
    await reads
    const asked = performance.now()
    run.child.kill("SIGINT")
    expect((await run.ended).code).toBe(130)
    // A read is given half a minute.
    expect(performance.now() - asked).toBeLessThan(20_000)
    expect(emulator.ledger).toEqual([])
  })
})

test("a stack in a folder above is found", async () => {
  const { url } = await world()
  const cwd = stackOf(image("web"))
  const plan = await cvmimg(["plan", "images", "--endpoint", url], { cwd })
  expect(plan).toMatchObject({ code: 0, stdout: expect.stringContaining("1 to import") })
  expect(STACK).toContain("golden")
})
