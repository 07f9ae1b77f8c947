/** What the generated validators report of one broken rule; ajv's error object with `verbose`. */
export interface Violation {
  /** JSON pointer of the value. */
  readonly instancePath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  /** The value of the keyword. */
  readonly schema: unknown
  readonly parentSchema: RuleSchema
  readonly data: unknown
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
