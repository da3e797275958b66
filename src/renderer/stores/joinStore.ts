import { create } from 'zustand'
import type { JoinProof } from '../../shared/api/index.ts'
import { countText } from '../ui/humanText.ts'
import { notify } from './noticeStore.ts'
import { setScreen } from './screenStore.ts'

interface JoinStore {
  /** Of the last time that LIVE was rejoined after looking back. */
  readonly proof: JoinProof | undefined
}

export const useJoin = create<JoinStore>(() => ({ proof: undefined }))

/** LIVE was rejoined: says whether what was looked back at is what was delivered. */
export function showJoin(proof: JoinProof): void {
  useJoin.setState({ proof })
  if (proof.equal) notify('info', joinText(proof))
  else notify('warning', joinText(proof), { label: 'Show the sums', run: () => setScreen({ inspectorTab: 'run' }) })
}

export function forgetJoin(): void {
  useJoin.setState({ proof: undefined })
}

export function joinText({ equal, overlapEvents }: Pick<JoinProof, 'equal' | 'overlapEvents'>): string {
  const compared = `${countText(overlapEvents)} events compared`
  return equal
    ? `Rejoined: ${compared}, all equal.`
    : `Rejoined: ${compared}, and they are not equal. What was replayed differs from what was shown live.`
}
