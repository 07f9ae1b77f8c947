/** Manifests for images that exist. Reads what plan reads; writes files, and never over anything. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { homedir } from "node:os"
import { dirname, join, relative, resolve, sep } from "node:path"
import { connect } from "../../cloud/connect.ts"
import { observe } from "../../cloud/observe.ts"
import { type Addition, exportManifests } from "../../export/index.ts"
import type { LoadedStack } from "../../manifest/index.ts"
import { STACK_FILE } from "../../manifest/source.ts"
import type { ExportReport } from "../../model/export.ts"
import type { CloudImage } from "../../model/observed.ts"
import { compareText, type Scope } from "../../model/placement.ts"
import type { Stack } from "../../model/stack.ts"
import { renderDiagnostics } from "../../report/diagnostics.ts"
import { terminalText } from "../../report/escape.ts"
import { renderExport, renderExportJson } from "../../report/export.ts"
import { EXIT, UnusableFile, UsageError } from "../exit.ts"
import type { Io } from "../io.ts"
import { load } from "../load.ts"
import { parseOutputs, writeOutputs } from "../outputs.ts"

export interface ExportOptions {
  readonly output: readonly string[]
  readonly account?: readonly string[]
  readonly region?: readonly string[]
  readonly family?: readonly string[]
  readonly name?: readonly string[]
  readonly dryRun?: boolean
  readonly endpoint?: string
}

/** Exit code 1 where a region could not be read, after the others were written. */
export async function exportCommand(io: Io, dir: string, options: ExportOptions): Promise<number> {
  const requests = parseOutputs(options.output, ["text", "json", "yaml"])
  const at = resolve(io.cwd, dir)
  const loaded = await load(io, [at])
  const { stack, directory } = loaded
  // What an earlier export left to be filled in keeps nobody from exporting more.
  const wrong = loaded.diagnostics.filter((d) => d.severity === "error" && d.code !== "todo")
  if (wrong.length > 0 || stack === undefined || directory === undefined) {
    io.stderr.write(
      renderDiagnostics(wrong, loaded.sources, { color: io.stderr.color, width: io.stderr.width }),
    )
    return EXIT.failed
  }
  const target = targetOf(at, directory)
  const observed = await read(io, stack, scopesOf(loaded, stack, options), options.endpoint)
  const made = exportManifests({
    stack,
    observed,
    claims: loaded.claims,
    inherited: loaded.defaults ?? {},
    sources: loaded.sources,
    directory: shownPath(io, target),
    wanted: wantedBy(options),
  })
  if (options.dryRun !== true) for (const addition of made.additions) write(io, directory, addition)
  const report: ExportReport = {
    stack: stack.name,
    preview: options.dryRun === true,
    files: made.additions.map(({ file, images, before }) => ({
      file,
      images,
      extended: before !== undefined,
    })),
    images: made.images,
    leftOut: made.leftOut,
    unread: observed.scopes.flatMap((scope) => {
      if (!("failure" in scope)) return []
      const { code, message, advice } = scope.failure
      return [{ account: scope.account, region: scope.region, code, message, advice }]
    }),
  }
  writeOutputs(io, requests, {
    text: (to) => renderExport(report, to),
    json: () => renderExportJson(report),
    yaml: () => preview(made.additions),
  })
  return report.unread.length > 0 ? EXIT.failed : EXIT.done
}

/** New files come into `images/` of the stack, or into the directory below it that was named. */
function targetOf(at: string, directory: string): string {
  const root = realpathSync(directory)
  const inside = statSync(at).isDirectory() ? at : dirname(at)
  const target = realpathSync(inside) === root ? join(directory, "images") : inside
  if (!existsSync(target)) return target
  if (!statSync(target).isDirectory()) {
    throw new UnusableFile(`${target} is no directory: move it away, or name a directory below the stack's`)
  }
  const real = realpathSync(target)
  if (real !== root && !real.startsWith(root + sep)) {
    throw new UnusableFile(`${target} leads out of the stack's directory: name one below it`)
  }
  if (real !== root && existsSync(join(real, STACK_FILE))) {
    throw new UnusableFile(
      `${target} is a stack of its own: name another directory of the stack ${directory}`,
    )
  }
  return target
}

