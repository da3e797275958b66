import { JUMP_KINDS, type JumpKind } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { setMoves, useMoves } from '../../stores/moveStore.ts'
import { Button } from '../../ui/Button.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { JUMP_KEYS, JUMP_NAMES } from '../../ui/markText.ts'

/** Previous and next of a kind: the kind is chosen in the middle. */
export function Jumps({ refusal }: { readonly refusal: string | undefined }) {
  const { time } = useStudio()
  const kind = useMoves((s) => s.jumpKind)
  const key = JUMP_KEYS[kind]
  return (
    <div className="jumps" role="group" aria-label="Jump">
      <Button
        label={`Previous ${JUMP_NAMES[kind]}`}
        testId="jump-previous"
        kind="icon"
        keys={`Shift ${key}`}
        refusal={refusal}
        onClick={() => void time.jump(kind, -1)}
      >
        <Icon name="previous" />
      </Button>
      <select
        aria-label="Where the jump goes"
        title="Where the two buttons go"
        data-testid="jump-kind"
        value={kind}
        onChange={(event) => {
          setMoves({ jumpKind: event.target.value as JumpKind })
          // The keys of the window work on.
          event.target.blur()
        }}
      >
        {JUMP_KINDS.map((one) => (
          <option key={one} value={one}>
            {JUMP_NAMES[one]}
          </option>
        ))}
      </select>
      <Button
        label={`Next ${JUMP_NAMES[kind]}`}
        testId="jump-next"
        kind="icon"
        keys={key}
        refusal={refusal}
        onClick={() => void time.jump(kind, 1)}
      >
        <Icon name="next" />
      </Button>
    </div>
  )
}
