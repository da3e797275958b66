import { captureConfig } from './config.ts'
import { CapturePlant } from './plant.ts'

/** For tests: a capture in a process of its own, to be killed. Arguments: settings as JSON. Tells its heartbeats as lines. */
const plant = new CapturePlant({
  config: captureConfig(JSON.parse(process.argv[2] ?? '{}') as Record<string, unknown>),
  emit: (event) => {
    if (event.kind === 'heartbeat') process.stdout.write(`${event.json}\n`)
    if (event.kind === 'failed') process.stdout.write(`${JSON.stringify(event)}\n`)
  }
})
await plant.run()
