/** Rules of the Tag service. */
import { unicodePattern } from "./validator.ts"

export const MAX_TAGS = 50
/** `cvmimg.stack` and `cvmimg.image`. */
export const OUR_TAGS = 2

const RESERVED = ["qcs:", "project", "qcloud", "tencent", "cvmimg."]
const CHARACTERS = unicodePattern("^[\\p{L}\\p{M}\\p{N} +\\-=._:/@()[\\],;><]*$")

/** The reserved prefix that the key has. */
export function reservedPrefix(key: string): string | undefined {
  return RESERVED.find((prefix) => key.startsWith(prefix))
}

/** Why the service would refuse the key. */
export function tagKeyProblem(key: string): string | undefined {
  return problem(key, 127)
}

/** Why the service would refuse the value. */
export function tagValueProblem(value: string): string | undefined {
  return problem(value, 255)
}

function problem(text: string, most: number): string | undefined {
  if (text === "") return "it is empty"
  if (text.length > most && Array.from(text).length > most) return `it is longer than ${most} characters`
  if (text.trim() !== text) return "it starts or ends with a space"
  if (!CHARACTERS.test(text)) return "it has a character that tags cannot have"
  return undefined
}
