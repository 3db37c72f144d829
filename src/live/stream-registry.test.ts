import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RejectedError } from '../base/index.ts'
import type { Stream } from './stream.ts'
import { parseStreamName, streamKey } from './stream-name.ts'
import type { StreamOptions } from './stream-options.ts'
import { StreamRegistry } from './stream-registry.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { endReason, tagBody } from './testing/frames.ts'
import { RecordingSource, streamRequest } from './testing/requests.ts'
import { vhostWith } from './testing/vhosts.ts'
import { Vhosts } from './vhosts.ts'

const demo = parseStreamName('live/demo')
const { client } = streamRequest('v1')

/** A registry that writes down its events. */
function newRegistry({ maxStreams, ...streams }: Partial<StreamOptions> & { maxStreams?: number } = {}): {
  registry: StreamRegistry
  vhosts: Vhosts
  told: string[]
} {
  const vhosts = new Vhosts([vhostWith(streams)])
  const registry = new StreamRegistry({ vhosts, maxStreams, clock: new FakeClock() })
  const told: string[] = []
  registry.on('opened', (stream) => told.push(`opened ${stream.key}`))
  registry.on('ended', (stream, reason) => told.push(`ended ${stream.key}: ${reason.message}`))
  return { registry, vhosts, told }
}

