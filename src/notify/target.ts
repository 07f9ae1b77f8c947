/**
 * `--notify KIND=WHERE[,secret=WHERE]`: who is told, and where the address comes from. The address of a webhook is a
 * secret: whoever has it can post. So it can be named instead of written (`env:NAME`, `@FILE`), it is read anew for each
 * run, and of an address nothing but the host is ever printed.
 */
import { createHash } from "node:crypto"

export const KINDS = ["json", "slack", "wecom", "feishu", "dingtalk"] as const
export type Kind = (typeof KINDS)[number]

/** Other names that people know a kind by. */
const ALIASES: Readonly<Record<string, Kind>> = { lark: "feishu", webhook: "json", wechat: "wecom" }

/** Kinds whose messages can be signed. */
const SIGNED: ReadonlySet<Kind> = new Set(["json", "feishu", "dingtalk"])

/** Where a secret is found. */
export type SecretRef =
  | { readonly from: "argument"; readonly value: string }
  | { readonly from: "env"; readonly name: string }
  | { readonly from: "file"; readonly path: string }

export interface TargetSpec {
  readonly kind: Kind
  readonly address: SecretRef
  readonly secret?: SecretRef
  /** Names the target in the memory of what was told. Holds no secret, and stays when a secret is rotated. */
  readonly id: string
}

export interface Target {
  readonly kind: Kind
  readonly id: string
  readonly url: URL
  readonly secret?: string
}

/** What is wrong, in words that hold nothing of what was given. */
export interface Problem {
  readonly problem: string
}

/** Parses one `--notify`. */
export function parseTarget(text: string): TargetSpec | Problem {
  const [, name = "", rest = ""] = /^([a-z]+)=([\s\S]*)$/i.exec(text) ?? []
  const lower = name.toLowerCase()
  const kind = KINDS.find((k) => k === lower) ?? ALIASES[lower]
  if (kind === undefined) {
    return { problem: `--notify begins with a kind and =, as in slack=env:NAME; kinds: ${KINDS.join(", ")}` }
  }
  const at = rest.lastIndexOf(",secret=")
  const where = at < 0 ? rest : rest.slice(0, at)
  const address = parseRef(where)
  if (address === undefined) {
    return { problem: `--notify ${kind}= needs an https:// address, env:NAME or @FILE` }
  }
  if (at < 0) return { kind, address, id: identity(kind, address) }
  if (!SIGNED.has(kind)) return { problem: `--notify ${kind} knows no secret; its address is one` }
  const secret = parseRef(rest.slice(at + ",secret=".length))
  if (secret === undefined || secret.from === "argument") {
    return {
      problem: `--notify ${kind}: secret= takes env:NAME or @FILE; a secret in a command line is seen by others`,
    }
  }
  return { kind, address, secret, id: identity(kind, address) }
}

function parseRef(text: string): SecretRef | undefined {
  const env = /^env:([A-Za-z_][A-Za-z0-9_]*)$/.exec(text)
  if (env?.[1] !== undefined) return { from: "env", name: env[1] }
  if (/^@./.test(text)) return { from: "file", path: text.slice(1) }
  return /^https?:\/\//i.test(text) ? { from: "argument", value: text } : undefined
}

function identity(kind: Kind, ref: SecretRef): string {
  if (ref.from === "env") return `${kind}:env:${ref.name}`
  if (ref.from === "file") return `${kind}:file:${ref.path}`
  return `${kind}:url:${createHash("sha256").update(ref.value).digest("hex").slice(0, 16)}`
}

/** Where a secret is looked for, in words for people. */
export function refText(ref: SecretRef): string {
  if (ref.from === "env") return `environment variable ${ref.name}`
  return ref.from === "file" ? `file ${ref.path}` : "the address that was given"
}

/** The kind and host of a target: all of it that may be printed. */
export function targetText(target: Target): string {
  return `${target.kind} (${target.url.host})`
}

/**
 * A target with its secrets. `read` gives the text of a reference, or undefined where there is none; blanks around it
 * are cut, since files end with a newline.
 */
export function resolveTarget(
  spec: TargetSpec,
  read: (ref: SecretRef) => string | undefined,
  allowHttp: boolean,
): Target | Problem {
  const text = read(spec.address)?.trim() ?? ""
  if (text === "") return { problem: `${spec.kind}: ${refText(spec.address)} is not there or empty` }
  const url = URL.canParse(text) ? new URL(text) : undefined
  const what = `${spec.kind}: ${refText(spec.address)}`
  if (url === undefined) return { problem: `${what} is no address` }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return { problem: `${what} is no https:// address` }
  }
  if (url.username !== "" || url.password !== "") {
    return { problem: `${what} holds a user name or password, which webhooks do not take` }
  }
  if (url.protocol === "http:" && !allowHttp && !isLoopback(url.hostname)) {
    return {
      problem: `${what} is plain http to ${url.hostname}, where everybody on the way can read it; use https, or --notify-allow-http`,
    }
  }
  if (spec.secret === undefined) return { kind: spec.kind, id: spec.id, url }
  const secret = read(spec.secret)?.trim() ?? ""
  if (secret === "") return { problem: `${spec.kind}: ${refText(spec.secret)} is not there or empty` }
  return { kind: spec.kind, id: spec.id, url, secret }
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}
