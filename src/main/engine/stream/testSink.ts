import type { StreamLine, StreamState } from '../../../shared/api/index.ts'
import type { StreamSink } from './streamTypes.ts'

/** For tests: a client that keeps what it gets. */
export class TestSink implements StreamSink {
  ready = true
  /** Data as it came; a reset begins anew. */
  readonly parts: { readonly atRelNs: number | undefined; readonly lines: string[] }[] = [{ atRelNs: undefined, lines: [] }]
  readonly states: StreamState[] = []

  line(line: StreamLine): void {
    this.parts.at(-1)!.lines.push(line.text)
  }

  reset(relNs: number): void {
    this.parts.push({ atRelNs: relNs, lines: [] })
  }

  state(state: StreamState): void {
    this.states.push(state)
  }

  get lines(): readonly string[] {
    return this.parts.at(-1)!.lines
  }

  /** Waits until a state holds, at most a minute. */
  async until(holds: () => boolean): Promise<void> {
    for (const end = performance.now() + 60_000; !holds();) {
      if (performance.now() > end) throw new Error(`it did not come about; the last state is ${JSON.stringify(this.states.at(-1))}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}
