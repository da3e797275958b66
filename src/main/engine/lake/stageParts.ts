import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Channel, EventInstrument } from '../../../shared/channels/index.ts'
import type { LakeDatabase } from './database.ts'
import { fileSha256 } from './fileSha256.ts'
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
  instrument(id: number): EventInstrument | undefined
}

/** Writes records, given in the order of the tape, as Parquet parts: one a station for each generation, sorted by market and time. */
export class PartStage {
  readonly parts: StagedPart[] = []
  readonly #options: StageOptions
  #generation: number

  constructor(options: StageOptions) {
    this.#options = options
    this.#generation = options.firstGeneration
    mkdirSync(options.dir, { recursive: true })
  }

  /** Makes a generation of all records of the batch. */
  async write(batch: RecordBatch): Promise<void> {
    if (batch.count === 0) return
    const generation = this.#generation++
    for (const { station, rows } of rowsByStation(batch, this.#options)) await this.#writeStation(batch, station, rows, generation)
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

/** Rows of a batch by station, in each by market and then in the order of the tape. */
function rowsByStation(batch: RecordBatch, { instrument, venue }: StageOptions): StationRows[] {
  const counts = new Map<number, number>()
  for (let row = 0; row < batch.count; row++) {
    const id = batch.instrumentOf(row)
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  const ids = [...counts.keys()].map((id) => {
    const { stationId, tokenId = '' } = instrument(id) ?? {}
    return { id, station: stationId === undefined || stationId === '' ? venue : stationId, tokenId }
  })
  ids.sort((a, b) => byText(a.station, b.station) || byText(a.tokenId, b.tokenId) || a.id - b.id)
  const next = new Map<number, number>()
  let place = 0
  for (const { id } of ids) {
    next.set(id, place)
    place += counts.get(id) ?? 0
  }
  const order = new Uint32Array(batch.count)
  for (let row = 0; row < batch.count; row++) {
    const id = batch.instrumentOf(row)
    const at = next.get(id)!
    order[at] = row
    next.set(id, at + 1)
  }
  return [...new Set(ids.map(({ station }) => station))].map((station) => {
    const own = ids.filter((entry) => entry.station === station)
    const end = next.get(own.at(-1)!.id)!
    return { station, rows: order.subarray(next.get(own[0]!.id)! - counts.get(own[0]!.id)!, end) }
  })
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
