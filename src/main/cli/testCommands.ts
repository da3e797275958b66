import { Command } from 'commander'
import { StudioError } from '../../shared/errors.ts'
import { runCli } from './runCli.ts'

/** A program of its own for tests: commands that end in every way a command can end. Run as `node testCommands.ts <command>`. */
const endings: Readonly<Record<string, () => void | Promise<void>>> = {
  ok: () => void process.stdout.write('done\n'),
  finding: () => void (process.exitCode = 1),
  fails: () => {
    throw new StudioError('BUNDLE_DAMAGED', 'The bundle is damaged. /a/b')
  },
  usage: () => {
    throw new StudioError('USAGE', 'Give a run or a folder.')
  },
  config: () => Promise.reject(new StudioError('CONFIG_INVALID', 'shards: expected 1 to 64, found 0.')),
  bug: () => {
    throw new TypeError('x is not a function')
  },
  stopped: () => AbortSignal.abort().throwIfAborted(),
  later: () => void setTimeout(() => void Promise.reject(new StudioError('DISK_FULL', 'The disk is full.')), 1),
  endless: () => void setInterval(() => process.stdout.write('line\n'.repeat(1000)), 1),
  orderly: () => {
    const timer = setInterval(() => process.stdout.write('line\n'.repeat(1000)), 1)
    process.once('SIGTERM', () => {
      clearInterval(timer)
      process.stderr.write('ended in order\n')
    })
  }
}

const commands = Object.entries(endings).map(([name, action]) => ({
  name,
  summary: `ends with ${name}`,
  load: () => Promise.resolve(new Command(name).description(`Ends with ${name}.`).option('--n <number>', 'a number').action(action))
}))
const broken = { name: 'broken', summary: 'has a module that does not load', load: () => Promise.reject(new Error('Cannot find module')) }

process.exitCode = await runCli(process.argv.slice(2), [...commands, broken])
