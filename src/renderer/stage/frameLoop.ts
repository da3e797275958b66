/** What may have changed since a task last ran. */
export type Topic = 'columns' | 'trades' | 'ladder' | 'timeline' | 'integrity' | 'health' | 'playhead' | 'session' | 'view' | 'marks'

interface Task {
  readonly topics: ReadonlySet<Topic>
  readonly everyMs: number
  readonly run: (nowMs: number) => void
  lastMs: number
  pending: boolean
}

/**
 * The one animation loop of the screen. Tasks name the topics they depend on; a touched topic makes its tasks run at the next
 * display frame, none more often than its `everyMs`. While nothing is touched, no frame is asked for.
 */
export class FrameLoop {
  readonly #tasks = new Set<Task>()
  readonly #request: (callback: (nowMs: number) => void) => number
  #scheduled = false

  constructor(request: (callback: (nowMs: number) => void) => number = (callback) => requestAnimationFrame(callback)) {
    this.#request = request
  }

  /** Adds a task; it runs once at the next frame. Tasks run in the order they were added. @returns removes it */
  add(topics: readonly Topic[], everyMs: number, run: (nowMs: number) => void): () => void {
    const task: Task = { topics: new Set(topics), everyMs, run, lastMs: -Infinity, pending: true }
    this.#tasks.add(task)
    this.#schedule()
    return () => this.#tasks.delete(task)
  }

  touch(topic: Topic): void {
    let any = false
    for (const task of this.#tasks) {
      if (task.pending || !task.topics.has(topic)) continue
      task.pending = true
      any = true
    }
    if (any) this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#request(this.#frame)
  }

  readonly #frame = (nowMs: number): void => {
    this.#scheduled = false
    let waiting = false
    for (const task of this.#tasks) {
      if (!task.pending) continue
      if (nowMs - task.lastMs < task.everyMs) {
        waiting = true
        continue
      }
      task.pending = false
      task.lastMs = nowMs
      task.run(nowMs)
    }
    if (waiting) this.#schedule()
  }
}
