/** What a member of a JSON text is: for where columns are typed. `byName`: an object whose names are data. */
export type MemberType =
  | PlainMemberType
  | { readonly list: MemberType }
  | { readonly byName: PlainMemberType }
  | { readonly object: Readonly<Record<string, MemberType>> }

/** One value. */
export type PlainMemberType = 'text' | 'number' | 'integer' | 'boolean' | 'date'

/** A member of a channel's JSON text that has a column of its own in Parquet. The text itself stays beside it and is what counts. */
export interface Member {
  /** Name of the column. */
  readonly wire: string
  /** Names from the outside of the text in. */
  readonly path: readonly string[]
  readonly type: MemberType
  /** Empty where another page says what it is. */
  readonly doc: string
}

/** @param path names from the outside in; left out: the name of the column */
export function member(wire: string, type: MemberType, doc: string, path: readonly string[] = [wire]): Member {
  return { wire, path, type, doc }
}

/** A type in words. */
export function memberTypeText(type: MemberType): string {
  if (typeof type === 'string') return type
  if ('list' in type) return `list of ${memberTypeText(type.list)}`
  if ('byName' in type) return `${memberTypeText(type.byName)} by name`
  const fields = Object.entries(type.object).map(([name, field]) => `\`${name}\` ${memberTypeText(field)}`)
  return `(${fields.join(', ')})`
}
