/** The import table of ARCHITECTURE.md. This file is the one place that says who may import what. */

/** What the files of one part of the tree may import. Paths are folders (ending in `/`) or files, from the repository root. */
export interface Zone {
  /** the longest matching entry over all zones decides which zone a file is in */
  readonly files: readonly string[]
  /** parts of the tree that may be imported; a folder means anything in it, `<folder>/index.ts` its door only */
  readonly paths: readonly string[]
  readonly packages: readonly string[]
  readonly node: boolean
  /** said when an import is refused */
  readonly why: string
}

export const zones: readonly Zone[] = [
  {
    files: ['src/shared/'],
    paths: ['src/shared/'],
    packages: [],
    node: false,
    why: 'src/shared is pure: it imports only itself'
  },
  {
    files: ['src/main/engine/'],
    paths: ['src/shared/', 'src/main/engine/'],
    packages: ['@duckdb/node-api', 'better-sqlite3', 'metar-taf-parser', 'tar-stream', 'ws', 'yauzl', 'zod'],
    node: true,
    why: 'the engine knows shared, node and its own libraries, and neither Electron, HTTP faces, the command line nor React'
  },
  {
    files: ['src/main/server/'],
    paths: ['src/shared/', 'src/main/server/', 'src/main/engine/index.ts'],
    packages: ['ws', 'zod'],
    node: true,
    why: 'the server knows shared and the door of the engine'
  },
  {
    files: ['src/main/desktop/'],
    paths: [
      'src/shared/',
      'src/main/desktop/',
      'src/main/engine/index.ts',
      'src/main/engine/practice/index.ts',
      'src/main/server/index.ts'
    ],
    packages: ['electron', 'zod'],
    node: true,
    why: 'the desktop knows shared, Electron, and the doors of engine, practice venue and server'
  },
  {
    files: ['src/main/cli.ts', 'src/main/cli/'],
    paths: ['src/shared/', 'src/main/cli.ts', 'src/main/cli/', 'src/main/engine/', 'src/main/server/'],
    packages: ['commander', 'zod'],
    node: true,
    why: 'the command line knows all of main but the desktop, and never Electron'
  },
  {
    files: ['src/main/index.ts'],
    paths: ['src/shared/', 'src/main/'],
    packages: ['electron'],
    node: true,
    why: 'the desktop entry knows all of main'
  },
  {
    files: ['src/preload/'],
    paths: ['src/shared/', 'src/preload/'],
    packages: ['electron'],
    node: false,
    why: 'the preload script knows shared and Electron'
  },
  {
    files: ['src/renderer/stage/', 'src/renderer/layers/'],
    paths: ['src/shared/', 'src/renderer/stage/', 'src/renderer/layers/'],
    packages: ['three'],
    node: false,
    why: 'stage and layers are plain TypeScript over Three: no React, no stores, no panels'
  },
  {
    files: ['src/renderer/'],
    paths: [
      'src/shared/',
      ...['client', 'stores', 'panels', 'workbench', 'ui'].map((name) => `src/renderer/${name}/`),
      'src/renderer/stage/index.ts',
      'src/renderer/stage/benchHeatmap.ts',
      'src/renderer/layers/index.ts',
      'src/renderer/'
    ],
    packages: ['react', 'react-dom', 'zustand'],
    node: false,
    why: 'panels and stores know shared, React, zustand, and stage and layers by their index.ts'
  }
]

/**
 * The engine's folders, upstream first: a folder may import those before it, through their index.ts.
 * The files beside index.ts, such as clock.ts, are free.
 */
export const engineFlow: readonly string[] = [
  'bundle',
  'feeds',
  'capture',
  'nowcast',
  'tape',
  'record',
  'lake',
  'replay',
  'live',
  'stream',
  'runtime',
  'camera',
  'radar',
  'bars'
]

/**
 * Doors inside a folder, for threads that must start at once and load nothing else. A strategy's thread is ended at any moment besides: native code
 * takes the process with it when its thread ends while it starts.
 */
export const engineInnerDoors: ReadonlySet<string> = new Set([
  'runtime/host/index.ts',
  'bundle/log/index.ts',
  'replay/ahead/index.ts',
  'tape/text/index.ts'
])

/** Off the flow: each may import only what is listed. */
export const engineAside: Readonly<Record<string, readonly string[]>> = {
  archive: [],
  catalog: ['bundle'],
  // Makes bundles without a live feed: from recordings, and the demo from the practice venue's generator.
  importer: [...engineFlow, 'practice'],
  practice: ['bundle'],
  // Judges and cuts finished runs.
  inspect: ['bundle'],
  // The top of the engine: commands of the studio become threads that run.
  session: [...engineFlow, 'archive', 'catalog', 'importer', 'inspect', 'practice'],
  testing: engineFlow
}

/** Spawns and links all others. What they say to each other through it is open to all: messages, and where an entry file lies. */
export const engineThreads = { folder: 'threads', doors: /^(index|workerEntry|messages|\w+Messages)\.ts$/ } as const

/** The practice venue stands for the outside world: only these may start it, and nothing on the way of the data. */
export const practiceStarters: readonly string[] = [
  'src/main/index.ts',
  'src/main/cli.ts',
  'src/main/cli/',
  'src/main/desktop/',
  'src/main/engine/index.ts',
  'src/main/engine/practice/',
  'src/main/engine/session/',
  'src/main/engine/importer/',
  'src/main/engine/threads/practice.worker.ts'
]

/** Reading time or chance here would make a replay differ from the live run. */
export const clockFile = 'src/main/engine/clock.ts'
export const clockAndChance = [
  'Date.now',
  'Date()',
  'new Date',
  'Math.random',
  'performance.now',
  'performance.timeOrigin',
  'process.hrtime',
  'hrtime.bigint',
  'hrtime()'
] as const

export const codeFromText = ['eval()', 'new Function', 'Function()'] as const

/** An exception with an end: the finding is let pass until the day, and reported again from then on. */
export interface Debt {
  readonly file: string
  readonly rule: string
  /** last day it is let pass, as YYYY-MM-DD */
  readonly until: string
  readonly why: string
}

// Debt, as of 2026-11-20: none.
export const debt: readonly Debt[] = []
