import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AT_LENGTH,
  AT_WIRE_ID,
  CHANNELS,
  encodeRecord,
  eventWindow,
  forEachRecord,
  health,
  instrument,
  integrity,
  l2Book,
  l2Snap1s,
  metarObs,
  recordBytes,
  station,
  STATION_BASE,
  tapeTrades,
  topOfBook,
  type Channel
} from '../../../shared/channels/index.ts'
import { readManifest, stringifyBigJson } from '../bundle/index.ts'
import { hostClock } from '../clock.ts'
import { Fingerprint, OutBuffer } from '../tape/index.ts'
import { random } from '../testing/random.ts'
import type { Journal } from './journal.ts'
import { JournalReader } from './journalReader.ts'
import { KeepFilter, type Keep } from './keepFilter.ts'
import { Recorder, type RecorderSettings } from './recorder.ts'
import type { RecordDisk } from './recordDisk.ts'

export const TEST_T0_NS = 1_763_631_000_123_456_789n
export const TEST_SETTINGS: RecorderSettings = { keep: 'all', segmentSeconds: 900, segmentBytes: 1 << 26 }

/** For tests: a folder that passes for a run bundle. */
export function testRunDir(runId = 'journal-test', below = tmpdir()): string {
  const dir = mkdtempSync(join(below, 'tapedeck-journal-'))
  const manifest = {
    manifest_version: 1,
    run_id: runId,
    t0_wall_ns_utc: TEST_T0_NS,
    t0_mono_ns: 0,
    shards: { count: 1 }
  }
  writeFileSync(join(dir, 'manifest.json'), stringifyBigJson(manifest))
  return dir
}

/**
 * For tests: the records of an invented tape, frame by frame, the same for the same seed: all kinds of channels, windows that open and close,
 * and now and then a text that needs care.
 */
export class InventedTape {
  readonly #chance: () => number
  readonly #open: { frameIdx: number; pos: number }[] = []
  #frame = 0
  #relNs = 1_000_000
  #pos = 0
  #out = new OutBuffer()

  constructor(seed: number) {
    this.#chance = random(seed)
  }

  /** Records of the next `frames` frames as one batch. @param stepNs mean time between two frames */
  next(frames: number, stepNs = 2_000_000): Uint8Array {
    for (let i = 0; i < frames; i++) {
      this.#pos = 0
      this.#relNs += 1 + Math.floor(this.#chance() * 2 * stepNs)
      this.#events()
      this.#frame++
    }
    return this.#out.take()
  }

  #events(): void {
    const below = (n: number): number => Math.floor(this.#chance() * n)
    if (this.#frame === 0) {
      for (let id = 1; id <= 4; id++)
        this.#put(instrument, {
          instrumentId: id,
          tickE6: 10_000,
          venue: 'polymarket',
          text: `{"token_id":"7${id}","market_id":"0x${id}"}`
        })
      this.#put(station, { instrumentId: STATION_BASE + 1, lat: 40.7, lon: -73.9, text: '{"station_id":"KLGA"}' })
    }
    const instrumentId = 1 + below(4)
    const levels = { bids: [below(990_000), below(1e12)], asks: this.#chance() < 0.5 ? [] : [below(990_000), 0] }
    this.#put(l2Book, { instrumentId, kind: 'delta', resyncEpochId: 1, exchTsMs: 1_763_631_000_000 + below(1e6), bookOk: true, levels })
    if (this.#chance() < 0.6) this.#put(topOfBook, { instrumentId, bidPxE6: below(1e6), bidSizeE6: below(1e9), bookOk: true })
    if (this.#chance() < 0.1)
      this.#put(tapeTrades, { instrumentId, pxE6: below(1e6), sizeE6: below(1e9), side: 'buy', text: `0x${below(1e9)}` })
    if (this.#chance() < 0.02) this.#snaps(below)
    if (this.#chance() < 0.005) this.#window()
    if (this.#chance() < 0.005)
      this.#put(integrity, { instrumentId, kind: 'GAP_DETECTED', reason: 'sequence_hole', resyncEpochId: 2, text: 'A “gap”\n' })
    if (this.#chance() < 0.01)
      this.#put(metarObs, {
        instrumentId: STATION_BASE + 1,
        tempC: below(400) / 10,
        tempSource: 't_group',
        kind: 'METAR',
        corrected: false,
        qc: 'OK',
        exchTsMs: 1_763_631_000_000,
        text: '{"src":"METAR","raw":"KLGA"}'
      })
  }

  #snaps(below: (n: number) => number): void {
    const side = (): number[] => Array.from({ length: 40 }, () => below(1e9))
    for (let id = 1; id <= 4; id++)
      this.#put(l2Snap1s, {
        instrumentId: id,
        second: 1,
        resyncEpochId: 1,
        bookOk: true,
        midE6: this.#chance(),
        levels: { bids: side(), asks: side() }
      })
  }

  #window(): void {
    const opened = this.#chance() < 0.5 ? this.#open.shift() : undefined
    const cause = opened ?? { frameIdx: this.#frame, pos: this.#pos }
    if (opened === undefined) this.#open.push(cause)
    this.#put(eventWindow, {
      action: opened === undefined ? 'START' : 'END',
      trigger: 'MID_SHOCK',
      durationS: 60,
      startRelNs: 1,
      causeShard: 0,
      causeFrameIdx: cause.frameIdx,
      causePos: cause.pos,
      text: 'shock'
    })
  }

  #put(channel: Channel, fields: object): void {
    const record = {
      ch: channel.name,
      shard: 0,
      frameIdx: this.#frame,
      pos: this.#pos++,
      instrumentId: 0,
      recvRelNs: this.#relNs,
      ...fields
    }
    const bytes = recordOf(channel, record)
    this.#out.append(bytes, 0, bytes.length)
  }
}

