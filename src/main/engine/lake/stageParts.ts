import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Channel, EventInstrument } from '../../../shared/channels/index.ts'
import type { LakeDatabase } from './database.ts'
import { fileSha256 } from './fileSha256.ts'
import type { LakeDisk } from './lakeDisk.ts'
import { partName } from './lakePaths.ts'
import { writePart } from './partWriter.ts'
import type { RecordBatch } from './recordBatch.ts'

/** A part on its way into the lake. */
export interface StagedPart {
  readonly station: string
  readonly generation: number
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
  readonly firstRelNs: number
  readonly lastRelNs: number
  /** Where it lies now. */
  readonly file: string
}

export interface StageOptions {
  readonly disk: LakeDisk
  readonly database: LakeDatabase
  /** A folder of this work alone. */
  readonly dir: string
  readonly channel: Channel
  readonly date: string
  readonly runId: string
  readonly originTsNs: bigint
  readonly venue: string
  readonly segmentHashes: readonly string[]
  readonly firstGeneration: number
}

/** Writes records, given in the order of the tape, as Parquet parts: one a station for each generation, sorted by market and time. */
export class PartStage {
  readonly parts: StagedPart[] = []
  readonly #options: StageOptions
  #generation: number

  constructor(options: StageOptions) {
    this.#options = options
    this.#generation = options.firstGeneration
    options.disk.makeFolder(options.dir)
  }

  /** Makes a generation of all records of the batch. */
  async write(batch: RecordBatch): Promise<void> {
    if (batch.count === 0) return
    const generation = this.#generation++
    for (const { station, rows } of rowsByStation(batch, this.#options.venue)) await this.#writeStation(batch, station, rows, generation)
  }

  async #writeStation(batch: RecordBatch, station: string, rows: Uint32Array, generation: number): Promise<void> {
    const file = join(this.#options.dir, partName(this.parts.length))
    await writePart(this.#options.database, file, { ...this.#options, station }, batch, rows)
    let firstRelNs = Infinity
    let lastRelNs = -Infinity
    for (const row of rows) {
      const recv = batch.recvOf(row)
      firstRelNs = Math.min(firstRelNs, recv)
      lastRelNs = Math.max(lastRelNs, recv)
    }
    const facts = { station, generation, rows: rows.length, firstRelNs, lastRelNs }
    this.parts.push({ ...facts, file, bytes: statSync(file).size, sha256: await fileSha256(file) })
  }
}

interface StationRows {
  readonly station: string
  readonly rows: Uint32Array
}

/** Rows of one instrument. */
interface Group {
  readonly station: string
  readonly tokenId: string
  readonly id: number
  rows: number
  /** Where the next of them goes. */
  next: number
}

/** Rows of a batch by station, in each by market and then in the order of the tape. */
function rowsByStation(batch: RecordBatch, venue: string): StationRows[] {
  const groupOf = grouping(batch, venue)
  const groups = new Set<Group>()
  for (let row = 0; row < batch.count; row++) {
    const group = groupOf(row)
    groups.add(group)
    group.rows++
  }
  const sorted = [...groups].toSorted((a, b) => byText(a.station, b.station) || byText(a.tokenId, b.tokenId) || a.id - b.id)
  let place = 0
  for (const group of sorted) {
    group.next = place
    place += group.rows
  }
  const order = new Uint32Array(batch.count)
  for (let row = 0; row < batch.count; row++) order[groupOf(row).next++] = row
  return [...new Set(sorted.map(({ station }) => station))].map((station) => {
    const own = sorted.filter((group) => group.station === station)
    return { station, rows: order.subarray(own[0]!.next - own[0]!.rows, own.at(-1)!.next) }
  })
}

/** Finds the group of a row. Lines of one instrument name the same, but for those before its market was known. */
function grouping(batch: RecordBatch, venue: string): (row: number) => Group {
  const byKey = new Map<string, Group>()
  const last = new Map<number, { readonly instrument: EventInstrument | undefined; readonly group: Group }>()
  return (row) => {
    const id = batch.instrumentOf(row)
    const instrument = batch.instruments[row]
    const known = last.get(id)
    if (known !== undefined && known.instrument === instrument) return known.group
    const { stationId = '', tokenId = '' } = instrument ?? {}
    const key = JSON.stringify([stationId, tokenId, id])
    const group = byKey.get(key) ?? { station: stationId === '' ? venue : stationId, tokenId, id, rows: 0, next: 0 }
    byKey.set(key, group)
    last.set(id, { instrument, group })
    return group
  }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
