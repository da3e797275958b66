/** One broken rule. `rule` is the short name that a debt entry refers to. */
export interface Finding {
  /** path from the repository root, with forward slashes */
  readonly file: string
  /** starts at 1 */
  readonly line: number
  readonly rule: string
  /** what was found and why it is refused */
  readonly message: string
}
