import { type LiveForm, setLiveForm } from '../../stores/liveFormStore.ts'

type TextKey = 'markets' | 'messagesPerSecond' | 'seed' | 'url' | 'symbols' | 'maxMarkets'

/** The fields of the chosen source. */
export function LiveFields({ form }: { readonly form: LiveForm }) {
  switch (form.kind) {
    case 'practice':
      return (
        <>
          <VenueField form={form} />
          <TextField form={form} name="markets" label="Markets" testId="live-markets" />
          <TextField form={form} name="messagesPerSecond" label="Messages/s" testId="live-rate" />
          <TextField form={form} name="seed" label="Seed" testId="live-seed" />
        </>
      )
    case 'practice_at':
      return (
        <>
          <VenueField form={form} />
          <TextField form={form} name="url" label="Address" testId="live-url" wide />
          {form.practiceVenue === 'binance' ? (
            <TextField form={form} name="symbols" label="Symbols" testId="live-symbols" />
          ) : (
            <TextField form={form} name="maxMarkets" label="Markets at most" testId="live-max-markets" />
          )}
        </>
      )
    case 'binance':
      return <TextField form={form} name="symbols" label="Symbols" testId="live-symbols" wide />
    case 'polymarket':
      return <TextField form={form} name="maxMarkets" label="Markets at most" testId="live-max-markets" />
  }
}

function VenueField({ form }: { readonly form: LiveForm }) {
  return (
    <label className="field">
      <span>Speaks like</span>
      <select
        data-testid="live-practice-venue"
        value={form.practiceVenue}
        onChange={(event) => setLiveForm({ practiceVenue: event.target.value as LiveForm['practiceVenue'] })}
      >
        <option value="polymarket">Polymarket</option>
        <option value="binance">Binance</option>
      </select>
    </label>
  )
}

interface TextFieldProps {
  readonly form: LiveForm
  readonly name: TextKey
  readonly label: string
  readonly testId: string
  readonly wide?: boolean
}

function TextField({ form, name, label, testId, wide = false }: TextFieldProps) {
  return (
    <label className={wide ? 'field wide' : 'field'}>
      <span>{label}</span>
      <input
        type="text"
        spellCheck={false}
        data-testid={testId}
        value={form[name]}
        onChange={(event) => setLiveForm({ [name]: event.target.value })}
      />
    </label>
  )
}
