import { useSession } from '../../stores/sessionStore.ts'

/** Does this replay give exactly the events that the recording saw? Told in words, with both hashes. */
export function Fingerprint() {
  const now = useSession((s) => s.session?.fingerprint)
  const recorded = useSession((s) => s.session?.recordedFingerprint)
  const mode = useSession((s) => s.session?.mode)
  const state = compare(now, recorded)
  return (
    <section>
      <h3>Fingerprint</h3>
      <p
        className={`fingerprint ${state}`}
        data-testid="fingerprint"
        data-state={state}
        data-now={now ?? ''}
        data-recorded={recorded ?? ''}
      >
        {sentence(state, mode === 'live')}
      </p>
      <dl className="facts hashes">
        <div>
          <dt>Recorded</dt>
          <dd>{recorded ?? 'none'}</dd>
        </div>
        <div>
          <dt>Now</dt>
          <dd>{now ?? 'not known yet'}</dd>
        </div>
      </dl>
    </section>
  )
}

export type FingerprintState = 'equal' | 'different' | 'unknown'

export function compare(now: string | undefined, recorded: string | undefined): FingerprintState {
  if (now === undefined || recorded === undefined) return 'unknown'
  return now === recorded ? 'equal' : 'different'
}

function sentence(state: FingerprintState, live: boolean): string {
  if (state === 'equal') return '✓ Equal: the replay gives exactly the events that were recorded.'
  if (state === 'different') return '✕ Different: the replay does not give the events that were recorded.'
  return live ? 'Known when the recording has ended.' : 'Not known yet, or the recording ended without one.'
}
