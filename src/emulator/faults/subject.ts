import type { Box } from "../box.ts"
import type { ApiRequest } from "../call.ts"
import type { ImageRecord } from "../world.ts"

/** What a fault is chosen by. Of a call it is what the call claims: nothing is verified yet. */
export interface Subject {
  action: string
  account: string
  region: string
  /** Secret id that the call names. */
  secretId: string
  dryRun: boolean
  /** ImageName of the call, if it has one. */
  imageName: string | undefined
  /** Offset of a listing. */
  offset: number
  /** Names and ids of the images that the call names, in any of its parameters. */
  images(): readonly string[]
}

/** Reads a request as far as it can be read. Never throws. */
export function subjectOf(box: Box, request: ApiRequest): Subject {
  const header = (name: string): string => {
    const value = request.headers[name]
    return typeof value === "string" ? value : ""
  }
  const secretId = /Credential=([^/,\s]+)\//.exec(header("authorization"))?.[1] ?? ""
  const account = box.accounts.bySecretId(secretId)?.account.uin ?? ""
  const parameters = readParameters(request)
  const { ImageName: name, DryRun: dryRun, Offset: offset } = parameters
  const region = header("x-tc-region")
  let images: string[] | undefined
  return {
    action: header("x-tc-action"),
    account,
    region,
    secretId,
    dryRun: dryRun === true || dryRun === "true",
    imageName: typeof name === "string" ? name : undefined,
    offset: Number(offset) || 0,
    images: () => {
      images ??= imagesIn(box, account, region, parameters)
      return images
    },
  }
}

function readParameters(request: ApiRequest): Record<string, unknown> {
  if (request.method === "GET") return Object.fromEntries(new URLSearchParams(request.rawQuery))
  try {
    const value: unknown = JSON.parse(Buffer.from(request.body).toString("utf8"))
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function imagesIn(box: Box, account: string, region: string, parameters: Record<string, unknown>): string[] {
  const found = new Set<string>()
  if (typeof parameters.ImageName === "string") found.add(parameters.ImageName)
  if (Array.isArray(parameters.Filters)) {
    for (const filter of parameters.Filters as { Name?: unknown; Values?: unknown }[]) {
      if (filter?.Name !== "image-name" || !Array.isArray(filter.Values)) continue
      for (const value of filter.Values) if (typeof value === "string") found.add(value)
    }
  }
  for (const [id] of JSON.stringify(parameters).matchAll(/img-[0-9a-z]{8}/g)) {
    found.add(id)
    for (const [key, partition] of box.world.partitions) {
      const name = key.startsWith(`${account}/`) ? partition.images.get(id)?.name : undefined
      if (name !== undefined && (region === "" || key.endsWith(`/${region}`))) found.add(name)
    }
  }
  return [...found]
}

/** An accepted import as something that faults can be chosen for. */
export function importSubject(image: ImageRecord): Subject {
  return {
    action: "import",
    account: image.owner,
    region: image.region,
    secretId: "",
    dryRun: false,
    imageName: image.name,
    offset: 0,
    images: () => [image.name, image.id],
  }
}
