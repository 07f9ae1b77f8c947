import { refuse } from "./failure.ts"

const legal = /^[A-Za-z0-9\p{Script=Han} +\-=._:/@()[\],;><]+$/u
const reserved = /^(qcs:|qcloud|tencent|project)/i

/**
 * Checks a tag key and a value (section 3.3): 1-127 and 1-255 characters of the allowed alphabet, no space at
 * either end, no reserved prefix. The codes are those of the tag product, or of CVM where it refuses tags itself.
 */
export function checkTagPair(key: string, value: string, product: "tag" | "cvm"): void {
  checkTagKey(key, product)
  const code = (name: string): string => `InvalidParameterValue.${name}`
  if (value === "") refuse(code("TagValueEmpty"), "The tag value is empty.")
  if ([...value].length > 255) refuse(code("TagValueLengthExceeded"), "The tag value exceeds 255 characters.")
  if (!legal.test(value) || value.trim() !== value) {
    refuse(code("TagValueCharacterIllegal"), "The tag value has illegal characters.")
  }
}

/** Checks a tag key alone. */
export function checkTagKey(key: string, product: "tag" | "cvm"): void {
  const code = (tag: string, cvm: string): string =>
    product === "tag" ? `InvalidParameterValue.${tag}` : cvm
  const illegal = "FailedOperation.IllegalTagKey"
  if (key === "") refuse(code("TagKeyEmpty", illegal), "The tag key is empty.")
  if ([...key].length > 127)
    refuse(code("TagKeyLengthExceeded", illegal), "The tag key exceeds 127 characters.")
  if (reserved.test(key)) {
    refuse(code("ReservedTagKey", "FailedOperation.TagKeyReserved"), `The tag key \`${key}\` is reserved.`)
  }
  if (!legal.test(key) || key.trim() !== key) {
    refuse(code("TagKeyCharacterIllegal", illegal), `The tag key \`${key}\` has illegal characters.`)
  }
}
