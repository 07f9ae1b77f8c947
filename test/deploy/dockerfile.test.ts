// The Dockerfile, without a docker: its instructions are parsed and held to rules, and the steps of both stages are carried
// out in folders that hold nothing but what the file copies.
import { execFileSync } from "node:child_process"
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"

const root = join(import.meta.dirname, "../..")
const text = readFileSync(join(root, "deploy/Dockerfile"), "utf8")

interface Instruction {
  readonly name: string
  readonly rest: string
}

/** Lines joined at backslashes, without comments and empty ones. */
function instructions(file: string): Instruction[] {
  const lines = file
    .split("\n")
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join("\n")
    .replace(/\\\n\s*/g, "")
    .split("\n")
  return lines.map((line) => {
    const [, name = "", rest = ""] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
    return { name, rest }
  })
}

const KNOWN = /^(FROM|ARG|LABEL|ENV|WORKDIR|COPY|RUN|USER|EXPOSE|HEALTHCHECK|ENTRYPOINT|CMD)$/
const all = instructions(text)
const starts = all.flatMap(({ name }, i) => (name === "FROM" ? [i] : []))
const build = all.slice(0, starts[1])
const final = all.slice(starts[1])
const of = (stage: Instruction[], name: string): string[] =>
  stage.filter((i) => i.name === name).map((i) => i.rest)

describe("the instructions", () => {
  test("are known ones, in two stages, from one pinned base", () => {
    expect(all.filter(({ name }) => !KNOWN.test(name))).toEqual([])
    expect(starts).toHaveLength(2)
    const bases = of(all, "FROM").map((from) => from.split(" ")[0])
    expect(new Set(bases).size).toBe(1)
    expect(bases[0]).toMatch(/^node:20\.\d+\.\d+-[a-z]+-slim$/)
    const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
    expect(engines.node).toBe(">=20.19")
  })

  test("the image runs as nobody's root, says what it is and how it fares", () => {
    expect(of(final, "USER")).toEqual(["1000:1000"])
    expect(of(final, "LABEL").join(" ")).toContain('org.opencontainers.image.licenses="Apache-2.0"')
    const user = final.findIndex((i) => i.name === "USER")
    expect(final.slice(user).filter((i) => i.name === "RUN")).toEqual([])
    expect(of(final, "HEALTHCHECK")[0]).toContain("/healthz")
    for (const name of ["ENTRYPOINT", "CMD"])
      expect(Array.isArray(JSON.parse(of(final, name)[0] ?? ""))).toBe(true)
  })

  test("only the build stage's result gets into the image, and no secret through ARG or ENV", () => {
    expect(of(final, "COPY")).toEqual(["--from=build /src/build/package /opt/cvmimg"])
    expect([...of(all, "ARG"), ...of(all, "ENV")].join(" ")).not.toMatch(/SECRET|TOKEN|PASSWORD|KEY/i)
  })

  test("what is copied is what .dockerignore lets through", () => {
    const lets = readFileSync(join(root, "deploy/Dockerfile.dockerignore"), "utf8")
      .split("\n")
      .flatMap((line) => (line.startsWith("!") ? [line.slice(1)] : []))
    const copied = of(build, "COPY").flatMap((rest) => rest.split(" ").slice(0, -1))
    expect(copied.sort()).toEqual(lets.sort())
  })
})

describe("the steps", () => {
  test("make a package that runs where nothing can be written", () => {
    const place = mkdtempSync(join(tmpdir(), "cvmimg-docker-"))
    onTestFinished(() => rmSync(place, { recursive: true, force: true }))
    const src = join(place, "src")
    mkdirSync(src)
    const ran: string[] = []
    for (const { name, rest } of build) {
      if (name === "COPY") {
        const parts = rest.split(" ")
        const to = join(src, parts.at(-1) ?? "")
        for (const from of parts.slice(0, -1)) {
          const target = parts.at(-1) === "./" ? join(to, basename(from)) : to
          cpSync(join(root, from), target, { recursive: true })
        }
      } else if (name === "RUN") {
        ran.push(rest)
        // The packages that the lock names are here already; they are not fetched again.
        if (rest.startsWith("npm ci ")) {
          execFileSync("cp", ["-al", join(root, "node_modules"), join(src, "node_modules")])
        } else execFileSync("sh", ["-c", rest], { cwd: src, stdio: ["ignore", "ignore", "inherit"] })
      }
    }
    expect(ran).toEqual(["npm ci --ignore-scripts --no-audit --no-fund", "npm run package"])

    const opt = join(place, "opt")
    cpSync(join(src, "build/package"), join(opt, "cvmimg"), { recursive: true })
    rmSync(src, { recursive: true, force: true })
    expect(existsSync(join(opt, "cvmimg/node_modules"))).toBe(false)
    for (const file of readdirSync(opt, { recursive: true, withFileTypes: true })) {
      chmodSync(join(file.parentPath, file.name), file.isDirectory() ? 0o555 : 0o444)
    }
    onTestFinished(() => {
      execFileSync("chmod", ["-R", "u+w", opt])
    })

    const [node, binary = ""] = JSON.parse(of(final, "ENTRYPOINT")[0] ?? "") as string[]
    expect(node).toBe("node")
    const run = (args: readonly string[]): string =>
      execFileSync(process.execPath, [binary.replace(/^\/opt/, opt), ...args], {
        cwd: "/",
        env: {},
        encoding: "utf8",
      })
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
    expect(run(["--version"]).trim()).toBe(version)
    expect(JSON.parse(run(["schema", "drift"]))).toHaveProperty("$id")
    const [command, ...options] = JSON.parse(of(final, "CMD")[0] ?? "") as string[]
    const help = run([String(command), "--help"])
    for (const option of options.filter((o) => o.startsWith("--"))) expect(help).toContain(` ${option} `)
  })
})
