import type { Desired, DesiredFamily, DesiredPlacement } from "../model/desired.ts"
import { comparePlacements, compareText, type Scope } from "../model/placement.ts"
import type { Position } from "../model/position.ts"
import type { Stack } from "../model/stack.ts"
import { checkAcross } from "./across.ts"
import { durationMs } from "./duration.ts"
import { Findings } from "./findings.ts"
import type { FamilyManifest, ImageSpec } from "./manifest.gen.ts"
import { originsOf } from "./merge.ts"
import { type ResolvedImage, resolveImage } from "./resolve-image.ts"
import { resolveStack, type StackContext } from "./resolve-stack.ts"
import { below, positionOf, type Spot, toPlain } from "./tree.ts"
import type { Checked } from "./validate.ts"
import { shown } from "./words.ts"

/** What one Image asks for, as far as that can be told. */
export interface Claim {
  readonly name: string
  readonly match: "name" | "family"
  readonly family?: string
  readonly formerNames: readonly string[]
  readonly scopes: readonly Scope[]
  /** As positions name it. */
  readonly file: string
}

/** Placements of one stack. */
export const MAX_PLACEMENTS = 200_000

/** Where the Stack's document stands: its lines, both included, and the place of each value by its path. */
export interface StackPlace {
  readonly file: string
  readonly from: number
  readonly to: number
  readonly origins: Readonly<Record<string, Position>>
}

/**
 * Resolves documents. One that is shared by two sets of manifests, which are read side by side, answers the second
 * asker with the first one's result: an image that stands in both, under one Stack, is the same object in both.
 */
export class Resolver {
  #stack: { readonly document: Checked; readonly context: StackContext } | undefined
  #image:
    | {
        readonly document: Checked
        readonly context: StackContext
        readonly image: ResolvedImage
        readonly findings: Findings
      }
    | undefined

  stack(document: Checked): StackContext {
    if (this.#stack?.document !== document) this.#stack = { document, context: resolveStack(document) }
    return this.#stack.context
  }

  image(document: Checked, context: StackContext, findings: Findings): ResolvedImage {
    let last = this.#image
    if (last?.document !== document || last.context !== context) {
      const own = new Findings()
      last = { document, context, image: resolveImage(document, context, own), findings: own }
      this.#image = last
    }
    findings.addAll(last.findings)
    return last.image
  }
}

/**
 * Documents to what they ask for, one at a time. An Image is resolved as soon as the Stack is known, and its tree let go:
 * ten thousand manifests are never held at once where the Stack comes first.
 */
export class Resolution {
  readonly #findings: Findings
  #first: Checked | undefined
  #context: StackContext | undefined
  /** Images that came before the Stack. */
  #waiting: Checked[] = []
  readonly #resolver: Resolver
  readonly #images: ResolvedImage[] = []
  readonly #placements: DesiredPlacement[] = []
  readonly #families = new Map<string, DesiredFamily>()

  /** `resolver`: shared by those who are given the same documents. */
  constructor(findings: Findings, resolver: Resolver = new Resolver()) {
    this.#findings = findings
    this.#resolver = resolver
  }

  get stackPlace(): StackPlace | undefined {
    const tree = this.#first?.tree
    if (tree === undefined) return undefined
    const { source, start, end } = tree
    return {
      file: source.path,
      from: source.position(start).line,
      to: source.position(end).line,
      origins: originsOf(tree),
    }
  }

  get hasStack(): boolean {
    return this.#first !== undefined
  }

  get hasImages(): boolean {
    return this.#images.length > 0 || this.#waiting.length > 0
  }

  get stack(): Stack | undefined {
    return this.#context?.stack
  }

  /** `spec.defaults` of the Stack. */
  get defaults(): ImageSpec | undefined {
    const { defaults } = this.#context ?? {}
    return defaults === undefined ? undefined : (toPlain(defaults) as ImageSpec)
  }

  claims(): readonly Claim[] {
    return this.#images
      .filter((image) => image.name !== "")
      .map(
        ({ name, match, family, formerNames, scopes, nameSpot }): Claim => ({
          name,
          match,
          ...(family === undefined ? {} : { family }),
          formerNames: formerNames.map((former) => former.name),
          scopes: scopes.map(({ account, region }) => ({ account: account.name, region })),
          file: nameSpot.source.path,
        }),
      )
      .sort((a, b) => compareText(a.name, b.name) || compareText(a.file, b.file))
  }

  add(document: Checked): void {
    if (document.kind === "Stack") this.#addStack(document)
    else if (document.kind === "Family") this.#addFamily(document)
    else if (this.#context === undefined) this.#waiting.push(document)
    else this.#addImage(document, this.#context)
  }

  /**
   * Says what only shows when all documents are seen. None where there is no Stack; where something is wrong, the result
   * lacks parts, and the findings say so.
   */
  finish(): Desired | undefined {
    if (this.#context === undefined) return undefined
    checkAcross(this.#images, this.#findings)
    return {
      stack: this.#context.stack,
      placements: this.#placements.sort(comparePlacements),
      families: [...this.#families.values()].sort((a, b) => compareText(a.name, b.name)),
    }
  }

  #addStack(document: Checked): void {
    if (this.#first !== undefined) {
      this.#findings.at(spotOfName(document), {
        code: "duplicate_stack",
        message: `There is another Stack at ${where(positionOf(spotOfName(this.#first)))}; a directory holds one.`,
        advice: "remove one of them, or give it a directory of its own",
        path: "kind",
      })
      return
    }
    this.#first = document
    this.#context = this.#resolver.stack(document)
    for (const image of this.#waiting) this.#addImage(image, this.#context)
    this.#waiting = []
  }

  #addImage(document: Checked, context: StackContext): void {
    if (this.#placements.length > MAX_PLACEMENTS) return
    const image = this.#resolver.image(document, context, this.#findings)
    this.#images.push(image)
    for (const placement of image.placements) this.#placements.push(placement)
    if (this.#placements.length <= MAX_PLACEMENTS) return
    this.#findings.at(image.nameSpot, {
      code: "too_many",
      message: `The stack asks for more than ${MAX_PLACEMENTS} placements.`,
      advice: "divide it into several stacks",
    })
  }

  #addFamily(document: Checked): void {
    const { metadata, spec } = document.value as Partial<FamilyManifest>
    const name = metadata?.name
    if (name === undefined) return
    const first = this.#families.get(name)
    if (first !== undefined) {
      this.#findings.at(spotOfName(document), {
        code: "duplicate_family_manifest",
        message: `The family ${shown(name)} has a manifest already, at ${where(first.at)}.`,
        advice: "keep one of them",
        path: "metadata.name",
      })
      return
    }
    const last = spec?.retain?.last
    const withinMs = spec?.retain?.within === undefined ? undefined : durationMs(spec.retain.within)
    this.#families.set(name, {
      name,
      retain: { ...(last === undefined ? {} : { last }), ...(withinMs === undefined ? {} : { withinMs }) },
      beyond: spec?.beyond ?? "deprecate",
      at: positionOf(spotOfName(document)),
    })
  }
}

function spotOfName(document: Checked): Spot {
  return below(document.tree, "metadata", "name") ?? document.tree
}

function where({ file, line }: Position): string {
  return `${file}:${line}`
}
