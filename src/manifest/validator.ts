/** What the generated validators report of one broken rule: of ajv's error object with `verbose`, what is read here. */
export interface Violation {
  /** JSON pointer of the value. */
  readonly instancePath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  readonly parentSchema: RuleSchema
  /** Set where the rule is about the name of a key. */
  readonly propertyName?: string
}

/** The parts of a schema that advice is made from. */
export interface RuleSchema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly string[]
  readonly properties?: Readonly<Record<string, unknown>>
  readonly examples?: readonly unknown[]
  readonly "x-code"?: string
  readonly "x-advice"?: string
}

/** A validator keeps the violations of its last call. */
export interface Validator {
  (value: unknown): boolean
  errors?: readonly Violation[] | null
}

/**
 * A pattern with `\\p{L}`, `\\p{M}` and `\\p{N}` in its classes. Their tables take a millisecond each to build, and most
 * texts are ASCII: those are held against the ASCII part alone, which comes to the same.
 */
export function unicodePattern(source: string): { readonly test: (text: string) => boolean } {
  const ascii = source.replaceAll("\\p{L}", "A-Za-z").replaceAll("\\p{N}", "0-9").replaceAll("\\p{M}", "")
  const narrow = new RegExp(ascii, "u")
  let whole: RegExp | undefined
  return {
    test: (text) => {
      if (isAscii(text)) return narrow.test(text)
      whole ??= new RegExp(source, "u")
      return whole.test(text)
    },
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}
