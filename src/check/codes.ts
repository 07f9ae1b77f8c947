/** Every code that a check can give, with the statuses that it comes with: the contract that docs/checks.md prints. */
import type { CheckName, CheckResult } from "../model/plan.ts"

export const CODES = {
  os: {
    os_unknown: { status: "error", meaning: "The service's list has no system of that name." },
    os_architecture: { status: "error", meaning: "The system is on the list, but not for the architecture." },
    os_version_unknown: { status: "error", meaning: "The system is on the list, but not with that version." },
    os_version_unlisted: {
      status: "warning",
      meaning: "The list names the system without versions, so that the version cannot be judged.",
    },
    os_list_empty: { status: "skipped", meaning: "The service answered with an empty list." },
    not_permitted: {
      status: "skipped",
      meaning: "The credentials may not make the call that the check needs.",
    },
    call_failed: { status: "skipped", meaning: "The call that the check needs failed." },
  },
  quota: {
    quota_exceeded: {
      status: "error",
      meaning: "At the run's peak the region would hold more images than its quota.",
    },
    quota_tight: {
      status: "warning",
      meaning:
        "There is room only because failed imports are removed first; whether those count is not documented.",
    },
    not_observed: {
      status: "skipped",
      meaning: "The images of the region were not read, so that what is in use is not known.",
    },
    not_permitted: {
      status: "skipped",
      meaning: "The credentials may not make the call that the check needs.",
    },
    call_failed: { status: "skipped", meaning: "The call that the check needs failed." },
  },
  source_exists: {
    not_public: { status: "error", meaning: "COS refuses the object without a signature (403)." },
    not_readable: { status: "error", meaning: "COS refuses the object to the account that signs (403)." },
    not_found: { status: "error", meaning: "The bucket has no object of that key." },
    no_bucket: { status: "error", meaning: "There is no such bucket." },
    archived: {
      status: "error",
      meaning: "The object lies in an archive and has to be restored before it can be read.",
    },
    redirected: { status: "error", meaning: "COS answers with a redirect, which is not followed." },
    not_cos_url: { status: "error", meaning: "The URL is not that of an object in COS." },
    unreachable: { status: "skipped", meaning: "COS could not be reached, or did not answer in time." },
    unexpected_answer: {
      status: "skipped",
      meaning: "The answer is not one of COS, or not one that can be judged.",
    },
    not_signed: { status: "skipped", meaning: "There were no credentials to sign the URL with." },
    not_probed: { status: "skipped", meaning: "The object was not looked at." },
  },
  source_size: {
    empty: { status: "error", meaning: "The object has no bytes." },
    disk_too_large: { status: "error", meaning: "The disk in the image is larger than 500 GiB." },
    disk_near_limit: { status: "warning", meaning: "The disk in the image is near 500 GiB." },
    data_too_large: { status: "error", meaning: "The image file holds more than 50 GiB of data." },
    data_near_limit: { status: "warning", meaning: "The image file holds nearly 50 GiB of data." },
    data_unclear: {
      status: "warning",
      meaning:
        "The file is larger than 50 GiB, but stores zeros too; only the conversion tells how much of it is data.",
    },
    source_unread: { status: "skipped", meaning: "The object could not be read; `source_exists` says why." },
  },
  source_format: {
    format_mismatch: {
      status: "error",
      meaning: "The bytes are of another format than the manifest declares.",
    },
    format_broken: {
      status: "error",
      meaning: "The format's own tables do not hold, or the file is cut short.",
    },
    needs_other_file: {
      status: "error",
      meaning: "The image is only a part: it needs another file, which is not imported.",
    },
    encrypted: { status: "error", meaning: "The image is encrypted." },
    no_partition_table: { status: "error", meaning: "The raw disk has neither a boot signature nor a GPT." },
    encoded: {
      status: "skipped",
      meaning: "The object is stored with a Content-Encoding, so that its own bytes are not seen.",
    },
    source_unread: { status: "skipped", meaning: "The object could not be read; `source_exists` says why." },
  },
  source_checksum: {
    checksum_mismatch: { status: "error", meaning: "The object's CRC-64 is not the one in the manifest." },
    no_checksum: { status: "skipped", meaning: "COS has no CRC-64 of the object." },
    not_verifiable: {
      status: "skipped",
      meaning: "The manifest gives a sha256 only, which COS does not know.",
    },
    source_unread: { status: "skipped", meaning: "The object could not be read; `source_exists` says why." },
  },
  source_same: {
    source_differs_between_regions: {
      status: "warning, error",
      meaning:
        "The image would have another content in another region; an error where the manifest gives one checksum.",
    },
    cannot_compare: {
      status: "skipped",
      meaning: "What COS says of the objects does not settle whether they are the same.",
    },
    source_unread: { status: "skipped", meaning: "The object could not be read; `source_exists` says why." },
  },
  force: {
    iso_needs_force: {
      status: "error",
      meaning: "The object is an ISO file, which is imported only with `force: true`.",
    },
  },
  shares: {
    lost_shares: {
      status: "warning, error",
      meaning:
        "Accounts that the old image is shared with would not get the new one; a warning where `lifecycle.allowLostShares` allows it.",
    },
    not_permitted: {
      status: "skipped",
      meaning: "The credentials may not make the call that the check needs.",
    },
    call_failed: { status: "skipped", meaning: "The call that the check needs failed." },
  },
  rehearsal: {
    rehearsal_refused: {
      status: "error",
      meaning: "The service's DryRun refuses the import; the message has its code.",
    },
    not_permitted: {
      status: "skipped",
      meaning: "The credentials may not make the call that the check needs.",
    },
    call_failed: { status: "skipped", meaning: "The call that the check needs failed." },
  },
} as const

export type CodeOf<N extends CheckName> = Extract<keyof (typeof CODES)[N], string>

/** A result that is not ok. */
export function finding<N extends CheckName>(
  name: N,
  status: "warning" | "error" | "skipped",
  code: CodeOf<N>,
  message: string,
  more: { readonly advice?: string; readonly requestId?: string } = {},
): CheckResult {
  return { name, status, code, message, ...more }
}

export function ok(name: CheckName, message: string): CheckResult {
  return { name, status: "ok", message }
}
