import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export const SHARDS = 8

export interface SenderLoad {
  readonly markets: number
  /** A multiple of the shards. */
  readonly messages: number
  readonly perSecond: number
}

export interface Sender {
  readonly url: string
  /** Settles when the changes can begin. */
  readonly ready: Promise<unknown>
  /** Lets them begin. */
  begin(): void
  stop(): Promise<void>
}

/** Starts the venue of the bench in a process of its own. */
export async function startSender({ markets, messages, perSecond }: SenderLoad): Promise<Sender> {
  const script = join(import.meta.dirname, 'marketSender.ts')
  const args = [SHARDS, 2 * markets, messages, perSecond].map(String)
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const [port] = (await once(lines, 'line')) as [string]
  return {
    url: `ws://127.0.0.1:${port}/ws/market`,
    ready: once(lines, 'line'),
    begin: () => child.stdin.write('begin\n'),
    stop: async () => {
      if (child.exitCode !== null) return
      const gone = once(child, 'exit')
      child.stdin.end()
      await gone
    }
  }
}
