/**
 * Whether an image still has the attributes that were applied last.
 *
 * The stamp holds only a hash of them, and the manifest of that day is gone. So the hash is guessed: first with the
 * fields that the manifest manages today and the values that the cloud has, then with one field more or less managed,
 * then two, and so on. A hit proves that the cloud did not move; eight hex digits do not meet by chance in so few tries.
 * No hit proves nothing for certain: a field may have had another value in the meantime, on either side.
 */
import type { DesiredPlacement } from "../model/desired.ts"
import { compareText } from "../model/placement.ts"
import { IMAGE_TAG, PROTECT_TAG, STACK_TAG } from "../model/provenance.ts"
import { attributesHash, type ManagedAttributes } from "./fingerprint.ts"
import { type Candidate, stampOf } from "./own.ts"

type Value = string | boolean | null | readonly string[] | undefined

/** One field and what it may have been; the likeliest first. */
interface Options {
  readonly field: string
  readonly values: readonly Value[]
}

/** Each try is a hash of a few hundred bytes. */
const MOST_TRIES = 2000

const OUR_TAGS: ReadonlySet<string> = new Set([STACK_TAG, IMAGE_TAG, PROTECT_TAG])

/** `forgiven`: fields whose value in the cloud says nothing, since it is late or its difference is accepted. */
export function hasStampedAttributes(
  c: Candidate,
  p: DesiredPlacement,
  forgiven: (field: string) => boolean,
): boolean {
  const stamp = stampOf(c)
  if (stamp === undefined) return false
  const options = optionsOf(c, p, forgiven)
  let tries = 0
  for (const guess of guesses(options)) {
    if (attributesHash(guess) === stamp.attributes) return true
    tries += 1
    if (tries >= MOST_TRIES) return false
  }
  return false
}

function optionsOf(c: Candidate, p: DesiredPlacement, forgiven: (field: string) => boolean): Options[] {
  const { image } = c
  const field = (name: string, wanted: Value, found: Value): Options => {
    const more = forgiven(name) ? [wanted] : []
    const likely = wanted === undefined ? [undefined, found] : [found, ...more, undefined]
    return { field: name, values: distinct(likely) }
  }
  const keys = [...new Set([...Object.keys(p.tags), ...Object.keys(image.tags)])]
  return [
    field("description", p.description, c.text),
    field("family", p.family, image.family),
    field("deprecated", p.deprecated, image.deprecated),
    field("sharedWith", p.sharedWith, image.sharedWith ?? p.sharedWith),
    ...keys
      .filter((key) => !OUR_TAGS.has(key))
      .sort(compareText)
      .map((key) => field(`tags.${key}`, p.tags[key], image.tags[key] ?? null)),
  ]
}

function distinct(values: readonly Value[]): Value[] {
  const texts = values.map((v) => JSON.stringify(v) ?? "")
  return values.filter((_, i) => texts.indexOf(texts[i] ?? "") === i)
}

/** Every combination, those with the fewest unlikely values first. */
function* guesses(options: readonly Options[]): Generator<ManagedAttributes> {
  for (let unlikely = 0; unlikely <= options.length; unlikely += 1) {
    for (const values of combinations(options, unlikely)) yield attributesOf(options, values)
  }
}

function* combinations(options: readonly Options[], unlikely: number): Generator<readonly Value[]> {
  const [first, ...rest] = options
  if (first === undefined) {
    if (unlikely === 0) yield []
    return
  }
  const [likely, ...others] = first.values
  if (unlikely <= rest.length) {
    for (const tail of combinations(rest, unlikely)) yield [likely, ...tail]
  }
  if (unlikely === 0) return
  for (const other of others) {
    for (const tail of combinations(rest, unlikely - 1)) yield [other, ...tail]
  }
}

function attributesOf(options: readonly Options[], values: readonly Value[]): ManagedAttributes {
  const fields = options.map(({ field }, i): [string, Value] => [field, values[i]])
  const tags = fields
    .filter(([field, value]) => field.startsWith("tags.") && value !== undefined)
    .map(([field, value]) => [field.slice("tags.".length), value])
  const others = fields.filter(([field]) => !field.startsWith("tags."))
  return { ...Object.fromEntries(others), tags: Object.fromEntries(tags) } as ManagedAttributes
}
