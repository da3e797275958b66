import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const inRepo = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Keeps the entries whose source file exists, so that the build runs on a tree that is still growing. */
function entries(byName: Record<string, string>): Record<string, string> {
  const found = Object.entries(byName).filter(([, path]) => existsSync(inRepo(path)))
  return Object.fromEntries(found.map(([name, path]) => [name, inRepo(path)]))
}

const main = entries({
  index: 'src/main/index.ts',
  cli: 'src/main/cli.ts',
  // Thread entries are built beside index.js and cli.js; workerEntry.ts finds them there.
  'ahead.worker': 'src/main/engine/threads/ahead.worker.ts',
  'capture.worker': 'src/main/engine/threads/capture.worker.ts',
  'tape.worker': 'src/main/engine/threads/tape.worker.ts',
  'replay.worker': 'src/main/engine/threads/replay.worker.ts',
  'practice.worker': 'src/main/engine/threads/practice.worker.ts',
  'record.worker': 'src/main/engine/threads/record.worker.ts',
  'job.worker': 'src/main/engine/threads/job.worker.ts',
  'strategy.worker': 'src/main/engine/threads/strategy.worker.ts',
  'universe.worker': 'src/main/engine/threads/universe.worker.ts'
})
const preload = entries({ index: 'src/preload/index.ts' })
const renderer = entries({ index: 'src/renderer/index.html' })
const some = (input: Record<string, string>): boolean => Object.keys(input).length > 0

// Cross-origin isolation, in development as in the built app, where the protocol handler sends these.
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin'
}

export default defineConfig({
  ...(some(main) && {
    main: {
      build: {
        externalizeDeps: true,
        sourcemap: false,
        rolldownOptions: {
          input: main,
          output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' }
        }
      }
    }
  }),
  ...(some(preload) && {
    preload: {
      build: {
        // A sandboxed preload script can load neither packages nor ES modules.
        externalizeDeps: false,
        sourcemap: false,
        rolldownOptions: { input: preload, output: { format: 'cjs', entryFileNames: '[name].cjs' } }
      }
    }
  }),
  ...(some(renderer) && {
    renderer: {
      root: inRepo('src/renderer'),
      plugins: [react()],
      server: { host: '127.0.0.1', headers: isolation },
      worker: { format: 'es' },
      build: {
        minify: true,
        sourcemap: false,
        // The content security policy refuses data: addresses for everything but images.
        assetsInlineLimit: 0,
        rolldownOptions: { input: renderer }
      }
    }
  })
})
