import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ClientList } from './client-list.ts'
import type { Client } from './server-client.ts'

it('a list of thousands is in order and whole, wherever some are added and taken away, and so is each part of it', () => {
  const step = fc.record({
    adds: fc.boolean(),
    from: fc.nat(4_000),
    count: fc.nat(1_500),
    by: fc.constantFrom(1, 3),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.nat(3_000), fc.nat(3_000), (steps, start, count) => {
      const list = new ClientList()
      const there = new Map<number, Client>()
      for (const { adds, from, count: some, by } of steps) {
        for (let ordinal = from; ordinal < from + some * by; ordinal += by) {
          const client = there.get(ordinal)
          if (adds && client === undefined) {
            const added = { ordinal } as Client
            there.set(ordinal, added)
            list.add(added)
          } else if (!adds && client !== undefined) {
            there.delete(ordinal)
            list.remove(client)
          }
        }
      }
      const naive = [...there.keys()].sort((a, b) => a - b)
      const ordinals = (from: number, to: number): number[] =>
        list.slice(from, to).map(({ ordinal }) => ordinal)
      expect(list.length).toBe(naive.length)
      expect(list.first?.ordinal).toBe(naive[0])
      expect(ordinals(0, list.length)).toEqual(naive)
      expect(ordinals(start, start + count)).toEqual(naive.slice(start, start + count))
    }),
    { numRuns: 40 },
  )
})