function scopesOf({ claims, defaults }: LoadedStack, stack: Stack, options: ExportOptions): Scope[] {
  const names = stack.accounts.map((account) => account.name)
  for (const name of options.account ?? []) {
    if (!names.includes(name)) {
      throw new UsageError(
        `no account '${name}' in the stack; there is ${[...names].sort(compareText).join(", ")}`,
      )
    }
  }
  for (const region of options.region ?? []) {
    if (!REGION.test(region))
      throw new UsageError(`'${region}' is no region; one is written like ap-singapore`)
  }
  const scopes = stack.accounts
    .filter(({ name }) => options.account?.includes(name) ?? true)
    .flatMap(({ name: account, regions = [] }): Scope[] => {
      const claimed = claims.flatMap((claim) => claim.scopes.filter((scope) => scope.account === account))
      const known = new Set([
        ...regions,
        ...(defaults?.regions ?? []),
        ...claimed.map((scope) => scope.region),
      ])
      return [...new Set(options.region ?? known)].map((region) => ({ account, region }))
    })
  if (scopes.length > 0) return scopes
  throw new UsageError("the stack names no region: name those to look at with --region")
}

const REGION = /^[a-z]{2}-[a-z0-9]{2,30}(?:-[a-z0-9]{1,10})?$/

async function read(io: Io, stack: Stack, scopes: readonly Scope[], endpoint: string | undefined) {
  const cloud = await connect({
    site: stack.site,
    accounts: stack.accounts,
    clock: io.clock,
    env: io.env,
    home: io.env.HOME ?? homedir(),
    readOnly: true,
    ...(endpoint === undefined ? {} : { endpoint }),
  })
  try {
    return await observe({ reader: cloud, clock: io.clock, placements: [], scopes, signal: io.signal })
  } finally {
    cloud.close()
  }
}

/** Values of one option are alternatives, options add up. */
function wantedBy({ family, name }: ExportOptions): (image: CloudImage) => boolean {
  const globs = name?.map(globOf)
  return (image) =>
    (family === undefined || family.includes(image.family)) &&
    (globs === undefined || globs.some((glob) => glob.test(image.name)))
}

function globOf(glob: string): RegExp {
  const pattern = glob
    .replace(/[\\^$+.()|[\]{}]/g, "\\$&")
    .replace(/\*+/g, ".*")
    .replaceAll("?", ".")
  return new RegExp(`^${pattern}$`, "su")
}

function shownPath(io: Io, path: string): string {
  const short = relative(io.cwd, path) || "."
  return sep === "/" ? short : short.replaceAll(sep, "/")
}

/** A new file, or text at the end of one. What is there stays, byte for byte. */
function write(io: Io, directory: string, { file, text, before }: Addition): void {
  const path = resolve(io.cwd, file)
  if (before === undefined) {
    mkdirSync(dirname(path), { recursive: true })
    // A file that came meanwhile is nobody's to write over.
    writeFileSync(path, text, { flag: "wx" })
    return
  }
  const real = realpathSync(path)
  if (!real.startsWith(realpathSync(directory) + sep)) {
    throw new UnusableFile(`${file} leads out of the stack's directory: copy it there, then export again`)
  }
  if (readFileSync(real, "utf8").replace(/^\ufeff/, "") !== before.replace(/^\ufeff/, "")) {
    throw new UnusableFile(`${terminalText(file)} changed while it was read: export again`)
  }
  appendFileSync(real, text)
}

/** Every document as one stream of YAML, under the name of its file. */
function preview(additions: readonly Addition[]): string {
  return additions
    .map(({ file, text }) => `---\n# ${terminalText(file)}\n${text.replace(/^\r?\n?---\r?\n/, "")}`)
    .join("")
}