function publish(stream: Stream, id: string = 'p1'): ReturnType<Stream['publish']> {
  return stream.publish(streamRequest(id, streamKey(stream.name)), new RecordingSource())
}

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('a stream registry', () => {
  it('makes a stream when it is first asked for, and finds it afterwards', () => {
    const { registry, told } = newRegistry()
    expect(registry.get(demo)).toBeUndefined()
    const stream = registry.open(demo)
    expect(registry.open(parseStreamName('/live//demo/'))).toBe(stream)
    expect(registry.get(demo)).toBe(stream)
    const other = registry.open(parseStreamName('live/other'))
    expect(registry.streams).toEqual([stream, other])
    expect(told).toEqual(['opened live/demo', 'opened live/other'])
  })

  it('adds up what all streams have counted, those included that are no more', () => {
    const { registry } = newRegistry({ lingerMs: 0 })
    const first = publish(registry.open(demo))
    first.write('video', 0, tagBody.keyframe(100))
    first.end(endReason())
    expect(registry.streams).toEqual([])
    publish(registry.open(parseStreamName('live/b'))).write('audio', 0, tagBody.aac(10))
    expect(registry.totals).toEqual({
      frames: 2,
      videoFrames: 1,
      bytesReceived: 110,
      framesDropped: 0,
      bytesSent: 0,
      publications: 2,
      skips: 0,
    })
  })

  it('has maxStreams streams at most', () => {
    const { registry, told } = newRegistry({ maxStreams: 2 })
    const first = registry.open(demo)
    registry.open(parseStreamName('live/b'))
    const third = parseStreamName('live/c')
    expect(() => registry.open(third)).toThrow(new RejectedError('there are 2 streams already (maxStreams)'))
    expect(registry.open(demo)).toBe(first)
    registry.release(first)
    expect(registry.open(third).key).toBe('live/c')
    expect(told.slice(2)).toEqual(['ended live/demo: nobody publishes or plays it', 'opened live/c'])
  })

  it('leaves half of its streams to publishers, however many players wait for what nobody publishes', () => {
    const { registry } = newRegistry({ maxStreams: 4 })
    const wait = (name: string): Stream => registry.open(parseStreamName(`live/${name}`), 'play')
    const first = wait('a')
    wait('b')
    const reason = 'players wait for 2 streams already that nobody publishes (half of maxStreams)'
    expect(() => wait('c')).toThrow(new RejectedError(reason))
    expect(wait('a')).toBe(first)
    publish(registry.open(parseStreamName('live/p')))
    // What is published waits no more, and what is freed neither.
    publish(first)
    const third = wait('c')
    registry.release(third)
    expect(wait('d').key).toBe('live/d')
    expect(registry.streams).toHaveLength(4)
  })

  it('keeps GOPs of gopCacheMaxFrames frames at most', () => {
    const { registry } = newRegistry({ gopCacheMaxFrames: 3 })
    const stream = registry.open(demo)
    const publication = publish(stream)
    publication.write('video', 0, tagBody.keyframe())
    publication.write('video', 40, tagBody.interFrame())
    publication.write('video', 80, tagBody.interFrame())
    expect(stream.gop).toHaveLength(3)
    publication.write('video', 120, tagBody.interFrame())
    expect(stream.gop).toEqual([])
  })

  it('frees a stream at once that was never published, when its last viewer leaves', () => {
    const { registry } = newRegistry()
    const stream = registry.open(demo)
    const leaves = [stream.addViewer(client), stream.addViewer(client)]
    leaves[0]?.()
    expect(registry.get(demo)).toBe(stream)
    leaves[1]?.()
    expect(registry.get(demo)).toBeUndefined()
    expect(stream.ended).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('keeps a stream for lingerMs that was published', () => {
    const { registry, told } = newRegistry({ lingerMs: 5000 })
    const stream = registry.open(demo)
    publish(stream).end(endReason())
    vi.advanceTimersByTime(4999)
    expect(registry.get(demo)).toBe(stream)
    vi.advanceTimersByTime(1)
    expect(registry.get(demo)).toBeUndefined()
    expect(told).toEqual(['opened live/demo', 'ended live/demo: nobody came back within 5000 ms'])
    expect(registry.open(demo)).not.toBe(stream)
  })

  it('frees it at once if lingerMs is 0', () => {
    const { registry } = newRegistry({ lingerMs: 0 })
    const stream = registry.open(demo)
    publish(stream).end(endReason())
    expect(stream.ended).toBe(true)
    expect(registry.streams).toEqual([])
  })

  it('keeps it for who comes back, and waits for lingerMs anew after that', () => {
    const { registry } = newRegistry({ lingerMs: 5000 })
    const stream = registry.open(demo)
    publish(stream).end(endReason())
    vi.advanceTimersByTime(4000)
    const again = publish(registry.open(demo))
    vi.advanceTimersByTime(60_000)
    again.end(endReason())
    vi.advanceTimersByTime(4999)
    expect(registry.get(demo)).toBe(stream)
    vi.advanceTimersByTime(1)
    expect(stream.ended).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('keeps it while somebody views it', () => {
    const { registry } = newRegistry({ lingerMs: 5000 })
    const stream = registry.open(demo)
    const leave = stream.addViewer(client)
    publish(stream).end(endReason())
    vi.advanceTimersByTime(60_000)
    expect(stream.ended).toBe(false)
    leave()
    vi.advanceTimersByTime(4999)
    expect(stream.ended).toBe(false)
    vi.advanceTimersByTime(1)
    expect(stream.ended).toBe(true)
  })

  it('keeps two timers a stream, for it and for viewers to come, however often it is released', () => {
    const { registry } = newRegistry()
    const stream = registry.open(demo)
    publish(stream).end(endReason())
    registry.release(stream)
    registry.release(stream)
    expect(vi.getTimerCount()).toBe(2)
  })

  it('does not free a stream that is held', () => {
    const { registry } = newRegistry({ lingerMs: 0 })
    const stream = registry.open(demo)
    publish(stream)
    registry.release(stream)
    expect(stream.ended).toBe(false)
  })

  it('forgets a stream that somebody else ended, and gives its name to a new one', () => {
    const { registry, told } = newRegistry({ maxStreams: 1 })
    const stream = registry.open(demo)
    publish(stream)
    stream.end(endReason('kicked', 'closed'))
    expect(registry.streams).toEqual([])
    expect(told).toEqual(['opened live/demo', 'ended live/demo: kicked'])
    const next = registry.open(demo)
    expect(next).not.toBe(stream)
    registry.release(stream)
    expect(registry.get(demo)).toBe(next)
  })

  it('gives the name to a new one even while the old one ends', () => {
    const { registry } = newRegistry()
    const stream = registry.open(demo)
    const opened: Stream[] = []
    stream.attach({ onFrame() {}, onPublishEnd() {}, onEnd: () => opened.push(registry.open(demo)) })
    stream.end(endReason('kicked', 'closed'))
    expect(opened[0]).not.toBe(stream)
    expect(registry.streams).toEqual(opened)
  })

  it('forgets the timer of a lingering stream that somebody else ended', () => {
    const { registry, told } = newRegistry()
    const stream = registry.open(demo)
    publish(stream).end(endReason())
    stream.end(endReason('kicked', 'closed'))
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(60_000)
    expect(told).toHaveLength(2)
  })

  it('ends all streams when it is closed, and makes none afterwards', () => {
    const { registry, told } = newRegistry()
    const source = new RecordingSource()
    const published = registry.open(demo)
    published.publish(streamRequest('p1'), source)
    const lingering = registry.open(parseStreamName('live/b'))
    publish(lingering).end(endReason())
    registry.open(parseStreamName('live/c')).addViewer(client)
    registry.close()
    registry.close()
    expect(source.revoked).toEqual([{ code: 'closed', message: 'the server is closing' }])
    expect(registry.streams).toEqual([])
    expect(told.slice(3)).toEqual(
      ['live/demo', 'live/b', 'live/c'].map((key) => `ended ${key}: the server is closing`),
    )
    expect(vi.getTimerCount()).toBe(0)
    expect(() => registry.open(demo)).toThrow(new RejectedError('the server is closing'))
  })
})

describe('viewers of a stream whose publisher is gone', () => {
  const GRACE_MS = 60_000

  function watched(options: Partial<StreamOptions> = {}) {
    const { registry, told } = newRegistry({ publisherGraceMs: GRACE_MS, lingerMs: 1000, ...options })
    const stream = registry.open(demo)
    const leave = stream.addViewer(client)
    return { registry, told, stream, leave }
  }

  it('wait for publisherGraceMs, then are told that it is over, and everything is freed', () => {
    const { registry, told, stream } = watched()
    publish(stream).end(endReason())
    vi.advanceTimersByTime(GRACE_MS - 1)
    expect(stream.ended).toBe(false)
    vi.advanceTimersByTime(1)
    expect(told.at(-1)).toBe('ended live/demo: no publisher came back within 60000 ms (publisherGraceMs)')
    expect(registry.streams).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('go on when one returns in time, and wait anew when that one leaves', () => {
    const { stream } = watched()
    publish(stream).end(endReason())
    vi.advanceTimersByTime(GRACE_MS - 1)
    const second = publish(stream, 'p2')
    vi.advanceTimersByTime(10 * GRACE_MS)
    expect(stream.ended).toBe(false)
    second.end(endReason())
    vi.advanceTimersByTime(GRACE_MS - 1)
    expect(stream.ended).toBe(false)
    vi.advanceTimersByTime(1)
    expect(stream.ended).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('do not wait longer because others come and go', () => {
    const { registry, stream } = watched()
    publish(stream).end(endReason())
    vi.advanceTimersByTime(GRACE_MS / 2)
    const leave = registry.open(demo).addViewer({ ...client, id: 'v2' })
    vi.advanceTimersByTime(GRACE_MS / 4)
    leave()
    vi.advanceTimersByTime(GRACE_MS / 4)
    expect(stream.ended).toBe(true)
  })

  it('that all leave make it linger as if nobody had waited', () => {
    const { stream, leave } = watched()
    publish(stream).end(endReason())
    leave()
    vi.advanceTimersByTime(1000)
    expect(stream.ended).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([Number.POSITIVE_INFINITY, 1e12])('wait for ever with publisherGraceMs %d', (publisherGraceMs) => {
    const { stream } = watched({ publisherGraceMs })
    publish(stream).end(endReason())
    vi.advanceTimersByTime(1e10)
    expect(stream.ended).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('that came before anybody published wait for ever', () => {
    const { stream } = watched()
    vi.advanceTimersByTime(1e10)
    expect(stream.ended).toBe(false)
  })
})
