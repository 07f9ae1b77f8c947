/** Whether a reply is made as the API's models say: a value of another type is a reply that cannot be read. Pure. */

/** What a value may be; a list of one shape, or an object of which only the named members count. */
export type Shape = "text" | "number" | "flag" | readonly [Shape] | { readonly [member: string]: Shape }

/** The path of the first value that does not fit; undefined: all do. Null, absent and empty fit everywhere but in lists. */
export function misfit(value: unknown, shape: Shape, path: string): string | undefined {
  const found = misfitBelow(value, shape)
  return found === undefined ? undefined : `${path}${found}`
}

/** The rest of the path from here on. Texts are joined only where something is wrong: there are 20 values to an image. */
function misfitBelow(value: unknown, shape: Shape): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof shape === "string") return typeof value === TYPES[shape] ? undefined : ""
  if (isList(shape)) {
    if (!Array.isArray(value)) return ""
    for (let i = 0; i < value.length; i++) {
      const found = value[i] === null ? "" : misfitBelow(value[i], shape[0])
      if (found !== undefined) return `.${i}${found}`
    }
    return undefined
  }
  if (typeof value !== "object" || Array.isArray(value)) return ""
  for (const member of Object.keys(shape)) {
    const found = misfitBelow((value as Record<string, unknown>)[member], shape[member] ?? {})
    if (found !== undefined) return `.${member}${found}`
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
