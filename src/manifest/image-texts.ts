/**
 * The texts of an image that differ between placements: URLs, description, tag values. Each is taken apart once and filled
 * for each placement. What is wrong with a value is said once, with the first placement and the number of others.
 */
import type { DataDisk, DesiredSource, SourceFormat } from "../model/desired.ts"
import { MAX_DESCRIPTION } from "../model/provenance.ts"
import type { Account } from "../model/stack.ts"
import { carriesSecret, formatOfKey, parseCosUrl } from "./cos-url.ts"
import { type ImageDraft, pathIn, spotOf } from "./draft.ts"
import type { Finding, Findings } from "./findings.ts"
import { fillTemplate, parseTemplate, type Template } from "./placeholders.ts"
import { sourceRegionSeverity } from "./regions.ts"
import { tagValueProblem } from "./tags.ts"
import { mapBelow, type Tree } from "./tree.ts"
import { orList, shown } from "./words.ts"

interface Field {
  readonly node: Tree
  readonly path: string
  readonly text: string
  readonly template: Template
}

interface Pending {
  readonly node: Tree
  readonly finding: Finding
  /** The first placement, where the finding is about the placement. */
  readonly first: string | undefined
  count: number
}

const SAME_EVERYWHERE: ReadonlySet<string> = new Set(["iso_needs_force", "format_unknown", "format_mismatch"])
const FORMATS: readonly SourceFormat[] = ["raw", "vhd", "qcow2", "vmdk", "iso"]

export class ImageTexts {
  readonly #draft: ImageDraft
  readonly #findings: Findings
  readonly #pending = new Map<string, Pending>()
  readonly #url: Field | undefined
  readonly #disks: readonly (Field | undefined)[]
  readonly #description: Field | undefined
  readonly #tags: readonly (readonly [string, Field | null])[]

