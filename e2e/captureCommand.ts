import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cliCommand } from './studioCommand.ts'

export interface CaptureProcess {
  readonly runDir: string
  /** Records of the run log of a type so far. */
  runlog(type: string): Record<string, unknown>[]
  /** The newest global heartbeat; empty before the first. */
  heartbeat(): Record<string, unknown>
  /** Waits until it holds. @param what for the message when it does not, or when the capture ends before */
  until(what: string, holds: () => boolean): Promise<void>
  /** Ends it as Ctrl+C does. @returns exit code and the last JSON line */
  stop(): Promise<{ code: number | null; ended: Record<string, unknown>; stderr: string }>
}

const START_LIMIT_MS = 60_000
const WAIT_LIMIT_MS = 180_000
const LOOK_EVERY_MS = 250

/** Starts `tapedeck capture` with these arguments and waits until the run exists. */
export async function startCapture(args: readonly string[]): Promise<CaptureProcess> {
  const { node, cli } = cliCommand()
  const child = spawn(node, [cli, 'capture', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: Record<string, unknown>[] = []
  let stderr = ''
  child.stderr.on('data', (bytes) => (stderr += String(bytes)))
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  const runDir = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the capture did not start in time: ${stderr}`)), START_LIMIT_MS)
    void closed.then((code) => reject(new Error(`the capture ended with code ${code}: ${stderr}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as Record<string, unknown>
      lines.push(event)
      if (event['event'] !== 'started') return
      clearTimeout(late)
      resolve(String(event['run_dir']))
    })
  })
  const records = (name: string): Record<string, unknown>[] => wholeLines(join(runDir, name))
  return {
    runDir,
    runlog: (type) => records('runlog.ndjson').filter((record) => record['record_type'] === type),
    heartbeat: () => records('metrics/global.ndjson').at(-1) ?? {},
    until: async (what, holds) => {
      const limitMs = Date.now() + WAIT_LIMIT_MS
      while (!holds()) {
        if (child.exitCode !== null) throw new Error(`the capture ended with code ${child.exitCode} before ${what}: ${stderr}`)
        if (Date.now() > limitMs) throw new Error(`it did not come about: ${what}`)
        await sleep(LOOK_EVERY_MS)
      }
    },
    stop: async () => {
      if (child.exitCode === null) child.kill('SIGINT')
      const code = await closed
      return { code, ended: lines.at(-1) ?? {}, stderr }
    }
  }
}

/** The last line may be half written. */
function wholeLines(path: string): Record<string, unknown>[] {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
