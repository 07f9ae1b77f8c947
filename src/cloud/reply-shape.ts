/** Whether a reply is made as the API's models say: a value of another type is a reply that cannot be read. Pure. */

/** What a value may be; a list of one shape, or an object of which only the named members count. */
export type Shape = "text" | "number" | "flag" | readonly [Shape] | { readonly [member: string]: Shape }

/** The path of the first value that does not fit; undefined: all do. Null, absent and empty fit everywhere but in lists. */
export function misfit(value: unknown, shape: Shape, path: string): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof shape === "string") return typeof value === TYPES[shape] ? undefined : path
  if (isList(shape)) {
    if (!Array.isArray(value)) return path
    for (const [i, member] of value.entries()) {
      const found = member === null ? `${path}.${i}` : misfit(member, shape[0], `${path}.${i}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (typeof value !== "object" || Array.isArray(value)) return path
  for (const member of Object.keys(shape)) {
    const found = misfit((value as Record<string, unknown>)[member], shape[member] ?? {}, `${path}.${member}`)
    if (found !== undefined) return found
  }
  return undefined
}

const TYPES = { text: "string", number: "number", flag: "boolean" } as const

const isList = (shape: Shape): shape is readonly [Shape] => Array.isArray(shape)

/** An Image of the API, as far as it is read. */
export const IMAGE: Shape = {
  ImageId: "text",
  ImageType: "text",
  ImageName: "text",
  ImageDescription: "text",
  ImageFamily: "text",
  ImageDeprecated: "flag",
  ImageState: "text",
  Architecture: "text",
  LicenseType: "text",
  Tags: [{ Key: "text", Value: "text" }],
  CreatedTime: "text",
  ImageSize: "number",
  SyncPercent: "number",
  OsName: "text",
  Platform: "text",
  SnapshotSet: [{ SnapshotId: "text" }],
}

/** What DescribeImportImageOs answers. */
export const IMPORT_OS: Shape = {
  ImportImageOsListSupported: { Windows: ["text"], Linux: ["text"] },
  ImportImageOsVersionSet: [{ OsName: "text", OsVersions: ["text"], Architecture: ["text"] }],
}

export const SHARES: Shape = [{ AccountId: "text" }]

export const RESOURCES: Shape = [{ Resource: "text" }]
