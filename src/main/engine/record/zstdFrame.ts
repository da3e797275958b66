import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const MAGIC = 0xfd2fb528
const DICTIONARY_BYTES = [0, 1, 2, 4] as const
const SIZE_BYTES = [0, 2, 4, 8] as const
const RLE = 1

/**
 * Whether a file is one whole zstd frame and nothing else, by its block headers alone (RFC 8878): a file that was cut between two blocks decodes
 * without a fault, and only its missing end tells.
 * @throws the operating system's error
 */
export function isWholeFrame(path: string): boolean {
  const fd = openSync(path, 'r')
  try {
    return frameEnd(fd) === fstatSync(fd).size
  } finally {
    closeSync(fd)
  }
}

function frameEnd(fd: number): number | undefined {
  const head = bytesAt(fd, 0, 5)
  if (head === undefined || head.readUInt32LE(0) !== MAGIC) return undefined
  const flags = head[4]!
  const isSingle = (flags & 0x20) !== 0
  const sizeFlag = flags >> 6
  const sizeBytes = sizeFlag === 0 && isSingle ? 1 : SIZE_BYTES[sizeFlag as 0 | 1 | 2 | 3]
  let at = 5 + (isSingle ? 0 : 1) + DICTIONARY_BYTES[(flags & 3) as 0 | 1 | 2 | 3] + sizeBytes
  for (;;) {
    const block = bytesAt(fd, at, 3)
    if (block === undefined) return undefined
    const header = block.readUIntLE(0, 3)
    at += 3 + (((header >> 1) & 3) === RLE ? 1 : header >> 3)
    if ((header & 1) === 1) return at + ((flags & 4) === 0 ? 0 : 4)
  }
}

function bytesAt(fd: number, at: number, length: number): Buffer | undefined {
  const bytes = Buffer.alloc(length)
  return readSync(fd, bytes, 0, length, at) === length ? bytes : undefined
}
