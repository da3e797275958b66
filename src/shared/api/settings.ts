/** One setting of a capture as the app knows it. Every value is text, in the form that the command line takes. */
export interface SettingFacts {
  /** As in manifests and flags: `ws_shards`. */
  readonly name: string
  /** Title of its group, for people. */
  readonly group: string
  readonly kind: 'text' | 'number' | 'boolean' | 'list'
  /** The text `none` is a value: "not set". */
  readonly takesNone: boolean
  /** What may be given, for people. */
  readonly allowed: string
  /** What it is for, for people. */
  readonly meaning: string
  /** Environment variable that wins over what is set here. */
  readonly variable: string
  readonly defaultText: string
  /** What the next start of LIVE takes; empty where the form decides. */
  readonly text: string
  readonly origin: SettingOrigin
  /** A remark about this setting in the app. */
  readonly note?: string
  /** Why LIVE would not start with it: the variable holds a value that is not allowed. */
  readonly problem?: string
}

/** Where a value comes from. `form`: the Go LIVE form or the start itself decides. */
export type SettingOrigin = 'default' | 'chosen' | 'environment' | 'form'
