import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import { createTransport } from './client/createTransport.ts'
import './ui/styles.ts'

const root = document.getElementById('root')
const bench = new URLSearchParams(location.search).get('bench')

if (bench === 'heatmap') void import('./stage/benchHeatmap.ts').then(({ offerHeatmapBench }) => offerHeatmapBench(document.body))
else if (root !== null) createRoot(root).render(<App open={createTransport} />)
