/** docs/errors.md, from the failure table. */
import { COMMON_CODES, IMPORT_CODES } from "./failure-codes.ts"
import { CLIENT_CODES, OTHER_CODES } from "./failure-codes-other.ts"
import type { FailureRule } from "./failure-rules.ts"

const SECTIONS: readonly (readonly [string, string, Readonly<Record<string, FailureRule>>])[] = [
  ["ImportImage", "The business codes that ImportImage documents.", IMPORT_CODES],
  ["Any call", "Codes that any call may answer.", COMMON_CODES],
  ["Other calls", "Codes of the calls that list, change, tag and share images.", OTHER_CODES],
  ["No answer of the service", "Codes of cvmimg, for calls that the service gave no code for.", CLIENT_CODES],
]

/** The whole page as Markdown. The same table gives the same text. */
export function errorsPage(): string {
  const parts = [
    "# Errors\n",
    "<!-- Generated from src/cloud/failure-codes*.ts; change it there. -->\n",
    [
      "Every failed call is reported with its code, a message and what to do next.",
      "",
      "- **Repeated**: cvmimg makes the call again by itself. Reads and rehearsals are repeated a few times with growing,",
      "  random delays; a call that changes something only where the service certainly did not accept it.",
      "- **Outcome**: of a call that changes something. *Not accepted*: nothing happened. *Unknown*: it may have been carried",
      "  out; cvmimg looks before it does anything, and reports `unknown` where looking does not settle it. Where the request",
      "  provably never left this machine, the outcome is *not accepted* whatever the code.",
      "- A code that is not listed counts as the part before its first dot; else its outcome is unknown and it is not repeated.",
      "",
    ].join("\n"),
  ]
  for (const [title, text, codes] of SECTIONS) {
    parts.push(`## ${title}\n`, `${text}\n`, table(codes))
  }
  return parts.join("\n")
}

function table(codes: Readonly<Record<string, FailureRule>>): string {
  const rows = Object.entries(codes).map(
    ([code, rule]) =>
      `| \`${code}\` | ${rule.blame} | ${rule.retryable ? "yes" : "no"} | ${rule.ambiguous ? "unknown" : "not accepted"} | ${advice(rule)} |`,
  )
  return ["| Code | Whose | Repeated | Outcome | What to do |", "|---|---|---|---|---|", ...rows, ""].join(
    "\n",
  )
}

function advice(rule: FailureRule): string {
  return rule.advice.replace("{permission}", "of the call").replaceAll("|", "\\|")
}
