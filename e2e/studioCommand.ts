import { spawn, type ChildProcess } from 'node:child_process'

export interface StudioCommand {
  readonly child: ChildProcess
  /** The address that was printed first. */
  readonly url: string
  readonly output: () => string
  readonly errors: () => string
  /** Asks it to end, and gives its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

const START_LIMIT_MS = 60_000

/** What runs the built command line; build/test.mjs sets the environment. */
export function cliCommand(): { node: string; cli: string } {
  const { TAPEDECK_NODE: node, TAPEDECK_CLI: cli } = process.env
  if (node === undefined || cli === undefined)
    throw new Error('TAPEDECK_NODE and TAPEDECK_CLI are not set: run these tests with "node build/test.mjs"')
  return { node, cli }
}

/** Starts `tapedeck studio` and waits for its address. @throws when it ends before it printed one, with what it said */
export async function startStudio(dataDir: string, args: readonly string[] = []): Promise<StudioCommand> {
  const { node, cli } = cliCommand()
  const child = spawn(node, [cli, 'studio', '--data-dir', dataDir, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [output, errors] = ['', '']
  child.stderr.on('data', (bytes) => (errors += String(bytes)))
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)))
  const url = await new Promise<string>((done, fail) => {
    const limit = setTimeout(() => fail(new Error(`no address within ${START_LIMIT_MS / 1000} s: ${errors}`)), START_LIMIT_MS)
    child.stdout.on('data', (bytes) => {
      output += String(bytes)
      if (!output.includes('\n')) return
      clearTimeout(limit)
      done(output.split('\n', 1)[0] ?? '')
    })
    void ended.then((code) => fail(new Error(`ended with exit code ${code}: ${errors}`)))
  })
  const stop = (signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> => {
    child.kill(signal)
    return ended
  }
  return { child, url, output: () => output, errors: () => errors, stop }
}
