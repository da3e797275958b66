import type { SecretName } from '../../shared/api/index.ts'
import { setSettingsPage, showRefused, showSecrets, showSettings, useSettings } from '../stores/settingsStore.ts'
import type { StudioClient } from './studioClient.ts'

/** Changes to the settings of a capture. What is refused is said beside the setting. */
export class SettingsActions {
  readonly #client: StudioClient

  constructor(client: StudioClient) {
    this.#client = client
  }

  /** @param text as the command line takes it; null goes back to the default. @returns whether it was taken over */
  async set(name: string, text: string | null): Promise<boolean> {
    const sentence = await this.#change({ [name]: text })
    showRefused(name, sentence)
    if (sentence === undefined) setSettingsPage({ undo: undefined })
    return sentence === undefined
  }

  /** Every setting that was chosen here goes back to its default; `undoReset` takes that back. */
  async resetAll(): Promise<void> {
    const chosen = useSettings.getState().settings.filter(({ origin }) => origin === 'chosen')
    const sentence = await this.#change(Object.fromEntries(chosen.map(({ name }) => [name, null])))
    if (sentence === undefined) setSettingsPage({ undo: Object.fromEntries(chosen.map(({ name, text }) => [name, text])) })
    else for (const { name } of chosen) showRefused(name, sentence)
  }

  async undoReset(): Promise<void> {
    const { undo } = useSettings.getState()
    if (undo === undefined) return
    const sentence = await this.#change(undo)
    if (sentence === undefined) setSettingsPage({ undo: undefined })
    else for (const name of Object.keys(undo)) showRefused(name, sentence)
  }

  /** @returns why not, as one sentence */
  async setSecret(name: SecretName, value: string): Promise<string | undefined> {
    const reply = await this.#client.call<'secret_set'>({ cmd: 'secret_set', name, value })
    if (reply.ok) showSecrets(reply.value)
    return reply.ok ? undefined : reply.failure.message
  }

  /** @returns why not, as one sentence */
  async clearSecret(name: SecretName): Promise<string | undefined> {
    const reply = await this.#client.call<'secret_clear'>({ cmd: 'secret_clear', name })
    if (reply.ok) showSecrets(reply.value)
    return reply.ok ? undefined : reply.failure.message
  }

  /** @returns why not, as one sentence */
  async #change(changes: Readonly<Record<string, string | null>>): Promise<string | undefined> {
    const reply = await this.#client.call<'settings_set'>({ cmd: 'settings_set', changes })
    if (!reply.ok) return reply.failure.message
    showSettings(reply.value)
    return undefined
  }
}
