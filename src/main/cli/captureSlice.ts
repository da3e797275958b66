import { Command, InvalidArgumentError } from 'commander'
import { StudioError } from '../../shared/errors.ts'
import { sliceRun, type SliceWindow } from '../engine/index.ts'
import { inspection, wholeNumber } from './inspection.ts'

interface SliceFlags {
  readonly runDir: string
  readonly outDir?: string
  readonly sliceId?: string
  readonly shard?: number
  readonly startMonoNs?: bigint
  readonly endMonoNs?: bigint
  readonly startOffset?: number
  readonly endOffset?: number
}

/** `tapedeck capture-slice`: cuts a window out of a run into a bundle of its own. Exit 1 when the index contradicts the log, 2 on usage. */
export function captureSliceCommand(): Command {
  return new Command('capture-slice')
    .description('cut a window out of a run bundle into a bundle of its own, every record byte for byte')
    .requiredOption('--run-dir <folder>', 'the run bundle')
    .option('--out-dir <folder>', 'folder of the slice (default: slices/<slice id> in the data folder of the run)')
    .option('--slice-id <id>', 'name of the slice (default: time and chance)')
    .option('--shard <n>', 'only this shard', wholeNumber)
    .option('--start-mono-ns <ns>', 'first receive time (rx_mono_ns), inclusive', nanoseconds)
    .option('--end-mono-ns <ns>', 'last receive time (rx_mono_ns), inclusive', nanoseconds)
    .option('--start-offset <bytes>', 'first offset in the frame logs, inclusive', wholeNumber)
    .option('--end-offset <bytes>', 'last offset in the frame logs at which a record may begin, inclusive', wholeNumber)
    .addHelpText('after', '\nGive a window of time or one of offsets. A bound that is left out is that of the run.')
    .action(runSlice)
}

async function runSlice(flags: SliceFlags): Promise<void> {
  const { runDir, outDir, sliceId, shard } = flags
  const window = windowOf(flags)
  const result = await inspection((options) => sliceRun(runDir, { ...options, window, outDir, sliceId, shard }))
  process.stdout.write(`slice dir: ${result.sliceDir}\n`)
}

function windowOf({ startMonoNs, endMonoNs, startOffset, endOffset }: SliceFlags): SliceWindow {
  const byTime = startMonoNs !== undefined || endMonoNs !== undefined
  const byOffset = startOffset !== undefined || endOffset !== undefined
  if (byTime && byOffset) throw new StudioError('USAGE', 'Give a window of time or one of offsets, not both.')
  if (!byTime && !byOffset)
    throw new StudioError(
      'USAGE',
      'Give a window: --start-mono-ns and --end-mono-ns, or --start-offset and --end-offset. One bound is enough.'
    )
  return byTime ? { kind: 'mono', startMonoNs, endMonoNs } : { kind: 'offset', startOffset, endOffset }
}

function nanoseconds(text: string): bigint {
  if (!/^-?\d{1,20}$/.test(text)) throw new InvalidArgumentError('Expected whole nanoseconds.')
  return BigInt(text)
}
