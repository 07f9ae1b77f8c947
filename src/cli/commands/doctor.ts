/** Looks at everything that a run needs, without changing anything: keys, rights, network, clock, disc. */
import { homedir } from "node:os"
import { resolve } from "node:path"
import { probeSources } from "../../check/index.ts"
import { connect } from "../../cloud/connect.ts"
import { CloudError } from "../../cloud/failure.ts"
import type { SourceSigner } from "../../cloud/port.ts"
import { examine, policyFor } from "../../doctor/index.ts"
import type { LoadedStack } from "../../manifest/index.ts"
import type { DesiredPlacement } from "../../model/desired.ts"
import type { DoctorReport, Finding } from "../../model/doctor.ts"
import type { Scope } from "../../model/placement.ts"
import type { Account, Site } from "../../model/stack.ts"
import { renderDiagnostics } from "../../report/diagnostics.ts"
import { renderDoctor, renderDoctorJson, renderPolicy } from "../../report/doctor.ts"
import { counted } from "../../report/value.ts"
import { examineNode, examinePlace, examineProxy } from "../doctor-local.ts"
import { EXIT, UsageError } from "../exit.ts"
import type { Io } from "../io.ts"
import { load } from "../load.ts"
import { withObjects } from "../objects.ts"
import { parseOutputs, writeOutputs } from "../outputs.ts"
import { cosEndpointOf } from "../world.ts"

export interface DoctorOptions {
  readonly output: readonly string[]
  readonly policy?: string
  readonly account?: readonly string[]
  readonly region?: readonly string[]
  readonly endpoint?: string
}

/** Exit code 1 where a finding is an error. */
export async function doctorCommand(io: Io, dir: string, options: DoctorOptions): Promise<number> {
  const requests = parseOutputs(options.output, ["text", "json"])
  const loaded = await load(io, [resolve(io.cwd, dir)])
  if (options.policy !== undefined) return policy(io, loaded, options.policy, options.account)
  const report = await diagnose(io, loaded, options)
  writeOutputs(io, requests, {
    text: (to) => renderDoctor(report, to),
    json: () => renderDoctorJson(report),
  })
  return report.findings.some((finding) => finding.status === "error") ? EXIT.failed : EXIT.done
}

async function diagnose(io: Io, loaded: LoadedStack, options: DoctorOptions): Promise<DoctorReport> {
  const { stack, directory } = loaded
  const site = stack?.site ?? "intl"
  const accounts = accountsOf(stack?.accounts ?? [{ name: "default", vars: {} }], options.account)
  const endpoint = options.endpoint ?? io.env.CVMIMG_ENDPOINT
  const findings: Finding[] = [
    examineNode(),
    manifestsFinding(loaded),
    examineProxy(io, site, endpoint),
    ...(directory === undefined ? [] : await examinePlace(io, directory)),
    ...(await askService(io, loaded, { accounts, site, endpoint, options })),
  ]
  return { ...(stack === undefined ? {} : { stack: stack.name }), findings }
}

function accountsOf(all: readonly Account[], wanted: readonly string[] | undefined): readonly Account[] {
  const names = all.map((account) => account.name)
  for (const name of wanted ?? []) {
    if (!names.includes(name))
      throw new UsageError(`no account '${name}' in the stack; there is ${names.join(", ")}`)
  }
  return all.filter((account) => wanted?.includes(account.name) ?? true)
}

function manifestsFinding({ stack, desired, diagnostics }: LoadedStack): Finding {
  const errors = diagnostics.filter((d) => d.severity === "error")
  if (desired !== undefined) {
    const images = new Set(desired.placements.map((p) => p.image)).size
    const message = `stack ${desired.stack.name} (${desired.stack.site}): ${counted(images, "image")} in ${counted(desired.placements.length, "placement")}`
    return { check: "manifests", status: "ok", message }
  }
  if (stack === undefined && errors.every((d) => d.code === "no_stack")) {
    const message = "there is no stack here; the standard credentials and site intl are looked at"
    return { check: "manifests", status: "warning", message, advice: "name the directory of a cvmimg.yaml" }
  }
  const message = `the manifests have ${counted(errors.length, "error")}; what depends on them is not looked at`
  return { check: "manifests", status: "error", message, advice: "mend what cvmimg validate says" }
}

interface Asking {
  readonly accounts: readonly Account[]
  readonly site: Site
  readonly endpoint: string | undefined
  readonly options: DoctorOptions
}

