import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../base/index.ts'
import type { EndReason, Stream, Viewing } from '../../live/index.ts'
import type { HlsOutput } from './hls-output.ts'
import { HLS_SESSION_TIMEOUT_MS, HlsSessions, MAX_HLS_SESSIONS } from './hls-sessions.ts'

// Sessions only tell outputs and streams apart.
const output = {} as unknown as HlsOutput
const stream = {} as unknown as Stream

describe('HLS sessions', () => {
  let emptied: HlsOutput[]
  let sessions: HlsSessions
  const ends: EndReason[] = []
  const viewing: Viewing = { stream, holdsFor: () => true, end: (reason) => ends.push(reason) }

  beforeEach(() => {
    // The clock, too.
    vi.useFakeTimers()
    emptied = []
    ends.length = 0
    sessions = new HlsSessions(systemClock, (each) => emptied.push(each))
  })
  afterEach(() => {
    sessions.close({ code: 'closed', message: 'the test is over' })
    vi.useRealTimers()
  })

  it('are MAX_HLS_SESSIONS at most; when one ends, there is room again', () => {
    for (let i = 0; i < MAX_HLS_SESSIONS; i++) {
      expect(sessions.full).toBeNull()
      sessions.add(`viewer-${i}`, viewing, output)
    }
    expect(sessions.full).toBe('there are 10000 HLS viewers already (MAX_HLS_SESSIONS)')
    sessions.close({ code: 'closed', message: 'over' })
    expect(ends).toHaveLength(MAX_HLS_SESSIONS)
    expect(sessions.full).toBeNull()
  })

  it('end when nothing was asked for HLS_SESSION_TIMEOUT_MS, and the last one ends its output', () => {
    sessions.add('left', viewing, output)
    sessions.add('stays', viewing, output)
    vi.advanceTimersByTime(HLS_SESSION_TIMEOUT_MS - 1_000)
    expect(sessions.find('stays')?.id).toBe('stays')
    vi.advanceTimersByTime(2_000)
    expect(ends).toEqual([{ code: 'disconnected', message: 'the viewer asked for nothing for 30000 ms' }])
    expect(sessions.find('left')).toBeUndefined()
    expect(emptied).toEqual([])
    vi.advanceTimersByTime(HLS_SESSION_TIMEOUT_MS + 1_000)
    expect(sessions.size).toBe(0)
    expect(emptied).toEqual([output])
    expect(vi.getTimerCount()).toBe(0)
  })
})
