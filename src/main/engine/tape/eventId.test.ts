import { expect, test } from 'vitest'
import { eventIdsOf, uuidV5 } from './eventId.ts'

test.each([
  // RFC 9562 appendix A.4, and the usual vectors of the other namespaces.
  ['6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com', '2ed6657d-e927-568b-95e1-2665a8aea6a2'],
  ['6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'python.org', '886313e1-3b8a-5372-9b90-0c9aee199e5d'],
  ['6ba7b811-9dad-11d1-80b4-00c04fd430c8', 'http://python.org/', '4c565f0d-3f5a-5890-b41b-20cf47701c5e'],
  ['6ba7b812-9dad-11d1-80b4-00c04fd430c8', '1.3.6.1', '1447fa61-5277-5fef-a9b3-fbc6e44f4af3']
])('in namespace %s the name %s is %s', (namespace, name, uuid) => expect(uuidV5(namespace, name)).toBe(uuid))

test('ids follow from run, shard, frame and position alone, and never change', () => {
  const id = eventIdsOf('20261120T070000Z-0123abcd')
  expect(id(0, 0, 0)).toBe(eventIdsOf('20261120T070000Z-0123abcd')(0, 0, 0))
  // Golden: ids that were handed out must be found again by every later version.
  expect([id(0, 0, 0), id(3, 17, 2), id(3, 17)]).toMatchInlineSnapshot(`
    [
      "81ebbe32-f6b4-55bf-9c48-c18d8cd1c8bb",
      "67264e08-f36d-53ad-b1eb-20f0c29bfdef",
      "8e6f9b9e-a716-5428-985b-4a59ae6b7447",
    ]
  `)
})

test('no two events of a run share an id, and none has the id of a frame', () => {
  const id = eventIdsOf('run')
  const ids = new Set<string>()
  for (let shard = 0; shard < 12; shard++) {
    for (let frame = 0; frame < 12; frame++) {
      ids.add(id(shard, frame))
      for (let pos = 0; pos < 12; pos++) ids.add(id(shard, frame, pos))
    }
  }
  expect(ids.size).toBe(12 * 12 * 13)
  for (const uuid of ids) expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('another run has other ids', () => {
  expect(eventIdsOf('a')(0, 0, 0)).not.toBe(eventIdsOf('b')(0, 0, 0))
})
