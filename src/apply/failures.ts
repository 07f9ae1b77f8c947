/** Failures that this room itself finds, and what an error thrown by the cloud says. */

import type { Failure } from "../model/failure.ts"
import type { CloudImage } from "../model/observed.ts"
import type { Scope } from "../model/placement.ts"

/** The failure that a rejected call carries. Anything else is a fault of ours: the call may have been carried out. */
export function failureFrom(error: unknown): Failure {
  if (error instanceof Error && "failure" in error && error.failure !== undefined) {
    return error.failure as Failure
  }
  return {
    code: "ClientError.Unknown",
    message: error instanceof Error ? error.message : String(error),
    blame: "client",
    advice: "This should not happen: report it.",
    retryable: false,
    ambiguous: true,
  }
}

/** The API tells no cause; `advice` is the checklist. */
export function importFailed(scope: Scope, image: CloudImage, advice: string, requestId?: string): Failure {
  return {
    code: "ImportFailed",
    message: `The service gave the image ${image.id} up (${image.state}); it does not say why.`,
    blame: "manifest",
    advice,
    retryable: false,
    ambiguous: false,
    action: "ImportImage",
    account: scope.account,
    region: scope.region,
    ...(requestId === undefined ? {} : { requestId }),
  }
}

const OURS = {
  ImageDisappeared: {
    message: "The image is no longer in the complete listing of the account and region.",
    blame: "account",
    advice: "Somebody deleted it: run plan to see what is to be done now.",
    ambiguous: false,
  },
  "ClientError.ReadBackMismatch": {
    message: "The image was read back without the name or the mark that the import gave it.",
    blame: "account",
    advice: "Somebody changed it during the import: compare it in the console, then run plan.",
    ambiguous: false,
  },
  "ClientError.NameTaken": {
    message: "An image of this name that is not this import's stands in the account and region.",
    blame: "account",
    advice:
      "Rename or delete that image, or rename this one in its manifest (lifecycle.adopt takes over an image that is as the manifest says); then run plan.",
    ambiguous: false,
  },
  "ClientError.NotOurs": {
    message: "The image no longer carries the mark of this stack.",
    blame: "account",
    advice: "Somebody else changed it since it was planned: run plan again.",
    ambiguous: false,
  },
  "ClientError.DoubleImport": {
    message: "The same import stands in the account and region more than once.",
    blame: "account",
    advice:
      "Two runs imported at the same time. Nothing was deleted: decide which image stays, delete the other, then run plan.",
    ambiguous: true,
  },
  "ClientError.NotVisible": {
    message: "The import was accepted, but no listing shows the image within the visibility window.",
    blame: "service",
    advice: "Run plan later, which looks again; apply sends it again only if it stays absent.",
    ambiguous: true,
  },
  "ClientError.NotNormal": {
    message: "The image is no longer NORMAL.",
    blame: "account",
    advice: "Somebody changed it since it was planned: run plan again.",
    ambiguous: false,
  },
  "ClientError.NotRetirable": {
    message: "The image stays as it is.",
    blame: "account",
    advice:
      "It changed since it was planned, or must be kept: run plan again, which says what is to be done.",
    ambiguous: false,
  },
  "ClientError.StillRemoving": {
    message: "The deletion was accepted, but listings still show the image.",
    blame: "service",
    advice: "It goes on in the cloud: run plan later, which looks again.",
    ambiguous: false,
  },
  "ClientError.MaybeImporting": {
    message: "An earlier run was about to import this, and no listing shows yet what became of it.",
    blame: "account",
    advice:
      "It may still turn up, so it is not imported again before the visibility window (apply.visibilityWindow) is over: run apply or wait again later, which looks for it first.",
    ambiguous: true,
  },
  "ClientError.EarlierImport": {
    message: "An import that an earlier run sent turned up while this run looked for it.",
    blame: "account",
    advice: "Run plan again, which takes it into account.",
    ambiguous: false,
  },
  "ClientError.Journal": {
    message: "The journal (.cvmimg/journal) cannot be written, so that this was not sent.",
    blame: "client",
    advice: "Make room or mend the file system, then run apply again: it goes on where this run stopped.",
    ambiguous: false,
  },
  "ClientError.StillImporting": {
    message: "The import was accepted and is not finished within its limit.",
    blame: "service",
    advice: "It goes on in the cloud: run apply again to wait for it, or raise apply.importTimeout.",
    ambiguous: false,
  },
} as const

/** One of ours, with the place and what it is about. */
export function ourFailure(code: keyof typeof OURS, scope: Scope, about?: string): Failure {
  const { message, ...rest } = OURS[code]
  return {
    code,
    ...rest,
    message: about === undefined ? message : `${message} (${about})`,
    retryable: false,
    account: scope.account,
    region: scope.region,
  }
}

/** The same failure, and what stands where because of it. */
export function leaving(failure: Failure, stands: string): Failure {
  return { ...failure, message: `${failure.message} ${stands}` }
}

/** The service refused the name: the same failure, with what was found out about who has it. */
export function nameTaken(duplicate: Failure, holder: CloudImage | undefined): Failure {
  const { advice } = OURS["ClientError.NameTaken"]
  const who = holder === undefined ? "No listing shows who has the name." : `${holder.id} has the name.`
  return { ...duplicate, advice: `${who} ${advice}` }
}
