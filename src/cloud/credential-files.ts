/** Keys in environment variables and in the files of the SDKs (`~/.tencentcloud/credentials`) and of tccli. */
import { join } from "node:path"
import type { Place, PlaceContext } from "./credential-place.ts"
import type { KeyParts } from "./keys.ts"

/** TENCENTCLOUD_SECRET_ID, _SECRET_KEY and any of the three names that the vendor's tools give the token. */
export const fromEnvironment: Place = async ({ env }) => {
  const secretId = env.TENCENTCLOUD_SECRET_ID ?? ""
  const secretKey = env.TENCENTCLOUD_SECRET_KEY ?? ""
  const token = env.TENCENTCLOUD_TOKEN || env.TENCENTCLOUD_SESSION_TOKEN || env.TENCENTCLOUD_SECURITY_TOKEN
  if (secretId === "" && secretKey === "") return "TENCENTCLOUD_SECRET_ID is not set"
  if (secretId === "") return "TENCENTCLOUD_SECRET_KEY is set, but TENCENTCLOUD_SECRET_ID is not"
  if (secretKey === "") return "TENCENTCLOUD_SECRET_ID is set, but TENCENTCLOUD_SECRET_KEY is not"
  return parts("the environment variable TENCENTCLOUD_SECRET_ID", secretId, secretKey, token)
}

/** The default keys of `~/.tencentcloud/credentials`, `/etc/tencentcloud/credentials` and tccli, in this order. */
export const fromFiles: Place = async (context) => {
  const { home } = context
  const user = await fromIni(context, join(home, ".tencentcloud", "credentials"), "default")
  if (typeof user !== "string") return user
  const system = await fromIni(context, "/etc/tencentcloud/credentials", "default")
  if (typeof system !== "string") return system
  const tccli = await fromTccli(context, "default")
  return typeof tccli === "string" ? `${user}; ${system}; ${tccli}` : tccli
}

/** The account's profile: a section of `~/.tencentcloud/credentials`, else tccli's `~/.tccli/<profile>.credential`. */
export const fromProfile: Place = async (context) => {
  const profile = context.account.profile ?? ""
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(profile))
    return `${JSON.stringify(profile)} is no name of a profile`
  const user = await fromIni(context, join(context.home, ".tencentcloud", "credentials"), profile)
  if (typeof user !== "string") return user
  const tccli = await fromTccli(context, profile)
  return typeof tccli === "string" ? `${user}; ${tccli}` : tccli
}

async function fromIni(context: PlaceContext, path: string, section: string): Promise<KeyParts | string> {
  const text = await readable(context, path)
  if (typeof text === "object") return `${path} ${text.problem}`
  const values = iniSection(text, section)
  if (values === undefined) return `${path} has no section [${section}]`
  const secretId = values.get("secret_id") ?? ""
  const secretKey = values.get("secret_key") ?? ""
  if (secretId === "" || secretKey === "") return `${path} [${section}] lacks secret_id or secret_key`
  return parts(`${path} [${section}]`, secretId, secretKey, values.get("token"))
}

async function fromTccli(context: PlaceContext, profile: string): Promise<KeyParts | string> {
  const path = join(context.home, ".tccli", `${profile}.credential`)
  const text = await readable(context, path)
  if (typeof text === "object") return `${path} ${text.problem}`
  let value: Record<string, unknown>
  try {
    value = JSON.parse(text) as Record<string, unknown>
  } catch {
    // The parser's message would quote the file.
    return `${path} is not JSON`
  }
  const { secretId, secretKey, token } = value ?? {}
  if (typeof secretId !== "string" || typeof secretKey !== "string" || secretId === "" || secretKey === "") {
    return `${path} lacks secretId or secretKey`
  }
  return parts(path, secretId, secretKey, typeof token === "string" ? token : undefined)
}

async function readable(context: PlaceContext, path: string): Promise<string | { readonly problem: string }> {
  try {
    return (await context.readFile(path)) ?? { problem: "does not exist" }
  } catch (error) {
    return { problem: `cannot be read (${(error as NodeJS.ErrnoException).code ?? "error"})` }
  }
}

/** The keys of one section of an INI file; `;` and `#` begin comments, values may be quoted. */
function iniSection(text: string, section: string): Map<string, string> | undefined {
  let values: Map<string, string> | undefined
  let inside = false
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim()
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue
    const header = /^\[([^\]]*)\]$/.exec(line)
    if (header !== null) {
      inside = header[1]?.trim() === section
      if (inside) values ??= new Map()
      continue
    }
    const at = line.indexOf("=")
    if (!inside || at < 0) continue
    const value = line.slice(at + 1).trim()
    values?.set(line.slice(0, at).trim(), /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value)
  }
  return values
}

function parts(origin: string, secretId: string, secretKey: string, token: string | undefined): KeyParts {
  const keys = { origin, secretId, secretKey }
  return token === undefined || token === "" ? keys : { ...keys, token }
}
