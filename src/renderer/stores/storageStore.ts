import { create } from 'zustand'
import type { RetentionMade, StorageSettings } from '../../shared/api/index.ts'

interface StorageStore {
  readonly open: boolean
  /** Undefined until they have come. */
  readonly settings: StorageSettings | undefined
  /** What went, or would go. */
  readonly retention: RetentionMade | undefined
  /** Why something was refused. */
  readonly problem: string | undefined
}

export const useStorage = create<StorageStore>(() => ({ open: false, settings: undefined, retention: undefined, problem: undefined }))

export function showStorage(change: Partial<StorageStore>): void {
  useStorage.setState(change)
}
