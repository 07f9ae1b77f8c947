/** What doctor found, as text and for machines. */
import {
  type DoctorReport,
  EXAMINATIONS,
  type Examination,
  type Finding,
  type Policy,
} from "../model/doctor.ts"
import { compareText } from "../model/placement.ts"
import { jsonText } from "./json.ts"
import { gap, type Line, padEnd, paint, span, type TextOptions, type Tone } from "./line.ts"
import { counted } from "./value.ts"

const ORDER = Object.keys(EXAMINATIONS) as Examination[]
const TONES: Readonly<Record<Finding["status"], Tone>> = {
  ok: "add",
  warning: "change",
  error: "alarm",
  skipped: "dim",
}

/** A line per finding under its check, with what to do below it. */
export function renderDoctor(report: DoctorReport, options: TextOptions): string {
  const findings = sorted(report.findings)
  const lines: Line[] = findings.flatMap((finding, i): Line[] => {
    const head: Line[] = findings[i - 1]?.check === finding.check ? [] : [[span(finding.check, "bold")]]
    const where = [finding.subject, finding.account, finding.region].filter((part) => part !== undefined)
    const took = finding.tookMs === undefined ? "" : ` (${finding.tookMs} ms)`
    const text = where.length === 0 ? finding.message : `${where.join(" ")}: ${finding.message}`
    return [
      ...head,
      [gap(2), ...padEnd(span(finding.status, TONES[finding.status]), 9), span(`${text}${took}`)],
      // Neighbours with one advice have it once, below the last of them.
      ...(finding.advice === undefined || findings[i + 1]?.advice === finding.advice
        ? []
        : [[gap(11), span(finding.advice)]]),
    ]
  })
  const { ok, warning, error, skipped } = summaryOf(findings)
  const last = `${ok} ok, ${counted(warning, "warning")}, ${counted(error, "error")}, ${skipped} skipped.`
  return paint([...lines, [span(last, "bold")]], options.color)
}

/** The same for machines, in the shape of schemas/doctor.schema.json. */
export function renderDoctorJson({ stack, findings }: DoctorReport): string {
  const rows = sorted(findings)
  return jsonText({
    formatVersion: 1,
    stack,
    summary: summaryOf(rows),
    findings: rows.map((f) => ({
      check: f.check,
      status: f.status,
      subject: f.subject,
      account: f.account,
      region: f.region,
      message: f.message,
      advice: f.advice,
      code: f.code,
      requestId: f.requestId,
      tookMs: f.tookMs,
    })),
  })
}

/** A policy as CAM's console takes it. */
export function renderPolicy(policy: Policy): string {
  return jsonText(policy)
}

function summaryOf(findings: readonly Finding[]): Record<Finding["status"], number> {
  const count = (status: Finding["status"]): number => findings.filter((f) => f.status === status).length
  return { ok: count("ok"), warning: count("warning"), error: count("error"), skipped: count("skipped") }
}

function sorted(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) =>
      ORDER.indexOf(a.check) - ORDER.indexOf(b.check) ||
      compareText(a.account ?? "", b.account ?? "") ||
      compareText(a.region ?? "", b.region ?? "") ||
      compareText(a.subject ?? "", b.subject ?? "") ||
      compareText(a.message, b.message),
  )
}