  constructor(draft: ImageDraft, findings: Findings) {
    this.#draft = draft
    this.#findings = findings
    const { source, dataDisks, description, tags } = draft.spec
    this.#url =
      source?.url === undefined
        ? undefined
        : this.#urlField(spotOf(draft, "source", "url"), "source.url", source.url)
    const disks = spotOf(draft, "dataDisks")
    this.#disks = (dataDisks ?? []).map((disk, i) => {
      const item = disks.kind === "list" ? disks.items[i] : undefined
      const node = mapBelow(item)?.entries.get("url")?.value
      return node === undefined ? undefined : this.#urlField(node, `dataDisks[${i}].url`, disk.url)
    })
    this.#description = description === undefined ? undefined : this.#descriptionField(description)
    this.#tags = Object.keys(tags ?? {})
      .sort()
      .map((key) => {
        const value = tags?.[key]
        return [
          key,
          typeof value === "string" ? this.#field(spotOf(draft, "tags", key), `tags.${key}`, value) : null,
        ]
      })
  }

  /** The source for a placement; none where it cannot be made out. */
  source(account: Account, region: string): DesiredSource | undefined {
    const { source } = this.#draft.spec
    const field = this.#url
    if (field === undefined || source?.url === undefined) return undefined
    const url = this.#checkedUrl(field, account, region)
    const format = this.#format(field, url ?? source.url, account, region)
    if (url === undefined || format === undefined) return undefined
    return {
      url,
      template: source.url,
      format,
      ...(source.crc64 === undefined ? {} : { crc64: BigInt(source.crc64).toString() }),
      ...(source.sha256 === undefined ? {} : { sha256: source.sha256.toLowerCase() }),
      sign: source.sign ?? false,
      ...(source.signAs === undefined ? {} : { signAs: source.signAs }),
      onChange: source.onChange ?? "notice",
    }
  }

  dataDisks(account: Account, region: string): readonly DataDisk[] | undefined {
    const out: DataDisk[] = []
    for (const field of this.#disks) {
      if (field === undefined) return undefined
      const url = this.#checkedUrl(field, account, region)
      if (url === undefined) return undefined
      out.push({ url, template: field.text })
    }
    return out
  }

  description(account: Account, region: string): string | undefined {
    const field = this.#description
    if (field === undefined) return undefined
    const filled = this.#fill(field, account, region)?.trim()
    if (filled === undefined) return undefined
    const length = filled.length <= MAX_DESCRIPTION ? filled.length : Array.from(filled).length
    if (length > MAX_DESCRIPTION) {
      this.#say(field, account, region, {
        code: "bad_value",
        message: `The description has ${length} characters once its placeholders are filled; it may have ${MAX_DESCRIPTION}.`,
        advice: "shorten it",
      })
    }
    return filled
  }

  tags(account: Account, region: string): Readonly<Record<string, string | null>> | undefined {
    const out: Record<string, string | null> = Object.create(null)
    for (const [key, field] of this.#tags) {
      if (field === null) {
        out[key] = null
        continue
      }
      const value = this.#fill(field, account, region)
      if (value === undefined) return undefined
      const problem = tagValueProblem(value)
      if (problem !== undefined) {
        this.#say(field, account, region, {
          code: "bad_tag",
          message: `The value ${shown(value)} of the tag ${shown(key)} cannot be used: ${problem}.`,
          advice: value === "" ? "write null for a tag that must be absent" : "write another value",
        })
      }
      out[key] = value
    }
    return out
  }

  /** Says what was found, once for each value. */
  flush(): void {
    for (const { node, finding, first, count } of this.#pending.values()) {
      if (first === undefined) {
        this.#findings.at(node, finding)
        continue
      }
      const others = count === 0 ? "" : `, and ${count} more ${count === 1 ? "placement" : "placements"}`
      this.#findings.at(node, {
        ...finding,
        message: finding.message.replace(/\.$/, ` (${first}${others}).`),
      })
    }
    this.#pending.clear()
  }

  #field(node: Tree, path: string, text: string): Field {
    const field = { node, path: pathIn(this.#draft, node, path), text, template: parseTemplate(text) }
    if (field.template.unknown.length > 0) {
      this.#findings.at(node, {
        code: "unknown_placeholder",
        message: `${field.path} has ${orList(field.template.unknown.slice(0, 5).map(shown))}, which is no placeholder.`,
        advice: "write {region}, {account} or {var.NAME}, and no other braces",
        path: field.path,
      })
    }
    return field
  }

  /** None where the URL carries a secret: nothing more is made of it. */
  #urlField(node: Tree, path: string, url: string): Field | undefined {
    if (!carriesSecret(url)) return this.#field(node, path, url)
    this.#findings.at(node, {
      code: "signed_url_in_manifest",
      message: "The URL carries a signature, a token or a password.",
      advice:
        "write the URL without its query and `sign: true`; if the key is still valid, change it, since it was written down here",
      path: pathIn(this.#draft, node, path),
    })
    return undefined
  }

  #descriptionField(text: string): Field {
    const field = this.#field(spotOf(this.#draft, "description"), "description", text)
    const { node, path } = field
    if (/[\n\r\t]/.test(text.trim())) {
      this.#findings.at(node, {
        code: "hidden_characters",
        message: "The description has line ends or tabs.",
        advice: "write it as one line",
        path,
      })
    }
    if (text.toLowerCase().includes("[cvmimg:")) {
      this.#findings.at(node, {
        code: "bad_value",
        message: "The description holds the beginning of the mark that cvmimg writes itself.",
        advice: "remove [cvmimg: …]; the mark is added at the import",
        path,
      })
    }
    return field
  }

  #fill(field: Field, account: Account, region: string): string | undefined {
    if (field.template.unknown.length > 0) return undefined
    const filled = fillTemplate(field.template, account, region)
    if ("text" in filled) return filled.text
    if (this.#draft.context.broken.size > 0) return undefined
    this.#say(field, account, region, {
      code: "missing_var",
      message: `The account ${shown(account.name)} has no variable ${shown(filled.missing)}.`,
      advice: `write it below spec.accounts.${account.name}.vars of the stack`,
    })
    return undefined
  }

  #checkedUrl(field: Field, account: Account, region: string): string | undefined {
    const url = this.#fill(field, account, region)
    if (url === undefined) return undefined
    if (carriesSecret(url)) {
      this.#say(field, account, region, {
        code: "signed_url_in_manifest",
        message: "The URL carries a signature, a token or a password once its placeholders are filled.",
        advice: "take it out of the variable, and write `sign: true`",
      })
      return undefined
    }
    const object = parseCosUrl(url)
    if ("problem" in object) {
      this.#say(field, account, region, {
        code: "not_cos_url",
        message: `${shown(url)} is not the address of an object in COS: ${object.problem}.`,
        advice: "write https://<bucket>-<appid>.cos.<region>.myqcloud.com/<key>",
      })
      return undefined
    }
    const severity = sourceRegionSeverity(object.region, region)
    if (severity === undefined) return url
    this.#say(field, account, region, {
      code: "source_region",
      severity,
      message:
        severity === "error"
          ? `The bucket lies in ${object.region}, and ${region} imports only from buckets of its own.`
          : `The bucket lies in ${object.region} and not in ${region}; inside mainland China that may work, but is slower.`,
      advice: "keep a copy in a bucket of each region and write {region} in the URL",
    })
    return url
  }

  #format(field: Field, url: string, account: Account, region: string): SourceFormat | undefined {
    const { source, force } = this.#draft.spec
    const byName = formatOfKey(url)
    const format = source?.format ?? byName
    if (format === undefined) {
      if (this.#draft.checked.broken.has("spec.source.format")) return undefined
      this.#say(field, account, region, {
        code: "format_unknown",
        message: "The format of the file does not follow from the extension of its URL.",
        advice: `write \`format:\` and ${orList(FORMATS)} beside the URL`,
      })
      return undefined
    }
    if (source?.format !== undefined && byName !== undefined && byName !== source.format) {
      this.#say({ ...field, node: spotOf(this.#draft, "source", "format") }, account, region, {
        code: "format_mismatch",
        severity: "warning",
        message: `format: ${source.format} is declared, and the URL ends with .${byName}.`,
        advice: "correct one of them; the service looks at the bytes of the file",
      })
    }
    if (format === "iso" && force !== true && !this.#draft.checked.broken.has("spec.force")) {
      this.#say(field, account, region, {
        code: "iso_needs_force",
        message: "An ISO file is imported only with force: true.",
        advice: "write `force: true` in the spec",
      })
    }
    return format
  }

  #say(field: Field, account: Account, region: string, finding: Finding): void {
    const key = `${finding.code}\u0000${finding.severity ?? ""}\u0000${field.path}`
    const known = this.#pending.get(key)
    if (known !== undefined) {
      known.count++
      return
    }
    const differs =
      finding.code === "source_region" ||
      (!SAME_EVERYWHERE.has(finding.code) && field.template.parts.some((part) => typeof part !== "string"))
    this.#pending.set(key, {
      node: field.node,
      finding: { ...finding, path: field.path },
      first: differs ? `account ${account.name}, ${region}` : undefined,
      count: 0,
    })
  }
}
