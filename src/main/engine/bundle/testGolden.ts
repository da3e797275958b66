import { FLAG_BINARY, FLAG_NOTE, FLAG_REST, FLAG_TEXT } from './frameLayout.ts'
import type { FixtureRecord } from './testBundle.ts'

const TEXT = (text: string, monoRelNs: number, flags = FLAG_TEXT): FixtureRecord => ({
  payload: Buffer.from(text, 'utf8'),
  monoRelNs,
  flags
})
const BOOK =
  '{"market":"0x01","asset_id":"101","timestamp":"1700000000123","hash":"","bids":[{"price":"0.48","size":"30"}],"asks":[{"price":"0.52","size":"25"}],"event_type":"book"}'

/** For tests: the records of `e2e/samples/golden-v2`, by shard. Every flag, text outside ASCII, an empty payload, a time beyond 32 bits. */
export const GOLDEN_SHARDS: readonly (readonly FixtureRecord[])[] = [
  [
    TEXT(
      '{"note":"rest","venue":"polymarket","kind":"markets","key":"","url":"http://127.0.0.1/markets","status":200,"body":true}',
      1_000,
      FLAG_TEXT | FLAG_NOTE
    ),
    TEXT('[{"id":"1","question":"Será así? ✓"}]', 1_001, FLAG_TEXT | FLAG_REST),
    TEXT('{"note":"conn_open","venue":"polymarket","url":"ws://127.0.0.1/ws/market","tokens":["101"]}', 2_000, FLAG_TEXT | FLAG_NOTE),
    TEXT(`[${BOOK}]\n`, 3_000_000),
    TEXT('PONG', 4_294_967_296),
    TEXT('', 4_294_967_297),
    TEXT(
      '{"note":"conn_closed","venue":"polymarket","trigger":"stop","code":1000,"reason":"the capture was stopped"}',
      9_000_000_000_000,
      FLAG_TEXT | FLAG_NOTE
    )
  ],
  [{ payload: Uint8Array.from({ length: 256 }, (_, i) => i), monoRelNs: 3_500_000, flags: FLAG_BINARY }, TEXT('{"broken', 3_500_001)]
]
