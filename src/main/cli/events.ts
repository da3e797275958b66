import { once } from 'node:events'
import { Command, InvalidArgumentError, Option } from 'commander'
import { CHANNELS, csvHeader, type Channel } from '../../shared/channels/index.ts'
import { StudioError } from '../../shared/errors.ts'
import { eventLines } from '../engine/replay/index.ts'
import { signalOfProcess } from './lakeFlags.ts'

interface EventsFlags {
  readonly runDir: string
  readonly channel?: readonly string[]
  readonly format: 'ndjson' | 'csv'
  readonly limit?: number
}

const recorded: readonly Channel[] = CHANNELS.filter((channel) => channel.scope === 'tape')
const names = recorded.map((channel) => channel.name)

/** `tapedeck events`: plays a bundle through the tape and prints its events, one a line. */
export function eventsCommand(): Command {
  return new Command('events')
    .description('play a run bundle through the tape and print its events, one a line, in order')
    .requiredOption('--run-dir <folder>', 'the run bundle')
    .addOption(new Option('--channel <names...>', 'only these channels (default: all; CSV takes exactly one)').choices(names))
    .addOption(new Option('--format <form>', 'how an event is written').choices(['ndjson', 'csv']).default('ndjson'))
    .option('--limit <n>', 'stop after so many events', limitOf)
    .action(printEvents)
}

function limitOf(text: string): number {
  const limit = Number(text)
  if (!Number.isSafeInteger(limit) || limit < 1) throw new InvalidArgumentError('Expected a whole number from 1.')
  return limit
}

async function printEvents(flags: EventsFlags): Promise<void> {
  const channels = new Set(flags.channel ?? names)
  const only = recorded.find((channel) => channels.has(channel.name))
  if (flags.format === 'csv') {
    if (channels.size !== 1 || only === undefined) {
      throw new StudioError(
        'USAGE',
        `CSV has the columns of one channel, but ${channels.size} were asked for. Name one with --channel: ${names.join(', ')}.`
      )
    }
    await print([csvHeader(only)], undefined)
  }
  const limit = flags.limit ?? Infinity
  const signal = signalOfProcess()
  let printed = 0
  try {
    for await (const lines of eventLines(flags.runDir, { format: flags.format, channels, signal })) {
      const wanted = lines.slice(0, limit - printed)
      printed += wanted.length
      await print(wanted, signal)
      if (printed === limit) return
    }
  } catch (error) {
    if (!signal.aborted) throw error
    throw new StudioError('ABORTED', `Stopped before the end, after ${printed} events.`)
  }
}

/** Waits for a reader that is slower than we are. */
async function print(lines: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  if (!process.stdout.write(`${lines.join('\n')}\n`)) await once(process.stdout, 'drain', { signal })
}
