import type { Position } from "./position.ts"

export type Severity = "error" | "warning" | "notice"

/** Something to say about a manifest, with the place that causes it. */
export interface Diagnostic extends Position {
  readonly code: DiagnosticCode
  readonly severity: Severity
  /** One sentence: what is wrong. */
  readonly message: string
  /** What to write instead. */
  readonly advice?: string
  /** End of the offending text, exclusive; same line or a later one. */
  readonly endLine?: number
  readonly endColumn?: number
  /** Path below the document, such as `spec.source.url`. */
  readonly path?: string
}

/** Every diagnostic code with the sentence that explains it; the reference page is generated from this table. */
export const DIAGNOSTICS = {
  no_stack: "No cvmimg.yaml was found in the directory or above it.",
  no_manifests: "The directory holds no manifest of an image.",
  unreadable: "The file or directory cannot be read.",
  outside_stack: "The path leads out of the stack's directory, by a link or by its name.",
  not_in_commit:
    "A review reads commits alone: a link, a submodule and a pointer of Git LFS hold no manifest themselves.",
  file_too_large: "The file is larger than a manifest may be.",
  too_many: "There are more documents, placements or errors than are looked at in one run.",
  not_utf8: "The file is not valid UTF-8 text.",
  yaml_syntax: "The text is not valid YAML.",
  yaml_too_complex: "Aliases expand to too much, or the nesting is too deep.",
  yaml_tag: "The YAML tag is not known.",
  duplicate_key: "A key stands twice in one map.",
  empty_document: "The document is empty.",
  unknown_kind: "apiVersion and kind name no manifest of ours.",
  unknown_key: "The key is not part of the format.",
  missing_key: "A required key is missing.",
  todo: "A value is still to be filled in.",
  wrong_type: "The value has the wrong type.",
  quote_this: "YAML reads the plain text as something else; put it in quotes.",
  not_allowed: "The value is not one of those allowed.",
  bad_value: "The value is outside the format's limits.",
  bad_name: "The name has characters that a name cannot have.",
  name_too_long: "The name leaves no room in the API's 60 characters for the suffixes of a replacement.",
  name_like_suffix: "The name ends like one of the suffixes that cvmimg adds itself.",
  hidden_characters: "The text holds control, bidirectional or zero-width characters.",
  duplicate_name: "Two manifests ask for the same image in one account and region.",
  confusable_name: "Two names differ only in case or in their Unicode form.",
  duplicate_family: "Two images with match: family share one account, region and family.",
  duplicate_stack: "There is more than one Stack manifest.",
  duplicate_family_manifest: "Two Family manifests have the same name.",
  family_required: "match: family needs spec.family.",
  unknown_account: "The account is not one of the stack's.",
  unknown_region: "The region is not one that is known; it may be a typing error.",
  no_regions: "The image has no region, neither of its own nor by default.",
  unknown_placeholder: "Braces hold only {region}, {account} and {var.NAME}.",
  missing_var: "The account has no variable of that name.",
  not_cos_url: "ImportImage takes only the address of an object in Tencent COS.",
  signed_url_in_manifest:
    "The URL carries a signature, which is a secret, expires and may be usable once only.",
  format_mismatch: "The extension of the URL and the declared format differ.",
  format_unknown: "The format follows from no extension; name it in source.format.",
  source_region: "The service imports only from a bucket in the placement's own region.",
  iso_needs_force: "An ISO file is imported only with force: true.",
  reserved_tag: "The tag key is reserved.",
  bad_tag: "The tag key or value has characters or a length that the Tag service refuses.",
  too_many_tags: "The API takes 50 tags an image, and ours are among them.",
  site_unsupported: "The value exists only on the other site.",
  byol_not_shareable: "An image with its own licence cannot be shared.",
  bad_duration: "The duration is not a number with a unit.",
} as const

export type DiagnosticCode = keyof typeof DIAGNOSTICS
