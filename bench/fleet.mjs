// A fleet: a stack of many images in many regions, and the world that it has become.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { importLibrary } from "./tools.mjs"

const REGIONS = [
  "ap-bangkok",
  "ap-beijing",
  "ap-chengdu",
  "ap-chongqing",
  "ap-guangzhou",
  "ap-hongkong",
  "ap-jakarta",
  "ap-mumbai",
  "ap-nanjing",
  "ap-seoul",
  "ap-shanghai",
  "ap-singapore",
  "ap-tokyo",
  "eu-frankfurt",
  "eu-moscow",
  "na-ashburn",
  "na-siliconvalley",
  "na-toronto",
  "sa-saopaulo",
  "ap-shanghai-fsi",
]

const HOUR_MS = 3_600_000

/** A temporary directory that `use` gets; it is gone afterwards. */
export async function withDirectory(use) {
  const directory = mkdtempSync(join(tmpdir(), "cvmimg-bench-"))
  try {
    return await use(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/**
 * Writes a stack of `images` manifests, one file each and 20 files a directory; each asks for `regions` regions. With
 * `scattered` each manifest asks for one region alone, in turn; with `tags: false` the images carry no tags of ours.
 */
export function writeStack(directory, { images, regions, scattered = false, tags = true }) {
  const all = REGIONS.slice(0, regions)
  writeFileSync(
    join(directory, "cvmimg.yaml"),
    `apiVersion: cvmimg/v1
kind: Stack
metadata:
  name: fleet
spec:
  site: intl
  provenance: { tags: ${tags} }
  accounts:
    default:
      vars: { appid: "1250000000" }
  defaults:
    regions: [${all.join(", ")}]
    architecture: x86_64
    tags: { team: platform, cost-center: "4711" }
`,
  )
  for (let i = 0; i < images; i++) {
    const folder = join(directory, "images", `group-${String(Math.floor(i / 20)).padStart(4, "0")}`)
    if (i % 20 === 0) mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${nameOf(i)}.yaml`), manifest(i, scattered ? all[i % all.length] : undefined))
  }
}

/** Names have no order in common with the ids that the service gives. */
function nameOf(i) {
  return `app-${String(i).padStart(5, "0")}`
}

function manifest(i, region) {
  return `apiVersion: cvmimg/v1
kind: Image
metadata:
  name: ${nameOf(i)}
  labels: { tier: base, wave: "${i % 7}" }
spec:${region === undefined ? "" : `\n  regions: [${region}]`}
  description: Application image ${i}, weekly build
  source:
    url: https://golden-{region}-{var.appid}.cos.{region}.myqcloud.com/app/${nameOf(i)}.qcow2
  os: { type: Ubuntu, version: "22" }
  tags: { app: app-${i % 100} }
`
}

/**
 * The images of the world that the stack has become, as seeds of the emulator: of 50 images in a region one has a tag
 * that somebody changed and one is missing; an image that is nobody's takes the place of each missing one. With
 * `pending` all are there, and being imported without end.
 */
export async function worldOf(directory, { pending = false } = {}) {
  const { loadStack, plan } = await importLibrary()
  const { desired } = await loadStack(directory)
  if (desired === undefined) throw new Error("the generated manifests are not valid")
  const scopes = scopesOf(desired).map((scope) => ({ ...scope, images: [] }))
  const { actions } = plan(desired, { at: Date.now(), scopes })
  const createdAt = Date.now() - 24 * HOUR_MS
  return actions.map((action, i) => {
    if (action.action !== "import") throw new Error(`${action.action} in an empty world`)
    const { region, request } = action
    const { name, description } = request
    if (pending) return { region, name, description, url: request.url, state: "IMPORTING" }
    const common = { region, createdAt: createdAt + i, url: request.url }
    const place = Number(action.image.slice(-2)) % 50
    if (place === 7) return { ...common, name: `other-${i}` }
    const tags = place === 3 ? { ...request.tags, team: "somebody" } : request.tags
    return { ...common, name, description, tags }
  })
}

/** Accounts and regions of the placements, each once. */
export function scopesOf(desired) {
  const found = new Map(desired.placements.map((p) => [`${p.account} ${p.region}`, p]))
  return [...found.values()].map(({ account, region }) => ({ account, region }))
}
