/** What became of a comment on a pull or merge request. */
export interface CommentReport {
  readonly formatVersion: 1
  readonly stack: string
  readonly kind: "plan" | "review" | "drift"
  readonly host: "github" | "gitlab"
  readonly repo: string
  /** Of the pull request; of a merge request its iid. */
  readonly number: number
  /** `none`: there is nothing to say, and no comment. `superseded`: the comment shows something newer, and was left alone. */
  readonly outcome: "created" | "updated" | "unchanged" | "none" | "superseded"
  readonly id?: string
  readonly url?: string
  readonly commit?: string
  /** Earlier comments that were folded. */
  readonly folded: number
  /** Absent: labels were not asked for. */
  readonly labels?: { readonly added: readonly string[]; readonly removed: readonly string[] }
}