async function askService(
  io: Io,
  loaded: LoadedStack,
  { accounts, site, endpoint, options }: Asking,
): Promise<Finding[]> {
  const { clock, env, signal } = io
  let cloud: Awaited<ReturnType<typeof connect>>
  try {
    cloud = await connect({
      site,
      accounts: loaded.stack?.accounts ?? accounts,
      clock,
      env,
      home: env.HOME ?? homedir(),
      readOnly: true,
      // A diagnosis says what does not answer; it does not wait for it to come back.
      retry: { attempts: 2, throttleMs: 10_000 },
      limits: { connectMs: 5_000, readMs: 15_000 },
      ...(endpoint === undefined || endpoint === "" ? {} : { endpoint }),
    })
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    const { code, message, advice } = error.failure
    return [{ check: "network", status: "error", code, message: `${code}: ${message}`, advice }]
  }
  try {
    const names = accounts.map((account) => account.name)
    const placements = (loaded.desired?.placements ?? []).filter((p) => names.includes(p.account))
    const [asked, sources] = await Promise.all([
      examine({
        cloud,
        accounts: names,
        scopes: scopesOf(loaded, accounts, options.region),
        placements,
        stackId: loaded.stack?.id ?? "",
        clock,
        signal,
      }),
      examineSources(io, placements, cloud, endpoint),
    ])
    return [...asked, ...sources]
  } finally {
    cloud.close()
  }
}

/** The regions of the manifests, of the accounts and of the stack's defaults, unless some are named. */
function scopesOf(
  { claims, defaults }: LoadedStack,
  accounts: readonly Account[],
  named: readonly string[] | undefined,
): Scope[] {
  return accounts.flatMap(({ name: account, regions }): Scope[] => {
    const claimed = claims.flatMap((claim) => claim.scopes.filter((scope) => scope.account === account))
    const known =
      claimed.length > 0 ? claimed.map((scope) => scope.region) : (regions ?? defaults?.regions ?? [])
    return [...new Set(named ?? known)].sort().map((region) => ({ account, region }))
  })
}

/** One object of each account, as a plan looks at it. */
async function examineSources(
  io: Io,
  placements: readonly DesiredPlacement[],
  signer: SourceSigner,
  endpoint: string | undefined,
): Promise<Finding[]> {
  const first = new Map<string, DesiredPlacement>()
  for (const placement of placements) {
    if (!first.has(placement.account)) first.set(placement.account, placement)
  }
  const cosEndpoint = cosEndpointOf(io, endpoint)
  const found = await Promise.all(
    [...first.values()].map(async (placement): Promise<Finding[]> => {
      const { account, region, source } = placement
      const probes = await withObjects((fetch) =>
        probeSources({
          placements: [{ ...placement, dataDisks: [] }],
          fetch,
          sign: signer.sourceUrl,
          clock: io.clock,
          signal: io.signal,
          timeoutMs: 5_000,
          ...(cosEndpoint === undefined ? {} : { cosEndpoint }),
        }),
      )
      return Object.values(probes).flatMap(({ access, seen }) =>
        [...access.values()].map((failure): Finding => {
          const where = { check: "source", account, region } as const
          if (failure === null) {
            const size = seen?.size === undefined ? "" : `, ${seen.size} bytes`
            return { ...where, status: "ok", message: `${source.url} can be read${size}` }
          }
          const { status, code, message, advice } = failure
          return {
            ...where,
            status,
            code,
            message: `${source.url}: ${message}`,
            ...(advice === undefined ? {} : { advice }),
          }
        }),
      )
    }),
  )
  return found.flat()
}

/** Prints the policy alone. */
function policy(io: Io, loaded: LoadedStack, what: string, wanted: readonly string[] | undefined): number {
  if (what !== "plan" && what !== "apply") throw new UsageError(`--policy takes plan or apply, not '${what}'`)
  const { desired, diagnostics, sources } = loaded
  if (desired === undefined) {
    io.stderr.write(
      renderDiagnostics(diagnostics, sources, { color: io.stderr.color, width: io.stderr.width }),
    )
    return EXIT.failed
  }
  const accounts = accountsOf(desired.stack.accounts, wanted)
  const policies = new Map(accounts.map(({ name }) => [renderPolicy(policyFor(desired, name, what)), name]))
  const [text, ...others] = policies.keys()
  if (text === undefined || others.length > 0) {
    const names = accounts.map((account) => account.name).join(", ")
    throw new UsageError(`the accounts ${names} need different policies: name one with --account`)
  }
  io.stdout.write(text)
  return EXIT.done
}
