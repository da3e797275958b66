/** Run bundles from data that did not come over a socket just now. */
export { importBinance, importPolymarket, importRecording, type ImportOptions, type ImportResult } from './importRecording.ts'
export { makeDemo, type DemoSettings } from './makeDemo.ts'
export { RunWriter, type RunWriterOptions } from './runWriter.ts'
export { sealRun } from './sealRun.ts'
