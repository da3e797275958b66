/** What beginning the hash of a full book needs of the tape and nothing else, so that a thread that only reads starts at once. */
export { replaceBook } from '../bookState.ts'
export { BookText, type BegunText } from '../bookText.ts'
export { BLOCK_BYTES } from '../sha1Kernel.ts'
