/** A place in a manifest. `file` is relative to the working directory with forward slashes, or `<stdin>`; lines and columns count from 1. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}
