import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StreamFeed } from './stream-feed.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('a feed of streams whose API wants a password', () => {
  it('says so, asks seldom, learns the ports all the same, and goes on when it is let in', async () => {
    let status = 401
    const asked: string[] = []
    vi.stubGlobal('fetch', async (url: URL) => {
      const path = url.pathname.replace('/api/v1/', '')
      asked.push(path)
      if (path === 'ports') {
        return Response.json({ code: 0, data: { rtmp_port: 1935, rtmps_port: null, media_port: 8080 } })
      }
      return status === 200
        ? new Response('event: streams\ndata: []\n\n')
        : new Response('Unauthorized', { status })
    })
    const told: unknown[] = []
    const feed = new StreamFeed('http://host:1985/', () => null, {
      onStreams: (streams) => told.push(streams),
      onPorts: (ports) => told.push(ports),
      onRefused: (why) => told.push(why),
      onUnreachable: () => told.push('unreachable'),
    })
    const stop = feed.start()
    await vi.advanceTimersByTimeAsync(13_000)
    expect(told).toEqual(['unauthorised', { rtmp: 1935, rtmps: null, media: 8080 }])
    expect(asked).toEqual(['events', 'ports'])
    await vi.advanceTimersByTimeAsync(60_000)
    // The server takes a wrong password once in 5 s.
    expect(asked.filter((path) => path !== 'ports').length).toBeLessThanOrEqual(73 / 5)
    status = 200
    await vi.advanceTimersByTimeAsync(16_000)
    expect(told.at(-1)).not.toBe('unauthorised')
    expect(told).toContainEqual([])
    stop()
  })
})
