import { create } from 'zustand'
import type { SecretFacts, SettingFacts } from '../../shared/api/index.ts'
import { settingLabel } from './settingLabel.ts'

interface SettingsStore {
  /** As the studio knows them, in its order; empty until they have come. */
  readonly settings: readonly SettingFacts[]
  /** Where the keys of services come from; empty until it is known. */
  readonly secrets: readonly SecretFacts[]
  readonly open: boolean
  readonly search: string
  readonly changedOnly: boolean
  /** Why a change was refused, by the setting's name. */
  readonly refused: Readonly<Record<string, string>>
  /** What was chosen before everything was reset, so that it can be taken back. */
  readonly undo: Readonly<Record<string, string>> | undefined
}

export const useSettings = create<SettingsStore>(() => ({
  settings: [],
  secrets: [],
  open: false,
  search: '',
  changedOnly: false,
  refused: {},
  undo: undefined
}))

export function showSettings(settings: readonly SettingFacts[]): void {
  useSettings.setState({ settings })
}

export function showSecrets(secrets: readonly SecretFacts[]): void {
  useSettings.setState({ secrets })
}

/** Opens or closes the page. What was searched for and refused does not outlive it. */
export function showSettingsPage(open: boolean): void {
  useSettings.setState({ open, search: '', changedOnly: false, refused: {}, undo: undefined })
}

export function setSettingsPage(change: Partial<Pick<SettingsStore, 'search' | 'changedOnly' | 'undo'>>): void {
  useSettings.setState(change)
}

/** @param sentence undefined: the setting is as it should be */
export function showRefused(name: string, sentence: string | undefined): void {
  useSettings.setState(({ refused }) => {
    const { [name]: _old, ...others } = refused
    return { refused: sentence === undefined ? others : { ...others, [name]: sentence } }
  })
}

/** True when the value in force is not the default one. */
export function isChanged({ origin }: SettingFacts): boolean {
  return origin === 'chosen' || origin === 'environment'
}

/** Settings that have every word of the search in their name, help or variable. */
export function matchingSettings(settings: readonly SettingFacts[], search: string, changedOnly: boolean): readonly SettingFacts[] {
  const words = search.toLowerCase().split(/\s+/)
  return settings.filter((setting) => {
    if (changedOnly && !isChanged(setting)) return false
    const { name, group, meaning, variable } = setting
    const text = `${name} ${settingLabel(name).label} ${group} ${meaning} ${variable}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
