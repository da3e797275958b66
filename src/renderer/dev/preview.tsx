import { createRoot } from 'react-dom/client'
import { App } from '../App.tsx'
import '../ui/styles.ts'
import { type FakeScene, fakeTransport } from './fakeTransport.ts'

/** The whole screen on generated data, to look at it without an engine: `dev/preview.html?scene=live`. Not part of the product. */
const scene = (new URLSearchParams(location.search).get('scene') ?? 'replay') as FakeScene
const root = document.getElementById('root')
if (root !== null) createRoot(root).render(<App open={() => fakeTransport(scene)} />)
