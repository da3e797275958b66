import { AT_INSTRUMENT, AT_RECV, AT_WIRE_ID, getI64, nowcast1m } from '../../../shared/channels/index.ts'

/** Where records were made: by the frame received then, on this channel, about this instrument or station, and of a nowcast by this model. */
export interface Place {
  readonly relNs: number
  readonly wireId: number
  readonly instrumentId: number
  /** Number of the model of a nowcast; 0 elsewhere. */
  readonly model: number
}

/** The place of the record at `start`. */
export function placeAt(view: DataView, start: number): Place {
  const wireId = view.getUint8(start + AT_WIRE_ID)
  return {
    relNs: getI64(view, start + AT_RECV),
    wireId,
    instrumentId: view.getUint32(start + AT_INSTRUMENT, true),
    model: modelAt(view, start, wireId)
  }
}

/** Whose nowcast the record at `start` is: models stand beside each other, none replaces another. */
export function modelAt(view: DataView, start: number, wireId: number): number {
  return wireId === nowcast1m.wireId ? view.getUint32(start + nowcast1m.at.model, true) : 0
}

/** The same for all records of one place. */
export function placeKey({ relNs, wireId, instrumentId, model }: Place): string {
  return `${relNs}/${wireId}/${instrumentId}/${model}`
}