export function recordOf(channel: Channel, record: object): Uint8Array {
  const bytes = new Uint8Array(recordBytes(channel, record))
  encodeRecord(channel, record as never, new DataView(bytes.buffer), 0)
  return bytes
}

/** What of a batch is kept. */
export function keptOf(filter: KeepFilter, batch: Uint8Array): Uint8Array {
  const out = new OutBuffer()
  filter.take(batch, batch.length, out)
  return out.take()
}

/** For tests: a recorder in a run's folder. */
export function testRecorder(runDir: string, settings: Partial<RecorderSettings> = {}, disk?: RecordDisk): Recorder {
  return new Recorder({
    runDir,
    runId: readManifest(runDir).runId,
    venue: 'polymarket',
    t0WallNs: TEST_T0_NS,
    settings: { ...TEST_SETTINGS, ...settings },
    clock: hostClock,
    ...(disk === undefined ? {} : { disk })
  })
}

/** For tests: writes a whole journal. @returns everything that was kept, in order */
export async function writeJournal(
  runDir: string,
  options: { seed: number; frames: number; keep?: Keep; settings?: Partial<RecorderSettings> }
): Promise<Uint8Array> {
  const { seed, frames, keep = 'all', settings } = options
  const recorder = testRecorder(runDir, { ...settings, keep })
  const tape = new InventedTape(seed)
  const filter = new KeepFilter(keep)
  const parts: Uint8Array[] = []
  for (let at = 0; at < frames; at += 200) {
    const kept = keptOf(filter, tape.next(Math.min(200, frames - at)))
    parts.push(kept)
    await recorder.take(kept)
    if (at % 1000 === 0) recorder.tick()
  }
  await recorder.finish()
  return new Uint8Array(Buffer.concat(parts))
}

/** Everything that a journal gives back, and what came to light in reading it. */
export async function readJournal(
  journal: Journal
): Promise<{ bytes: Uint8Array; problems: readonly { path: string; why: string }[]; repeated: number }> {
  const reader = new JournalReader(journal)
  const parts: Uint8Array[] = []
  for await (const batch of reader.batches()) parts.push(batch)
  return { bytes: new Uint8Array(Buffer.concat(parts)), problems: reader.problems, repeated: reader.repeated }
}

/** SHA-256 of records as the recorded fingerprint takes it. */
export function fingerprintOf(bytes: Uint8Array): string {
  const fingerprint = new Fingerprint('journal-test', TEST_T0_NS)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint32(at + AT_LENGTH, true)
    if (view.getUint8(at + AT_WIRE_ID) !== health.wireId) fingerprint.update(bytes.subarray(at, at + length), length)
    at += length
  }
  return fingerprint.digest()
}

/** Number of records by channel. */
export function countsOf(bytes: Uint8Array): Record<string, number> {
  const counts: Record<string, number> = {}
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  forEachRecord(view, 0, bytes.length, (wireId) => {
    const name = CHANNELS[wireId - 1]?.name ?? ''
    counts[name] = (counts[name] ?? 0) + 1
  })
  return counts
}

/** Each record as text: equal texts are equal bytes. */
export function recordKeys(bytes: Uint8Array): string[] {
  const keys: string[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  forEachRecord(view, 0, bytes.length, (_wireId, start) =>
    keys.push(Buffer.from(bytes.subarray(start, start + view.getUint32(start + AT_LENGTH, true))).toString('latin1'))
  )
  return keys
}

/** A heartbeat, received at this time. */
export function healthOf(recvRelNs: number): Uint8Array {
  return recordOf(health, { ch: 'health', shard: 0xffff, frameIdx: 0, pos: 0, instrumentId: 0, recvRelNs, text: '{"frames":1}' })
}
