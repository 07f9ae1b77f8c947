/** What an answer other than "here it is" means. */
import { type ProbeFailure, PUBLIC } from "./source-probe.ts"

/** What is known of an answer that brings no bytes. */
export interface Refused {
  readonly status: number
  /** The answer carries x-cos-request-id: a proxy's page does not. */
  readonly fromCos: boolean
  /** COS's code in the XML. */
  readonly code?: string
}

export function refusal(reader: string, answer: Refused): ProbeFailure {
  const { status, code, fromCos } = answer
  const said = code === undefined ? `HTTP ${status}` : `HTTP ${status}, ${code}`
  if (status >= 300 && status < 400) {
    return {
      status: "error",
      code: "redirected",
      message: `COS redirects the request (${said}); redirects are not followed.`,
      advice: "write the bucket's own address, with the region that the bucket is in",
    }
  }
  if (!fromCos) return unexpected(`Something that is not COS answered (${said}).`)
  if (status === 403) return forbidden(reader, said, code)
  if (status === 404 && code === "NoSuchBucket") {
    return {
      status: "error",
      code: "no_bucket",
      message: "There is no such bucket.",
      advice: "check bucket, appid and region in source.url",
    }
  }
  if (status === 404) {
    return {
      status: "error",
      code: "not_found",
      message: "There is no such object in the bucket.",
      advice: "upload it, or correct source.url",
    }
  }
  return unexpected(`COS does not give the object at present (${said}).`)
}

function forbidden(reader: string, said: string, code: string | undefined): ProbeFailure {
  if (code === "InvalidObjectState") {
    return {
      status: "error",
      code: "archived",
      message: "The object is archived.",
      advice: "restore the object, and keep it readable until the import has ended",
    }
  }
  if (reader === PUBLIC) {
    return {
      status: "error",
      code: "not_public",
      message: `The object cannot be read without a signature (${said}).`,
      advice: "set source.sign: true, or make the object public",
    }
  }
  return {
    status: "error",
    code: "not_readable",
    message: `Account ${reader} cannot read the object (${said}).`,
    advice: "allow it cos:GetObject, or name the account that may with source.signAs",
  }
}

function unexpected(message: string): ProbeFailure {
  return { status: "skipped", code: "unexpected_answer", message }
}
