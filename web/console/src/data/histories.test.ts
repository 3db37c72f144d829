import { describe, expect, it } from 'vitest'
import { FakeApi } from '../../testing/fake-api.ts'
import type { ConsoleStream } from '../api/answers.ts'
import { countHead, playersOf, STREAM_COLUMNS, StreamHistories } from './histories.ts'

const [stream] = new FakeApi({ streams: 1 }).streams() as [ConsoleStream]
const at = (live_ms: number, more: Partial<ConsoleStream> = {}): ConsoleStream => ({
  ...stream,
  live_ms,
  ...more,
})

describe('histories of streams', () => {
  it('have rates by the counters and the clock of the server, once a second at most', () => {
    const histories = new StreamHistories()
    histories.add([at(1000, { recv_bytes: 0, send_bytes: 0 })])
    histories.add([at(1200, { recv_bytes: 999, send_bytes: 999 })])
    histories.add([at(3000, { recv_bytes: 250, send_bytes: 500 })])
    const series = histories.of(stream.id)?.series
    expect(series?.size).toBe(2)
    expect(series?.latest(STREAM_COLUMNS.received)).toBe(1000)
    expect(series?.latest(STREAM_COLUMNS.sent)).toBe(2000)
    expect(series?.latest(STREAM_COLUMNS.players)).toBe(playersOf(stream))
  })

  it('are forgotten with their stream', () => {
    const histories = new StreamHistories()
    histories.add([at(1000)])
    histories.add([])
    expect(histories.of(stream.id)).toBeUndefined()
  })
})

it('publishers and players are counted apart', () => {
  const live = at(0, { clients: 4, publish: { active: true, cid: 'c1' } })
  const idle = at(0, { clients: 2, publish: { active: false } })
  expect(countHead([live, idle])).toEqual({ publishers: 1, players: 5 })
})
