import { parentPort } from 'node:worker_threads'
import { CapturePlant, captureSecrets, MAX_UNSYNCED_SECONDS } from '../capture/index.ts'
import { hostClock } from '../clock.ts'
import { fastClock } from '../fastClock.ts'
import type { CaptureCommand, CaptureEvent } from './captureMessages.ts'

type Port = Pick<NonNullable<typeof parentPort>, 'postMessage'>

const owner = parentPort
if (owner === null) throw new Error('broken promise: the capture worker runs as a thread')
let plant: CapturePlant | undefined

function send(ports: readonly Port[], event: CaptureEvent): void {
  const buffers =
    event.kind === 'frames' ? event.parts.flatMap((part) => (part.bytes === undefined ? [] : [part.bytes.buffer as ArrayBuffer])) : []
  for (const port of ports) port.postMessage(event, buffers)
}

function obey(command: CaptureCommand): void {
  if (command.kind === 'credit') return plant?.grantCredit(command.bytes, command.flushId)
  if (command.kind === 'requestSnapshot') return plant?.requestSnapshot(command.shard, command.key)
  if (command.kind === 'tapeReport') return plant?.takeReport(command.report)
  if (command.kind === 'markMoment') return plant?.markMoment(command.reason)
  if (command.kind === 'stop') return plant?.stop(command.reason ?? 'stop')
  const { config, framesPort, secrets = captureSecrets(process.env), fastClock: fast } = command
  framesPort?.on('message', obey)
  const everyone = framesPort === undefined ? [owner!] : [owner!, framesPort]
  const emit = (event: CaptureEvent): void => send(event.kind === 'frames' ? [framesPort ?? owner!] : everyone, event)
  // Disks do not go faster with the clock.
  const byFastClock = fast === undefined ? {} : { clock: fastClock(fast, hostClock), maxUnsyncedSeconds: MAX_UNSYNCED_SECONDS * fast.speed }
  plant = new CapturePlant({ config, secrets, emit, ...byFastClock })
  void plant.run().then(() => [framesPort?.close(), owner!.close()])
}

owner.on('message', obey)
// A broken promise of ours ends the run in order: what was received is written out first.
process.on('uncaughtException', (error) => {
  if (plant === undefined) throw error
  plant.broken(error)
})
