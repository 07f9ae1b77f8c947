/** The system and its version are on the service's own list. */
import type { ImportOs } from "../cloud/port.ts"
import type { CheckResult } from "../model/plan.ts"
import { finding, ok } from "./codes.ts"
import type { Context, Subject } from "./context.ts"
import { skipped } from "./reply.ts"
import { listText, nearest } from "./words.ts"

export async function checkOs(subject: Subject, context: Context): Promise<readonly CheckResult[]> {
  if (!subject.imports) return []
  const list = await context.importOs(subject.action)
  return ["value" in list ? judgeOs(list.value, subject.action.request) : skipped("os", list.failure)]
}

/** Pure: one request against the list. */
export function judgeOs(
  list: readonly ImportOs[],
  request: { readonly osType: string; readonly osVersion: string; readonly architecture: string },
): CheckResult {
  const { osType, osVersion, architecture } = request
  if (list.length === 0) return finding("os", "skipped", "os_list_empty", "The service's list is empty.")
  const named = list.filter(({ type }) => type === osType)
  const fitting = list.filter((row) => fits(row, architecture))
  if (named.length === 0) {
    const types = unique(fitting.map(({ type }) => type))
    return finding("os", "error", "os_unknown", `The service knows no system ${quoted(osType)}.`, {
      advice: advice(nearest(osType, types), types),
    })
  }
  const rows = named.filter((row) => fits(row, architecture))
  if (rows.length === 0) {
    const others = listText(unique(named.flatMap((row) => row.architectures)))
    return finding("os", "error", "os_architecture", `${osType} is not on the list for ${architecture}.`, {
      advice: `it is listed for ${others}`,
    })
  }
  const versions = unique(rows.flatMap((row) => row.versions))
  if (versions.includes(osVersion))
    return ok("os", `${osType} ${osVersion} is on the list for ${architecture}.`)
  if (versions.length === 0) {
    const message = `The list names ${osType} without versions, so that ${quoted(osVersion)} cannot be judged.`
    return finding("os", "warning", "os_version_unlisted", message)
  }
  const message = `${osType} is not on the list with version ${quoted(osVersion)}.`
  return finding("os", "error", "os_version_unknown", message, {
    advice: advice(meantVersion(osVersion, versions), versions),
  })
}

/** Rows that name no architecture are for all of them; replies write `arm` for what requests call `arm_64`. */
function fits({ architectures }: ImportOs, architecture: string): boolean {
  if (architectures.length === 0 || architectures.includes(architecture)) return true
  return architecture === "arm_64" && architectures.includes("arm")
}

/** `22.04` and `22`, `9.4` and `9`: the list has major versions only. */
function meantVersion(written: string, versions: readonly string[]): string | undefined {
  if (versions.length === 1) return versions[0]
  return versions.find((version) => written.startsWith(`${version}.`) || version.startsWith(`${written}.`))
}

function advice(meant: string | undefined, known: readonly string[]): string {
  const listed = `listed are ${listText(known)}`
  return meant === undefined
    ? listed
    : `did you mean ${quoted(meant)}? ${listed[0]?.toUpperCase()}${listed.slice(1)}`
}

function quoted(text: string): string {
  return `"${text.length > 60 ? `${text.slice(0, 57)}...` : text}"`
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)]
}
