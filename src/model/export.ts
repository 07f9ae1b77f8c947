import type { Placement, Scope } from "./placement.ts"

/** Why an image got no manifest. */
export const LEFT_OUT = {
  owned: "it carries this stack's mark: the stack imported or adopted it, and a manifest had or has it",
  owned_by_other: "it carries the mark of another stack",
  covered: "a manifest of the stack asks for it already",
  not_normal: "it is not in the state NORMAL, in which alone an image can be adopted",
  name_twice: "the region has two images of the name, and a manifest could not tell them apart",
  bad_name: "no manifest can bear its name, and it is not the newest usable image of a family",
  confusable_name: "its name differs only in case or Unicode form from that of another image",
  architecture: "the stack's site has no manifest for its architecture",
  too_many_tags: "with the tags of cvmimg it would have more than the API takes",
} as const

export type LeftOutReason = keyof typeof LEFT_OUT

export interface LeftOut extends Scope {
  readonly imageId: string
  /** As it stands in the cloud. */
  readonly name: string
  readonly reason: LeftOutReason
  /** What to do to have it exported; absent: nothing needs to be done. */
  readonly advice?: string
}

/** One manifest that was written. */
export interface ExportedImage {
  /** `metadata.name`. */
  readonly image: string
  /** As positions name it. */
  readonly file: string
  /** Sorted by account and region. */
  readonly placements: readonly (Omit<Placement, "image"> & { readonly imageId: string })[]
  /** Paths below `spec` that a person has to fill in. */
  readonly todo: readonly string[]
  /** What the manifest does not say of the image, and why. */
  readonly notes: readonly string[]
}

export interface ExportedFile {
  readonly file: string
  readonly images: number
  /** The file was there, and was added to. */
  readonly extended: boolean
}

/** What an export made. Rows are sorted. */
export interface ExportReport {
  readonly stack: string
  /** Nothing was written. */
  readonly preview: boolean
  readonly files: readonly ExportedFile[]
  readonly images: readonly ExportedImage[]
  readonly leftOut: readonly LeftOut[]
  readonly unread: readonly (Scope & {
    readonly code: string
    readonly message: string
    readonly advice: string
  })[]
}
