import { useStudio } from '../../client/studioContext.ts'
import { utcTime } from '../../stage/index.ts'
import { joinText, useJoin } from '../../stores/joinStore.ts'

/** Proof of the last way back to LIVE: what was replayed is what was delivered. */
export function JoinProofSection() {
  const { client } = useStudio()
  const proof = useJoin((s) => s.proof)
  if (proof === undefined) return null
  const at = (relNs: number): string => utcTime(client.data.playhead.secOf(relNs))
  return (
    <section>
      <h3>Back to LIVE</h3>
      <p
        className={`fingerprint ${proof.equal ? 'equal' : 'different'}`}
        data-testid="join-proof"
        data-equal={proof.equal}
        data-events={proof.overlapEvents}
      >
        {proof.equal ? '✓ ' : '✕ '}
        {joinText(proof)}
      </p>
      <dl className="facts hashes">
        <div>
          <dt>Compared</dt>
          <dd>
            {at(proof.fromRelNs)} – {at(proof.toRelNs)} UTC
          </dd>
        </div>
        <div>
          <dt>Live</dt>
          <dd>{proof.liveSha256}</dd>
        </div>
        <div>
          <dt>Replayed</dt>
          <dd>{proof.replayedSha256}</dd>
        </div>
      </dl>
    </section>
  )
}
