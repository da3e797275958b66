import { z } from 'zod'

export type SettingKind = 'text' | 'number' | 'boolean' | 'list'

/** One setting of a capture, declared once: parsing, help, manifest and documentation come from here. */
export interface Setting<T = unknown> {
  readonly kind: SettingKind
  /** Checks a value of the right type. */
  readonly schema: z.ZodType<T>
  readonly defaultValue: T
  /** "none" is a value of this setting. */
  readonly takesNone: boolean
  /** What may be given, for people. */
  readonly allowed: string
  /** What it is for, one or more sentences. */
  readonly meaning: string
}

export type ValueOf<S> = S extends Setting<infer T> ? T : never

/** A number with or without a fraction. */
export function number(min: number, max: number, defaultValue: number, meaning: string): Setting<number> {
  return { kind: 'number', schema: z.number().min(min).max(max), defaultValue, takesNone: false, allowed: range(min, max), meaning }
}

export function whole(min: number, max: number, defaultValue: number, meaning: string): Setting<number> {
  return { kind: 'number', schema: z.int().min(min).max(max), defaultValue, takesNone: false, allowed: range(min, max), meaning }
}

export function flag(defaultValue: boolean, meaning: string): Setting<boolean> {
  return { kind: 'boolean', schema: z.boolean(), defaultValue, takesNone: false, allowed: 'true or false', meaning }
}

export function text(maxLength: number, defaultValue: string, meaning: string): Setting<string> {
  return { kind: 'text', schema: z.string().min(1).max(maxLength), defaultValue, takesNone: false, allowed: 'text', meaning }
}

/** Text of which nothing more is asked; may be empty. */
export function freeText(maxLength: number, defaultValue: string, meaning: string): Setting<string> {
  return { kind: 'text', schema: z.string().max(maxLength), defaultValue, takesNone: false, allowed: 'text, or empty', meaning }
}

export function address(protocol: 'http' | 'ws', defaultValue: string, meaning: string): Setting<string> {
  const schema = z.url({ protocol: protocol === 'http' ? /^https?$/ : /^wss?$/ })
  return { kind: 'text', schema, defaultValue, takesNone: false, allowed: `an address such as ${protocol}s://host`, meaning }
}

export function choice<const T extends string>(values: readonly [T, ...T[]], defaultValue: T, meaning: string): Setting<T> {
  const schema = z.enum(values) as unknown as z.ZodType<T>
  return { kind: 'text', schema, defaultValue, takesNone: false, allowed: `one of ${values.join(', ')}`, meaning }
}

export function pattern(form: RegExp, defaultValue: string, meaning: string): Setting<string> {
  return { kind: 'text', schema: z.string().regex(form), defaultValue, takesNone: false, allowed: `\`${String(form)}\``, meaning }
}

/** A list of items, given as text separated by commas or spaces. */
export function list(
  item: z.ZodType<string>,
  maxItems: number,
  defaultValue: readonly string[],
  allowed: string,
  meaning: string
): Setting<string[]> {
  return { kind: 'list', schema: z.array(item).max(maxItems), defaultValue: [...defaultValue], takesNone: false, allowed, meaning }
}

/** The same setting with "none" as a further value, and `defaultValue` in place of its own. */
export function optional<T>(setting: Setting<T>, defaultValue: T | null): Setting<T | null> {
  return { ...setting, schema: setting.schema.nullable(), defaultValue, takesNone: true, allowed: `${setting.allowed}, or none` }
}

function range(min: number, max: number): string {
  const show = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 6 })
  return min === max ? `only ${show(min)}` : `${show(min)} to ${show(max)}`
}
