import type { StorageSettings } from '../../shared/api/index.ts'
import { showStorage, useStorage } from '../stores/storageStore.ts'
import type { StudioClient } from './studioClient.ts'

/** What is kept for how long: choices, what would go, and deleting it. */
export class StorageActions {
  readonly #client: StudioClient

  constructor(client: StudioClient) {
    this.#client = client
  }

  async open(): Promise<void> {
    showStorage({ open: true, retention: undefined, problem: undefined })
    const reply = await this.#client.call<'storage_get'>({ cmd: 'storage_get' })
    showStorage(reply.ok ? { settings: reply.value } : { problem: reply.failure.message })
  }

  close(): void {
    showStorage({ open: false, retention: undefined, problem: undefined })
  }

  /** What was found before holds no longer: it was judged by the old choices. */
  async choose(change: Partial<StorageSettings>): Promise<void> {
    const { settings } = useStorage.getState()
    if (settings === undefined) return
    const reply = await this.#client.call<'storage_set'>({ cmd: 'storage_set', settings: { ...settings, ...change } })
    showStorage(reply.ok ? { settings: reply.value, retention: undefined, problem: undefined } : { problem: reply.failure.message })
  }

  /** @param apply delete; otherwise only look */
  async retain(apply: boolean): Promise<void> {
    const reply = await this.#client.call<'storage_retention'>({ cmd: 'storage_retention', apply })
    showStorage(reply.ok ? { retention: reply.value, problem: undefined } : { problem: reply.failure.message })
  }
}
