import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { makeDemo } from '../engine/index.ts'
import { signalOfProcess } from './lakeFlags.ts'

/** 15 January 2026, 15:00 UTC: the demo's first second. */
const DEMO_START_NS = 1_768_489_200_000_000_000n

/** `tapedeck demo-build`: makes the synthetic demo bundle that ships with the app. Equal settings give equal bytes. */
export function demoBuildCommand(): Command {
  return new Command('demo-build')
    .description('make the synthetic demo bundle from the practice venue’s generator')
    .requiredOption('--out <folder>', 'folder to make; must not exist')
    .option('--seconds <n>', 'length, 10 to 3600', whole(10, 3600), 600)
    .option('--rate <n>', 'mean messages a second, 1 to 1000', whole(1, 1000), 40)
    .option('--seed <n>', 'equal seeds give equal demos', whole(0, 4_294_967_295), 7)
    .action(async (flags: { out: string; seconds: number; rate: number; seed: number }) => {
      const dir = resolve(flags.out)
      const { seed, seconds, rate } = flags
      const signal = signalOfProcess()
      const made = await makeDemo({ dir, seed, seconds, messagesPerSecond: rate, t0WallNs: DEMO_START_NS, signal })
      process.stdout.write(`${JSON.stringify({ ok: true, run_dir: dir, ...made })}\n`)
    })
}

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`)
    return value
  }
}
