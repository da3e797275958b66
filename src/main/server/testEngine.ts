import {
  frameHeader,
  FRAME_KIND,
  INITIAL_CREDIT_BYTES,
  type CommandReply,
  type FrameSink,
  type StudioCommand
} from '../../shared/api/index.ts'
import type { Engine, ViewLink } from '../engine/index.ts'

/** One screen as the engine sees it. */
export class TestView {
  creditBytes = INITIAL_CREDIT_BYTES
  closed = false
  readonly #sink: FrameSink
  #wanted = 0

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  /** Wants to send so many frames of 64 KiB; sends what the credit allows now and the rest as it is granted. */
  want(frames: number): void {
    this.#wanted += frames
    this.#pump()
  }

  grant(bytes: number): void {
    this.creditBytes += bytes
    this.#pump()
  }

  #pump(): void {
    while (this.#wanted > 0 && this.creditBytes > 0 && !this.closed) {
      const frame = frameHeader(FRAME_KIND.played, 1, new Uint8Array(64 * 1024))
      this.#wanted--
      this.creditBytes -= frame.length
      this.#sink.send(frame)
    }
  }
}

/** An engine that only remembers: the doors are tested against it. */
export class TestEngine implements Engine {
  readonly commands: unknown[] = []
  readonly views: TestView[] = []
  /** Answers in place of the default ones. */
  answer: (command: unknown) => Promise<unknown> = (command) => Promise.resolve({ ok: true, value: { echo: command } })

  async call(command: StudioCommand): Promise<never> {
    return (await this.callUnknown(command)) as never
  }

  async callUnknown(command: unknown): Promise<CommandReply<never>> {
    this.commands.push(command)
    return (await this.answer(command)) as CommandReply<never>
  }

  attachView(sink: FrameSink): ViewLink {
    const view = new TestView(sink)
    this.views.push(view)
    return { grant: (bytes) => view.grant(bytes), close: () => void (view.closed = true) }
  }

  dispose(): Promise<void> {
    return Promise.resolve()
  }
}
