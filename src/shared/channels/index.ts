export { FEATURES, type FeatureName } from './worldMembers.ts'
export type { Member, MemberType } from './members.ts'
export * from './catalog.ts'
export * from './channel.ts'
export * from './codec.ts'
export * from './worldChannels.ts'
export { INTEGRITY_KIND_MEANINGS, INTEGRITY_REASON_MEANINGS } from './integrityMeanings.ts'
export { csvHeader, csvRow } from './csv.ts'
export { docsTable } from './docsTable.ts'
export {
  envelopeOf,
  EVENT_SCHEMA_VERSION,
  eventJson,
  windowIdOf,
  type Envelope,
  type EventContext,
  type EventExtra,
  type EventInstrument
} from './eventJson.ts'
export { parseEvent, type ParsedEvent } from './eventParse.ts'
export { exactJson, isJsonObject, millionthsOf, NumberText, type Json } from './exactJson.ts'
export { tailMembers, tailTextIn } from './jsonTail.ts'
export type { Field, FieldKind, Levels, Tail } from './fields.ts'
export { InstrumentTable } from './instrumentTable.ts'
export { getI64, putI64 } from './int64.ts'
