import type { JumpKind } from '../../../shared/api/index.ts'
import type { Playable } from './playable.ts'

export interface PendingJump {
  readonly kind: JumpKind
  readonly direction: 1 | -1
  readonly fromRelNs: number
  readonly requestId: number
  /** Whose trades. */
  readonly instrumentId: number
  after: 'play' | 'pause'
}

export interface JumpFound {
  /** Undefined: there is no such place. */
  readonly relNs: number | undefined
  /** For people, when there is none. */
  readonly notice: string
}

const NAMES: Readonly<Record<JumpKind, string>> = {
  metar: 'weather report',
  window: 'event window',
  shock: 'shock',
  gap: 'gap',
  trade: 'trade of this instrument'
}

/** @returns where the jump goes; undefined while the index has not come far enough to say */
export function resolveJump(jump: PendingJump, source: Playable): JumpFound | undefined {
  const { index } = source
  const relNs = find(jump, source)
  const isKnown = index.done || (jump.kind !== 'trade' && index.jumps.isWhole)
  if (relNs === undefined && !isKnown && (jump.direction === 1 || index.reachedRelNs < jump.fromRelNs)) return undefined
  return { relNs, notice: `There is no ${NAMES[jump.kind]} ${jump.direction === 1 ? 'after' : 'before'} this.` }
}

function find({ kind, direction, fromRelNs, instrumentId }: PendingJump, source: Playable): number | undefined {
  return kind === 'trade' ? source.findTrade(instrumentId, fromRelNs, direction) : source.index.jumps.find(kind, direction, fromRelNs)
}
