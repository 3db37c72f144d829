import { expect, it } from 'vitest'
import { EventHistory, MAX_KEPT_EVENTS } from './event-history.ts'

const all = (): boolean => true

function idOf(event: Uint8Array): string {
  return /^id: (.*)$/m.exec(String(event))?.[1] ?? ''
}

it('events that came meanwhile are given to who says the last one it got, as far as it wants them', () => {
  const history = new EventHistory()
  const first = idOf(history.add('client', { n: 1 }))
  history.add('refusal', { n: 2 })
  history.add('client', { n: 3 })
  expect(history.since(first, all).map(String)).toEqual([
    expect.stringContaining('{"n":2}'),
    expect.stringContaining('{"n":3}'),
  ])
  expect(history.since(first, (name) => name === 'refusal')).toHaveLength(1)
})

it.each([undefined, '', 'another-1', '1', '-', ['a', 'b']])(
  'for the id %j, which is not ours, there is nothing',
  (id) => {
    const history = new EventHistory()
    history.add('client', {})
    expect(history.since(id, all)).toEqual([])
  },
)

it('no more than MAX_KEPT_EVENTS are kept', () => {
  const history = new EventHistory()
  const first = idOf(history.add('client', {}))
  for (let i = 0; i < MAX_KEPT_EVENTS + 10; i++) {
    history.add('client', {})
  }
  expect(history.since(first, all)).toHaveLength(MAX_KEPT_EVENTS)
})
