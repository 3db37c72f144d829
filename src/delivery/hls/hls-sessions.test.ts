import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ms, systemClock } from '../../base/index.ts'
import { type EndReason, type Stream, type Viewing, VirtualConnection } from '../../live/index.ts'
import type { HlsOutput } from './hls-output.ts'
import { HlsSessions, MAX_HLS_SESSIONS, MAX_HLS_SESSIONS_PER_ADDRESS } from './hls-sessions.ts'

const VIEWER_TIMEOUT_MS = 24_000

/** The one trusted address. */
const PROXY = '192.0.2.100'

// Sessions only tell outputs and streams apart.
const output = { viewerTimeoutMs: VIEWER_TIMEOUT_MS } as unknown as HlsOutput
const stream = {} as unknown as Stream

describe('HLS sessions', () => {
  let emptied: HlsOutput[]
  const gone: string[] = []
  let sessions: HlsSessions
  const ends: EndReason[] = []
  const viewing: Viewing = {
    stream,
    holdsFor: () => true,
    report: () => {},
    end: (reason) => ends.push(reason),
  }

  /** Adds a viewer from that address, for whom there must be a place. */
  function add(id: string, address: string): VirtualConnection {
    const place = sessions.takePlace(address)
    if (typeof place === 'string') {
      throw new Error(place)
    }
    const connection = new VirtualConnection()
    connection.onClose(() => gone.push(id))
    sessions.add({ id, viewing, output, place, connection })
    return connection
  }

  beforeEach(() => {
    // The clock, too.
    vi.useFakeTimers()
    emptied = []
    ends.length = 0
    gone.length = 0
    sessions = new HlsSessions(
      systemClock,
      (each) => emptied.push(each),
      (address) => address === PROXY,
    )
  })
  afterEach(() => {
    sessions.close({ code: 'closed', message: 'the test is over' })
    vi.useRealTimers()
  })

  it('are MAX_HLS_SESSIONS at most; when one ends, there is room again', () => {
    for (let i = 0; i < MAX_HLS_SESSIONS; i++) {
      add(`viewer-${i}`, PROXY)
    }
    const reason = 'there are 10000 HLS viewers already (MAX_HLS_SESSIONS)'
    expect(sessions.takePlace('192.0.2.1')).toBe(reason)
    expect(sessions.takePlace(PROXY)).toBe(reason)
    sessions.close({ code: 'closed', message: 'over' })
    expect(ends).toHaveLength(MAX_HLS_SESSIONS)
    add('another', '192.0.2.1')
  })

  it('are MAX_HLS_SESSIONS_PER_ADDRESS of one address at most, and others have room; one that is replaced is not counted', () => {
    for (let i = 0; i < MAX_HLS_SESSIONS_PER_ADDRESS - 1; i++) {
      add(`viewer-${i}`, '192.0.2.1')
    }
    add('viewer-0', '192.0.2.1')
    add('last', '192.0.2.1')
    expect(sessions.takePlace('192.0.2.1')).toBe(
      '5000 HLS viewers are from 192.0.2.1 already (MAX_HLS_SESSIONS_PER_ADDRESS)',
    )
    add('other', '192.0.2.2')
    vi.advanceTimersByTime(VIEWER_TIMEOUT_MS + 2_000)
    add('again', '192.0.2.1')
  })

  it('stay when the server itself was held up: what was asked meanwhile is read first', () => {
    let heldUpMs = 0
    const clock = { ...systemClock, now: () => ms(systemClock.now() + heldUpMs) }
    sessions = new HlsSessions(
      clock,
      (each) => emptied.push(each),
      () => false,
    )
    add('asks', '192.0.2.1')
    add('left', '192.0.2.1')
    vi.advanceTimersByTime(5_000)
    // No timer has come in this time, and no socket was read.
    heldUpMs = 10 * VIEWER_TIMEOUT_MS
    vi.advanceTimersByTime(1_000)
    expect(ends).toEqual([])
    expect(sessions.find('asks')?.id).toBe('asks')
    vi.advanceTimersByTime(1_000)
    expect(sessions.find('asks')?.id).toBe('asks')
    expect(sessions.find('left')).toBeUndefined()
  })

  it('end when nothing was asked for as long as the output says, and the last one ends its output', () => {
    add('left', '192.0.2.1')
    add('stays', '192.0.2.1')
    vi.advanceTimersByTime(VIEWER_TIMEOUT_MS - 1_000)
    expect(sessions.find('stays')?.id).toBe('stays')
    vi.advanceTimersByTime(2_000)
    expect(ends).toEqual([{ code: 'disconnected', message: 'the viewer asked for nothing for 24000 ms' }])
    expect(sessions.find('left')).toBeUndefined()
    expect(emptied).toEqual([])
    vi.advanceTimersByTime(VIEWER_TIMEOUT_MS + 1_000)
    expect(sessions.size).toBe(0)
    expect(emptied).toEqual([output])
    expect(vi.getTimerCount()).toBe(0)
  })
  it('are clients until they end', () => {
    add('a', '192.0.2.1')
    add('b', '192.0.2.1')
    vi.advanceTimersByTime(VIEWER_TIMEOUT_MS + 2_000)
    expect(gone).toEqual(['a', 'b'])
  })

  it('stay while a request of theirs is being answered, however long that takes', async () => {
    add('waits', '192.0.2.1')
    const session = sessions.find('waits')
    if (session === undefined) {
      throw new Error('it is not there')
    }
    const { promise, resolve } = Promise.withResolvers<string>()
    const answered = sessions.whileWaiting(session, () => promise)
    vi.advanceTimersByTime(2 * VIEWER_TIMEOUT_MS)
    expect(gone).toEqual([])
    resolve('the playlist')
    expect(await answered).toBe('the playlist')
    vi.advanceTimersByTime(VIEWER_TIMEOUT_MS + 2_000)
    expect(gone).toEqual(['waits'])
  })

  it('that are disconnected are remembered as long as they ask, and hold nothing but their place', () => {
    const connection = add('kicked', '192.0.2.1')
    connection.disconnect('kicked by the operator')
    connection.disconnect('again')
    expect(ends).toEqual([{ code: 'closed', message: 'kicked by the operator' }])
    expect(gone).toEqual(['kicked'])
    expect(emptied).toEqual([output])
    vi.advanceTimersByTime(VIEWER_TIMEOUT_MS - 1_000)
    expect(sessions.find('kicked')?.kicked).toBe(true)
    vi.advanceTimersByTime(VIEWER_TIMEOUT_MS - 1_000)
    expect(sessions.find('kicked')?.kicked).toBe(true)
    vi.advanceTimersByTime(VIEWER_TIMEOUT_MS + 2_000)
    expect(sessions.find('kicked')).toBeUndefined()
    expect(ends).toHaveLength(1)
    expect(emptied).toHaveLength(1)
  })
})
