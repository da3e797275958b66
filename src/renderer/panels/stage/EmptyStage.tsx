import { useStudio } from '../../client/studioContext.ts'
import { useLibrary } from '../../stores/libraryStore.ts'
import { Button } from '../../ui/Button.tsx'
import { Icon } from '../../ui/Icon.tsx'

/** Nothing is open: three ways to begin. */
export function EmptyStage() {
  const { actions } = useStudio()
  const demo = useLibrary((s) => s.bundles.find((bundle) => bundle.demo)?.path)
  return (
    <div className="stage-card wide" data-testid="empty-state">
      <h2>Nothing is open</h2>
      <p>Replay a recording, or record a market as it moves. Everything that arrives is kept, byte for byte.</p>
      <ul className="ways">
        <li>
          <Icon name="play" />
          <div>
            <strong>See the demo</strong>
            <span>A few minutes of generated markets, ready to play.</span>
          </div>
          <Button
            label="Open the demo"
            testId="open-demo"
            kind="primary"
            refusal={demo === undefined ? 'the demo bundle is not in the library' : undefined}
            onClick={() => {
              if (demo !== undefined) void actions.openBundle(demo)
            }}
          />
        </li>
        <li>
          <Icon name="folder" />
          <div>
            <strong>Open a bundle</strong>
            <span>Drop a folder, .zip, .tar.gz or .tar.zst anywhere on this window, or pick one in the library.</span>
          </div>
        </li>
        <li>
          <Icon name="record" />
          <div>
            <strong>Go LIVE</strong>
            <span>Choose a source at the left and press LIVE. The practice venue needs no network.</span>
          </div>
        </li>
      </ul>
    </div>
  )
}
