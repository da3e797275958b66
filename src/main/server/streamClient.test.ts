import { expect, test } from 'vitest'
import { StreamClient } from './streamClient.ts'
import { TestSource } from './testStream.ts'

test('a client that takes nothing any more is told at the end what it does not get', async () => {
  const source = Object.assign(new TestSource(), { facts: { ...new TestSource().facts, mode: 'live' as const } })
  const sent: { text: string; kind: string }[] = []
  const pipe = { bufferedBytes: 0, send: (text: string, kind: string) => void sent.push({ text, kind }) }
  const client = new StreamClient({ pipe, source })
  source.tell({ text: '{"n":1}' })
  pipe.bufferedBytes = 2 ** 24
  for (let n = 2; n <= 6; n++) source.tell({ text: `{"n":${n}}` })
  await client.finish(40)
  expect(sent.filter(({ kind }) => kind === 'data').map(({ text }) => text)).toEqual(['{"n":1}'])
  expect(JSON.parse(sent.at(-1)!.text)).toEqual({ type: 'lagging', conflated: {}, dropped: { tape_trades: 5 }, waiting: 0 })
  expect(source.sinks.size).toBe(0)
  client.close()
})
