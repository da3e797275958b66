import type { JumpKind } from '../../../shared/api/index.ts'
import { nextOf } from './jumpIndex.ts'
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
  trade: 'trade of this instrument',
  decision: 'decision of the strategy'
}

/** @returns where the jump goes; undefined while the index has not come far enough to say */
export function resolveJump(jump: PendingJump, source: Playable): JumpFound | undefined {
  const { index } = source
  const relNs = find(jump, source)
  const isKnown = index.done || jump.kind === 'decision' || (jump.kind !== 'trade' && index.jumps.isWhole)
  if (relNs === undefined && !isKnown && (jump.direction === 1 || index.reachedRelNs < jump.fromRelNs)) return undefined
  return { relNs, notice: noticeOf(jump, index.jumps.decisions) }
}

/** Decisions are not recorded: they are those of a strategy that was run over the recording. */
function noticeOf({ kind, direction }: PendingJump, decisions: readonly number[] | undefined): string {
  if (kind === 'decision' && decisions === undefined)
    return 'No decisions are known here. Run a strategy over the bundle, in the app or with --strategy; then its decisions can be jumped to.'
  if (kind === 'decision' && decisions?.length === 0) return 'The strategy that was run over this decided nothing.'
  return `There is no ${NAMES[kind]} ${direction === 1 ? 'after' : 'before'} this.`
}

function find({ kind, direction, fromRelNs, instrumentId }: PendingJump, source: Playable): number | undefined {
  if (kind === 'decision') return nextOf(source.index.jumps.decisions ?? [], direction, fromRelNs)
  return kind === 'trade' ? source.findTrade(instrumentId, fromRelNs, direction) : source.index.jumps.find(kind, direction, fromRelNs)
}
