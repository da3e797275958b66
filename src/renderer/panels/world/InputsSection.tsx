import type { ModelNowcast, NowcastInput } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { ageText } from '../../ui/humanText.ts'
import { inputText } from './worldText.ts'

/** What a nowcast was made of, each with its age. A press goes to the moment at which it came. */
export function InputsSection({ of: { inputs, model } }: { readonly of: ModelNowcast }) {
  if (inputs.length === 0) return null
  return (
    <section>
      <h3>
        Inputs of the nowcast <span className="muted">age then → here</span>
      </h3>
      <div className="input-list" data-testid="nowcast-inputs" data-model={model} data-count={inputs.length}>
        {inputs.map((input, i) => (
          // A model of somebody else's may list the same twice.
          <Input key={`${i}/${input.name}/${input.eventId}`} input={input} />
        ))}
      </div>
    </section>
  )
}

function Input({ input }: { readonly input: NowcastInput }) {
  const { actions } = useStudio()
  const target = input.recvRelNs
  return (
    <button
      type="button"
      className="input-row"
      data-testid="nowcast-input"
      data-name={input.name}
      data-rel={target}
      aria-disabled={target === undefined}
      title={target === undefined ? 'When it came is not known' : `Go to the moment at which it came\n${input.ch} ${input.eventId}`}
      onClick={() => {
        if (target !== undefined) void actions.seekTo(target)
      }}
    >
      <span>{inputText(input.name)}</span>
      <span className="muted">{input.stalenessS === undefined ? '–' : ageText(input.stalenessS)}</span>
      <span>{input.atPlayheadS === undefined ? '–' : ageText(input.atPlayheadS)}</span>
    </button>
  )
}
