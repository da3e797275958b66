import { FLAG_TEXT, HEADER_BYTES_V2, openBundle } from '../../src/main/engine/bundle/index.ts'
import { hostDisk, type Disk } from '../../src/main/engine/capture/index.ts'
import { framesPath } from './plantReceive.ts'

interface Sync {
  readonly upTo: number
  readonly doneMonoNs: bigint
}

/** The host's disk, with a record of how far each file was safe and when. */
export class WatchedDisk implements Disk {
  readonly syncs = new Map<string, Sync[]>()
  readonly #files = new Map<number, { path: string; written: number }>()

  create(path: string): number {
    const fd = hostDisk.create(path)
    this.#files.set(fd, { path, written: 0 })
    return fd
  }

  append(fd: number, bytes: Uint8Array, from: number): number {
    const n = hostDisk.append(fd, bytes, from)
    const file = this.#files.get(fd)
    if (file !== undefined) file.written += n
    return n
  }

  truncate(fd: number, length: number): void {
    hostDisk.truncate(fd, length)
  }

  async sync(fd: number): Promise<void> {
    const upTo = this.#files.get(fd)?.written ?? 0
    await hostDisk.sync(fd)
    this.#note(fd, upTo)
  }

  syncNow(fd: number): void {
    hostDisk.syncNow(fd)
    this.#note(fd, this.#files.get(fd)?.written ?? 0)
  }

  syncFolder(path: string): void {
    hostDisk.syncFolder(path)
  }

  close(fd: number): void {
    hostDisk.close(fd)
  }

  #note(fd: number, upTo: number): void {
    const path = this.#files.get(fd)?.path ?? ''
    const syncs = this.syncs.get(path) ?? []
    syncs.push({ upTo, doneMonoNs: process.hrtime.bigint() })
    this.syncs.set(path, syncs)
  }
}

/** Milliseconds from the receive stamp of each message to the end of the sync that made it safe, ascending. */
export async function receiveToSyncedMs(runDir: string, disk: WatchedDisk, shard = 0): Promise<Float64Array> {
  const syncs = disk.syncs.get(framesPath(runDir, shard)) ?? []
  const bundle = await openBundle(runDir)
  const reader = bundle.openReader(shard)
  const latencies: number[] = []
  let at = 0
  while (reader.next()) {
    if (reader.flags !== FLAG_TEXT) continue
    while (at < syncs.length && (syncs[at]?.upTo ?? 0) < reader.offset + HEADER_BYTES_V2 + reader.payloadEnd - reader.payloadStart) at++
    const sync = syncs[at]
    if (sync === undefined) throw new Error('a message was never synced')
    latencies.push((Number(sync.doneMonoNs - bundle.t0MonoNs) - reader.monoRelNs) / 1e6)
  }
  reader.close()
  bundle.close()
  return Float64Array.from(latencies).sort()
}
