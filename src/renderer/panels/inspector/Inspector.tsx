import { type InspectorTab, setScreen, useScreen } from '../../stores/screenStore.ts'
import { BookTab } from './BookTab.tsx'
import { IntegrityTab } from './IntegrityTab.tsx'
import { StrategyTab } from '../strategy/StrategyTab.tsx'
import { WorldTab } from '../world/WorldTab.tsx'
import { RunTab } from './RunTab.tsx'

const TABS: readonly (readonly [InspectorTab, string])[] = [
  ['book', 'Book'],
  ['world', 'World'],
  ['integrity', 'Integrity'],
  ['run', 'Run'],
  ['strategy', 'Strategy']
]

/** Details at the playhead: the book and its trades, the weather and the model, what was not certain, the run itself, and strategies. */
export function Inspector() {
  const tab = useScreen((s) => s.inspectorTab)
  return (
    <aside className="inspector" aria-label="Inspector">
      <div className="tabs" role="tablist" aria-label="Inspector">
        {TABS.map(([name, label]) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={tab === name}
            aria-controls={`panel-${name}`}
            data-testid={`tab-${name}`}
            onClick={() => setScreen({ inspectorTab: name })}
          >
            {label}
          </button>
        ))}
      </div>
      <div className="tab-panel" role="tabpanel" id="panel-book" aria-labelledby="tab-book" hidden={tab !== 'book'}>
        <BookTab />
      </div>
      <div className="tab-panel" role="tabpanel" id="panel-world" aria-labelledby="tab-world" hidden={tab !== 'world'}>
        {tab === 'world' && <WorldTab />}
      </div>
      <div className="tab-panel" role="tabpanel" id="panel-integrity" aria-labelledby="tab-integrity" hidden={tab !== 'integrity'}>
        <IntegrityTab />
      </div>
      <div className="tab-panel" role="tabpanel" id="panel-run" aria-labelledby="tab-run" hidden={tab !== 'run'}>
        <RunTab />
      </div>
      <div className="tab-panel" role="tabpanel" id="panel-strategy" aria-labelledby="tab-strategy" hidden={tab !== 'strategy'}>
        <StrategyTab />
      </div>
    </aside>
  )
}
