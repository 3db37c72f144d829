import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { flvTag } from '../../../test/support/flv.ts'
import { FrameSink, LiveRig } from '../../../test/support/live.ts'
import { silentLogger, systemClock } from '../../base/index.ts'
import { parseStreamName, type Stream, type StreamRequest } from '../../live/index.ts'
import { FlvTagType } from '../../media/index.ts'
import { ServerHealth } from '../../net/index.ts'
import { LONE_ORIGIN_PATIENCE_MS, MAX_RESUMPTION_MS, StreamPull } from './stream-pull.ts'
import { FakeUpstream } from './testing/fake-upstream.ts'
import { UpstreamError } from './upstream.ts'

const NAME = parseStreamName('live/demo')
const SILENCE_MS = 5000
const { videoHeader, key, inter } = flvTag
const stopped = { code: 'closed', message: 'stopped' } as const

const ASKED: StreamRequest = {
  name: NAME,
  client: { id: 'v1', protocol: 'rtmp', address: '192.0.2.1' },
  vhost: '',
  parameters: new URLSearchParams('token=1'),
  param: '?token=1',
  tcUrl: '',
  pageUrl: '',
}

describe('StreamPull', () => {
  let rig: LiveRig
  let stream: Stream
  let sink: FrameSink
  let one: FakeUpstream
  let two: FakeUpstream
  let upstreams: FakeUpstream[]
  let pull: StreamPull
  let keepsTime: boolean

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
    rig = new LiveRig(systemClock, { streams: { lingerMs: 100_000 } })
    stream = rig.live.registry.open(NAME)
    stream.addViewer(ASKED.client)
    sink = new FrameSink()
    stream.attach(sink)
    one = new FakeUpstream('one')
    two = new FakeUpstream('two')
    upstreams = [one, two]
    keepsTime = false
    pull = new StreamPull({
      stream,
      live: rig.live,
      health: new ServerHealth(systemClock),
      clock: systemClock,
      logger: silentLogger,
      client: { id: 'e1', protocol: 'edge' },
      upstreams: () => upstreams,
      asked: () => ASKED,
      silenceTimeoutMs: () => SILENCE_MS,
      keepsTime: () => keepsTime,
    })
  })

  afterEach(async () => {
    pull.stop(stopped)
    await settle()
    rig.live.registry.close()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

  function send(to: FakeUpstream, ...tags: readonly ReturnType<typeof key>[]): void {
    for (const { type, timestampMs, body } of tags) {
      to.connection.send({
        kind: type === FlvTagType.video ? 'video' : 'audio',
        timestamp: timestampMs,
        body,
      })
    }
  }

  /** Times of the pictures so far. */
  function pictures(): number[] {
    return sink.frames
      .filter(({ kind, sequenceHeader }) => kind === 'video' && !sequenceHeader)
      .map(({ timestamp }) => timestamp)
  }

  it('publishes what comes, from the first media on, and is asked with what the viewer asked', async () => {
    pull.start()
    pull.start()
    await settle()
    expect(one.asked).toEqual([ASKED])
    expect(stream.publication).toBeNull()
    expect(pull.info.state).toBe('waiting')
    send(one, videoHeader(0), key(0), inter(40))
    await settle()
    expect(stream.publication?.client).toEqual({ id: 'e1', protocol: 'edge', address: 'one' })
    expect(rig.told).toEqual(['publish'])
    expect(pictures()).toEqual([0, 40])
    expect(pull.info).toMatchObject({
      state: 'pulling',
      connections: 1,
      frames: 3,
      failovers: 0,
      lastError: null,
    })
    expect(rig.live.clients.get('e1')).toMatchObject({ isActive: true })
    pull.stop(stopped)
    await settle()
    expect(one.connection.closed).toBe(true)
    expect(stream.publication).toBeNull()
    expect(rig.live.clients.list).toEqual([])
  })

  it('goes on from another when one is lost, at once and on one timeline', async () => {
    pull.start()
    await settle()
    send(one, key(1000), inter(1040))
    await settle(11_000 - SILENCE_MS * 2)
    one.connection.end(new UpstreamError('unreachable', 'reset'))
    await settle()
    send(two, key(500), inter(540))
    await settle()
    expect(pictures()).toEqual([1000, 1040, 1080, 1120])
    expect(pull.info).toMatchObject({ failovers: 1, failures: 1, lastError: 'reset', connections: 2 })
    expect(sink.ends).toEqual(['disconnected: reset'])
  })

  it('leaves one from which nothing comes any more', async () => {
    pull.start()
    await settle()
    send(one, key(0))
    await settle(SILENCE_MS - 1)
    expect(one.connection.closed).toBe(false)
    send(one, inter(40))
    await settle(SILENCE_MS - 1)
    expect(one.connection.closed).toBe(false)
    await settle(2)
    expect(one.connection.closed).toBe(true)
    expect(pull.info.lastError).toContain('silenceTimeoutMs')
    expect(two.connections).toHaveLength(1)
  })

  it('asks the next where one has no such stream, waits where there is no other, and tells who waits', async () => {
    const told: unknown[] = []
    const wait = (): void => {
      void pull.arrival(new AbortController().signal).then((absence) => told.push(absence?.code ?? 'here'))
    }
    pull.start()
    wait()
    await settle(SILENCE_MS)
    expect([one.connection.closed, two.connections.length, told]).toEqual([true, 1, []])
    await settle(SILENCE_MS)
    expect(told).toEqual(['not-found'])
    upstreams = [two]
    pull.update()
    await settle(1000)
    wait()
    await settle(SILENCE_MS)
    const { connection } = two
    expect([told, connection.closed]).toEqual([['not-found', 'not-found'], false])
    wait()
    send(two, key(0))
    await settle()
    expect([told.at(-1), two.connection]).toEqual(['here', connection])
  })

  it('gives an only origin up that has said nothing for LONE_ORIGIN_PATIENCE_MS, and connects anew', async () => {
    upstreams = [one]
    pull.start()
    await settle(LONE_ORIGIN_PATIENCE_MS)
    expect(one.connections[0]?.closed).toBe(true)
    await settle(1000)
    expect(one.connections).toHaveLength(2)
  })

  it.each([
    ['unreachable', 'unavailable'],
    ['refused', 'refused'],
    ['not-found', 'not-found'],
  ] as const)('asks less and less often for an hour where all are %s', async (fault, code) => {
    for (const upstream of upstreams) {
      upstream.fault = new UpstreamError(fault, `${fault} at ${upstream.server}`)
    }
    pull.start()
    const absence = await pull.arrival(new AbortController().signal)
    expect(absence).toEqual({ code, reason: expect.stringContaining(fault) })
    await settle(3_600_000)
    expect(pull.info.state).toBe('resting')
    for (const { asked } of upstreams) {
      expect(asked.length).toBeGreaterThan(360)
      expect(asked.length).toBeLessThan(730)
    }
    expect(vi.getTimerCount()).toBe(1)
    upstreams[0]?.asked.splice(0)
    one.fault = null
    for (let waited = 0; one.connections.length === 0 && waited < 11_000; waited += 500) {
      await settle(500)
    }
    send(one, key(0))
    await settle()
    expect(pull.info.state).toBe('pulling')
  })

  it('does not rush between two that give media for a moment and end', async () => {
    pull.start()
    for (let i = 0; i < 600; i++) {
      for (const upstream of upstreams) {
        const newest = upstream.connections.at(-1)
        if (newest !== undefined && !newest.closed) {
          send(upstream, key(i * 1000))
          newest.end(new UpstreamError('unreachable', 'lost again'))
        }
      }
      await settle(1000)
    }
    expect(one.connections.length + two.connections.length).toBeLessThan(2 * (600 / 5) + 10)
  })

  it('ends when somebody else publishes the stream, and throws nothing away of theirs', async () => {
    pull.start()
    await settle()
    send(one, key(0))
    await settle()
    const client = { id: 'p1', protocol: 'rtmp', address: '192.0.2.2' } as const
    const own = await rig.live.publish({ ...ASKED, client }, { onRevoked: () => {} })
    await settle()
    expect(one.connection.closed).toBe(true)
    expect(stream.publication).toBe(own)
  })

  it('can be stopped and begun anew at once', async () => {
    pull.start()
    await settle()
    send(one, key(0))
    await settle()
    pull.stop(stopped)
    pull.start()
    await settle()
    expect(one.connections.map(({ closed }) => closed)).toEqual([true, false])
    send(one, key(1000))
    await settle()
    expect(pull.info.state).toBe('pulling')
    expect(stream.publication).not.toBeNull()
  })

  it('hears of a new origin at once also where it was stopped and begun anew while it rested', async () => {
    upstreams = []
    pull.start()
    await settle()
    pull.stop(stopped)
    // Before the former run has noticed that it is over.
    pull.start()
    await settle()
    expect(pull.info.state).toBe('resting')
    upstreams = [one]
    pull.update()
    await settle()
    expect(one.asked).toHaveLength(1)
  })

  it('lets go of an origin that lets it in when it was stopped already', async () => {
    const admission = Promise.withResolvers<void>()
    one.admission = admission.promise
    pull.start()
    await settle()
    expect(one.asked).toHaveLength(1)
    pull.stop(stopped)
    admission.resolve()
    await settle()
    expect(one.connection.closed).toBe(true)
    expect(pull.info).toMatchObject({ state: 'idle', connections: 0 })
  })

  describe('of a stream that keeps absolute time', () => {
    beforeEach(() => {
      keepsTime = true
    })

    it('gives the very next frame when another origin goes on, in one publication', async () => {
      pull.start()
      await settle()
      send(one, videoHeader(0), key(10_000), inter(10_040), inter(10_080))
      await settle()
      one.connection.end(new UpstreamError('unreachable', 'killed'))
      await settle(2000)
      // Its cached GOP, and what was missed.
      send(two, videoHeader(0), key(10_000), inter(10_040), inter(10_080), inter(10_120), key(12_000))
      await settle(SILENCE_MS - 1)
      expect(pictures()).toEqual([10_000, 10_040, 10_080, 10_120, 12_000])
      expect(rig.told).toEqual(['publish'])
    })

    it('begins another publication where another encoder goes on', async () => {
      pull.start()
      await settle()
      send(one, key(1_000_000), inter(1_000_040))
      await settle()
      one.connection.end(new UpstreamError('unreachable', 'killed'))
      await settle()
      send(two, key(0), inter(40))
      await settle()
      expect(rig.told).toEqual(['publish', 'unpublish disconnected: another encoder goes on', 'publish'])
      expect(pictures()).toEqual([1_000_000, 1_000_040, 1_000_080, 1_000_120])
    })

    it('ends the publication if nobody goes on within MAX_RESUMPTION_MS', async () => {
      pull.start()
      await settle()
      send(one, key(0))
      await settle()
      two.fault = new UpstreamError('unreachable', 'no')
      one.fault = two.fault
      one.connection.end(new UpstreamError('unreachable', 'killed'))
      await settle(MAX_RESUMPTION_MS - 1)
      expect(stream.publication).not.toBeNull()
      await settle(1)
      expect(stream.publication).toBeNull()
    })
  })
})
