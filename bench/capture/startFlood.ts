import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface Flood {
  readonly url: string
  stop(): Promise<void>
}

/** Starts the sender in a process of its own. */
export async function startFlood(messages: number, perSecond: number): Promise<Flood> {
  const script = join(import.meta.dirname, 'floodServer.ts')
  const child = spawn(process.execPath, [script, String(messages), String(perSecond)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [first] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    url: `ws://127.0.0.1:${Number(first.toString())}/ws/market`,
    stop: async () => {
      if (child.exitCode !== null) return
      const gone = once(child, 'exit')
      child.stdin.end()
      await gone
    }
  }
}
