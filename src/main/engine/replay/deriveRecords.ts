import { AT_LENGTH } from '../../../shared/channels/index.ts'
import { placeAt, placeKey, type Place } from './place.ts'
import { TapeRun, type RunFacts } from './runTape.ts'
import type { SeekIndex } from './seekIndex.ts'

/** Makes records anew from the frames that caused them. @returns their bytes those of one place in the order of the tape */
export function deriveRecords(index: SeekIndex, run: RunFacts, places: readonly Place[]): Uint8Array[] {
  if (places.length === 0) return []
  const wanted = new Map(places.map((place) => [placeKey(place), [] as Uint8Array[]]))
  const scan = new TapeRun(run, {
    withoutFingerprint: true,
    onRecords: (bytes, length) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, length)
      for (let at = 0, size = 0; at < length; at += size) {
        size = view.getUint32(at + AT_LENGTH, true)
        wanted.get(placeKey(placeAt(view, at)))?.push(bytes.slice(at, at + size))
      }
    }
  })
  try {
    for (const relNs of [...new Set(places.map((place) => place.relNs))].sort((a, b) => a - b)) {
      // Reading on is cheaper than going back, unless a mark lies between.
      const markRelNs = index.marks.timeOf(index.marks.at(relNs - 1))
      if (scan.tape.frames === 0 || (markRelNs < relNs && markRelNs > scan.tape.recvRelNs)) index.startBefore(scan, relNs - 1)
      scan.advance(relNs, Infinity)
      scan.tape.drain()
    }
  } finally {
    scan.close()
  }
  return [...wanted.values()].flat()
}
