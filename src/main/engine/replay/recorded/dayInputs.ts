import type { PlayheadInputs } from '../../../../shared/api/index.ts'
import { AT_INSTRUMENT, AT_LENGTH, AT_RECV, AT_WIRE_ID, getI64, tapeTrades, type EventContext } from '../../../../shared/channels/index.ts'
import { eventIdsOf } from '../../tape/index.ts'
import { modelAt, type Place } from '../place.ts'
import { inputsOf, newestPlaces, type WorldRecord } from '../playheadInputs.ts'
import type { DayIndex } from './dayIndex.ts'
import type { DayNames } from './dayNames.ts'
import type { DayRun } from './dayRecords.ts'
import type { Block, Spool } from './spool.ts'

/** What the weather and the model said as of `relNs`, as recorded: nothing that was received later is looked at. */
export function dayInputs(index: DayIndex, spool: Spool, names: DayNames, runs: readonly DayRun[], relNs: number): PlayheadInputs {
  const contexts = runs.map(({ n, stored }): EventContext => {
    const table = names.tableOf(n)
    return { originTsNs: stored.originTsNs, instrument: (id) => table.get(id), eventId: eventIdsOf(stored.runId) }
  })
  const places = newestPlaces(index.jumps, relNs).toSorted((a, b) => a.instrumentId - b.instrumentId)
  const seen = places.flatMap((place) =>
    findRecords(spool, place).map(({ bytes, run }): WorldRecord => ({
      place,
      bytes,
      context: contexts[run]!,
      hasOwn: (other) => findRecords(spool, other).some((one) => one.run === run)
    }))
  )
  return inputsOf(index.jumps, relNs, seen)
}

/** A record as one of the runs of a day recorded it. */
export interface RecordedEvent {
  readonly run: number
  readonly bytes: Uint8Array
}

/** The records of a place, as recorded, in their order. */
export function findRecords(spool: Spool, { relNs, wireId, instrumentId, model }: Place): RecordedEvent[] {
  const n = spool.blockAt(relNs)
  if (n >= spool.blocks.length) return []
  const block = spool.read(n)
  const found: RecordedEvent[] = []
  forEach(block, (at, length) => {
    if (getI64(block.view, at + AT_RECV) !== relNs || block.view.getUint8(at + AT_WIRE_ID) !== wireId) return
    if (block.view.getUint32(at + AT_INSTRUMENT, true) !== instrumentId || modelAt(block.view, at, wireId) !== model) return
    const { run } = block.sections.find(({ from, to }) => at >= from && at < to)!
    found.push({ bytes: block.recorded.subarray(at, at + length), run })
  })
  return found
}

/** @returns receive time of the next recorded trade of an instrument strictly beyond a time */
export function dayTrade(index: DayIndex, spool: Spool, instrumentId: number, fromRelNs: number, direction: 1 | -1): number | undefined {
  const blocks = index.tradeBlocks(instrumentId)
  const ahead = (n: number): boolean => (direction === 1 ? spool.blocks[n]!.lastRelNs > fromRelNs : spool.blocks[n]!.firstRelNs < fromRelNs)
  const wanted = direction === 1 ? blocks.filter(ahead).slice(0, 2) : blocks.filter(ahead).slice(-2).toReversed()
  for (const n of wanted) {
    const block = spool.read(n)
    let found: number | undefined
    forEach(block, (at) => {
      if (block.view.getUint8(at + AT_WIRE_ID) !== tapeTrades.wireId) return
      if (block.view.getUint32(at + AT_INSTRUMENT, true) !== instrumentId) return
      const relNs = getI64(block.view, at + AT_RECV)
      if (direction === 1 ? relNs > fromRelNs && found === undefined : relNs < fromRelNs) found = relNs
    })
    if (found !== undefined) return found
  }
  return undefined
}

/** Goes through the records of a block. */
export function forEach({ view, bytes }: Block, visit: (at: number, length: number) => void): void {
  for (let at = 0, length = 0; at < bytes.length; at += length) {
    length = view.getUint32(at + AT_LENGTH, true)
    visit(at, length)
  }
}
