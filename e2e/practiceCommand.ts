import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { cliCommand } from './studioCommand.ts'

export interface PracticeProcess {
  readonly url: string
  /** Every fault line printed so far. */
  readonly faults: Record<string, unknown>[]
  stop(): Promise<void>
}

const START_LIMIT_MS = 30_000

/** Starts `tapedeck practice` with these arguments and waits until it listens. */
export async function startPractice(args: readonly string[]): Promise<PracticeProcess> {
  const { node, cli } = cliCommand()
  const child = spawn(node, [cli, 'practice', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const faults: Record<string, unknown>[] = []
  const url = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the practice venue did not start in time')), START_LIMIT_MS)
    child.once('exit', (code) => reject(new Error(`the practice venue ended with code ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as Record<string, unknown>
      if (event['event'] === 'fault') faults.push(event)
      if (event['event'] !== 'listening') return
      clearTimeout(late)
      resolve(String(event['http_url']))
    })
  })
  return { url, faults, stop: () => stopChild(child) }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGINT')
  await ended
}

/** Runs one command of the program. @returns its exit code and the JSON lines that it printed */
export async function runTapedeck(
  args: readonly string[]
): Promise<{ code: number | null; lines: Record<string, unknown>[]; stderr: string }> {
  const { node, cli } = cliCommand()
  const child = spawn(node, [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: Record<string, unknown>[] = []
  let stderr = ''
  child.stderr.on('data', (bytes) => (stderr += String(bytes)))
  const read = createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line) as Record<string, unknown>))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  read.close()
  return { code, lines, stderr }
}
