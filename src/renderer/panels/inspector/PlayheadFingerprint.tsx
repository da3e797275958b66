import { useStudio } from '../../client/studioContext.ts'
import { utcTime } from '../../stage/index.ts'
import { useInputs } from '../../stores/inputsStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { Button } from '../../ui/Button.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { countText } from '../../ui/humanText.ts'
import { replayRefusal } from '../timeline/refusal.ts'

/** The sum over all events up to the playhead, on demand: the same however the playhead came there. */
export function PlayheadFingerprint() {
  const { client, time } = useStudio()
  const found = useInputs((s) => s.fingerprint)
  const mode = useSession((s) => s.session?.mode ?? 'idle')
  const phase = useSession((s) => s.session?.phase ?? 'idle')
  return (
    <section data-testid="playhead-fingerprint" data-sha256={found?.sha256 ?? ''} data-rel={found?.relNs ?? ''}>
      <h3>Fingerprint at the playhead</h3>
      <Button
        label="Take the fingerprint"
        testId="ask-fingerprint"
        refusal={replayRefusal(mode, phase)}
        onClick={() => void time.askFingerprint()}
      />
      {found !== undefined && (
        <>
          <p className="muted small">
            At {utcTime(client.data.playhead.secOf(found.relNs))} UTC, over {countText(found.events)} events:
          </p>
          <p className="id-line">
            <code>{found.sha256}</code>
            <CopyButton text={found.sha256} label="Copy the fingerprint" testId="copy-fingerprint" />
          </p>
          {found.recorded !== undefined && <Recorded {...found.recorded} />}
        </>
      )}
    </section>
  )
}

/** The sum that a journal and its Parquet give too. */
function Recorded({ sha256, events }: { readonly sha256: string; readonly events: number }) {
  return (
    <>
      <p className="muted small">Over the {countText(events)} of them that a journal keeps, equal from raw frames, journal and Parquet:</p>
      <p className="id-line" data-testid="recorded-fingerprint" data-sha256={sha256}>
        <code>{sha256}</code>
        <CopyButton text={sha256} label="Copy the recorded fingerprint" testId="copy-recorded-fingerprint" />
      </p>
    </>
  )
}
