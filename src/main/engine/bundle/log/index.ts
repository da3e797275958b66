/** What reading frame logs needs of the bundle and nothing else, so that a thread that only reads starts at once. */
export * from '../frameLayout.ts'
export { FrameReader, type FrameReaderOptions } from '../frameReader.ts'
export { IdxView, openIdx, type IdxOrigins } from '../idxView.ts'
