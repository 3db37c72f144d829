import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RejectedError } from '../base/index.ts'
import { noStreamSupply, type Onward } from './ports.ts'
import { parseStreamName } from './stream-name.ts'
import { endReason, tagBody } from './testing/frames.ts'
import { LiveRig } from './testing/live-rig.ts'
import { RecordingSource, streamRequest } from './testing/requests.ts'

const demo = parseStreamName('live/demo')
/** Waited for in earnest; what counts as silence is told by the clock that the test moves. */
const SILENCE_MS = 20

/** Lets what has been decided already go on. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await Promise.resolve()
  }
}

beforeEach(() => {
  // Of the streams that linger; the wait of a publisher is not among them.
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('a second publisher', () => {
  it('takes the place of one that has been silent, at once', async () => {
    const rig = new LiveRig({ streams: { takeoverSilenceMs: SILENCE_MS } })
    const source = new RecordingSource()
    await rig.live.publish(streamRequest('p1'), source)
    rig.clock.advance(SILENCE_MS)
    const second = await rig.live.publish(streamRequest('p2'), new RecordingSource())
    expect(source.revoked).toEqual([
      { code: 'replaced', message: 'silent for 20 ms and replaced by p2 (192.0.2.1)' },
    ])
    expect(rig.registry.get(demo)?.publication).toBe(second)
    expect(rig.events.told).toEqual([
      'publish p1',
      'unpublish p1: silent for 20 ms and replaced by p2 (192.0.2.1)',
      'publish p2',
    ])
  })

  it('waits until it is known whether the present one is silent', async () => {
    const rig = new LiveRig({ streams: { takeoverSilenceMs: SILENCE_MS } })
    await rig.live.publish(streamRequest('p1'), new RecordingSource())
    rig.clock.advance(SILENCE_MS - 1)
    const publishing = rig.live.publish(streamRequest('p2'), new RecordingSource())
    await settle()
    expect(rig.registry.get(demo)?.publication?.client.id).toBe('p1')
    rig.clock.advance(1)
    expect((await publishing).client.id).toBe('p2')
  })

  it('takes nobody for silent whose bytes could not be read while the process stood still', async () => {
    vi.useRealTimers()
    const rig = new LiveRig({ streams: { takeoverSilenceMs: SILENCE_MS } })
    const first = await rig.live.publish(streamRequest('p1'), new RecordingSource())
    const publishing = rig.live.publish(streamRequest('p2'), new RecordingSource())
    const refused = expect(publishing).rejects.toThrow('is busy')
    // As sockets do: after the timers that are due, in the same turn.
    setTimeout(() => setImmediate(() => first.write('audio', 0, tagBody.aac())), SILENCE_MS / 2)
    await settle()
    const stoodStillUntil = performance.now() + 3 * SILENCE_MS
    while (performance.now() < stoodStillUntil) {
      // Nothing else runs.
    }
    rig.clock.advance(3 * SILENCE_MS)
    await refused
    expect(rig.registry.get(demo)?.publication).toBe(first)
  })

  it('is refused as busy if the present one sends', async () => {
    const rig = new LiveRig({ streams: { takeoverSilenceMs: SILENCE_MS } })
    const source = new RecordingSource()
    const first = await rig.live.publish(streamRequest('p1'), source)
    const publishing = rig.live.publish(streamRequest('p2'), new RecordingSource())
    const refused = expect(publishing).rejects.toThrow(
      new RejectedError('stream live/demo is busy: p1 (192.0.2.1) is publishing it'),
    )
    await settle()
    rig.clock.advance(SILENCE_MS - 1)
    first.write('audio', 0, tagBody.aac())
    rig.clock.advance(1)
    await refused
    expect(source.revoked).toEqual([])
    expect(rig.registry.get(demo)?.publication).toBe(first)
    expect(rig.events.told).toEqual([
      'publish p1',
      'refused p2 to publish: stream stream: stream live/demo is busy: p1 (192.0.2.1) is publishing it',
      'abandoned p2 to publish',
    ])
  })

  it('takes the place of a silent one whose last bytes were read while it waited', async () => {
    const rig = new LiveRig({ streams: { takeoverSilenceMs: SILENCE_MS } })
    const source = new RecordingSource()
    const first = await rig.live.publish(streamRequest('p1'), source)
    const publishing = rig.live.publish(streamRequest('p2'), new RecordingSource())
    await settle()
    rig.clock.advance(SILENCE_MS / 4)
    first.write('audio', 0, tagBody.aac())
    rig.clock.advance((SILENCE_MS * 3) / 4)
    expect((await publishing).client.id).toBe('p2')
    expect(source.revoked).toHaveLength(1)
  })

  it('gets the place that was left while it waited, and the stream lingers its full time afterwards', async () => {
    const rig = new LiveRig({ streams: { takeoverSilenceMs: SILENCE_MS, lingerMs: 10_000 } })
    const first = await rig.live.publish(streamRequest('p1'), new RecordingSource())
    const stream = rig.registry.get(demo)
    const publishing = rig.live.publish(streamRequest('p2'), new RecordingSource())
    await settle()
    first.end(endReason('bye'))
    const second = await publishing
    expect(rig.registry.get(demo)).toBe(stream)
    vi.advanceTimersByTime(7000)
    second.end(endReason('bye'))
    vi.advanceTimersByTime(9999)
    expect(stream?.ended).toBe(false)
    vi.advanceTimersByTime(1)
    expect(stream?.ended).toBe(true)
  })

  it.each(['leaves while it waits', 'is silent'])(
    'gets a place if the present one %s though streams do not linger',
    async (how) => {
      const rig = new LiveRig({ streams: { takeoverSilenceMs: SILENCE_MS, lingerMs: 0 } })
      const first = await rig.live.publish(streamRequest('p1'), new RecordingSource())
      const publishing = rig.live.publish(streamRequest('p2'), new RecordingSource())
      await settle()
      if (how === 'leaves while it waits') {
        first.end(endReason('bye'))
      }
      rig.clock.advance(SILENCE_MS)
      const second = await publishing
      expect(rig.registry.get(demo)?.publication).toBe(second)
      expect(rig.registry.streams).toHaveLength(1)
    },
  )

  it.each(['while it waits', 'while it is asked whether it is taken elsewhere as well'])(
    "takes nobody's place if it leaves %s",
    async (when) => {
      const rig = new LiveRig({ streams: { takeoverSilenceMs: SILENCE_MS } })
      const source = new RecordingSource()
      const first = await rig.live.publish(streamRequest('p1'), source)
      const { promise: taken, resolve } = Promise.withResolvers<Onward>()
      let cancelled = 0
      if (when !== 'while it waits') {
        rig.live.supply = { ...noStreamSupply, takeOnward: () => taken }
        rig.clock.advance(SILENCE_MS)
      }
      const publishing = rig.live.publish(streamRequest('p2'), new RecordingSource())
      const refused = expect(publishing).rejects.toThrow(new RejectedError('kicked'))
      await settle()
      rig.live.clients.kick('p2', 'kicked')
      rig.clock.advance(SILENCE_MS)
      resolve({ begin: () => {}, cancel: () => cancelled++ })
      await refused
      expect(source.revoked).toEqual([])
      expect(rig.registry.get(demo)?.publication).toBe(first)
      expect(cancelled).toBe(when === 'while it waits' ? 0 : 1)
    },
  )

  it('is refused if the server closes while it waits', async () => {
    const rig = new LiveRig({ streams: { takeoverSilenceMs: SILENCE_MS } })
    await rig.live.publish(streamRequest('p1'), new RecordingSource())
    const publishing = rig.live.publish(streamRequest('p2'), new RecordingSource())
    const refused = expect(publishing).rejects.toThrow(new RejectedError('the server is closing'))
    await settle()
    rig.registry.close()
    await refused
    expect(rig.registry.streams).toEqual([])
  })

  it('is refused if a third one was quicker', async () => {
    const rig = new LiveRig({ streams: { takeoverSilenceMs: SILENCE_MS } })
    await rig.live.publish(streamRequest('p1'), new RecordingSource())
    const attempts = ['p2', 'p3'].map((id) => rig.live.publish(streamRequest(id), new RecordingSource()))
    const results = await Promise.allSettled(attempts)
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const refused = results.find((result) => result.status === 'rejected')
    expect(refused?.reason).toBeInstanceOf(RejectedError)
    expect(rig.events.told.filter((line) => line.startsWith('publish'))).toHaveLength(2)
  })

  it('takes the place of a silent one though its timer was early', async () => {
    const rig = new LiveRig({ streams: { takeoverSilenceMs: SILENCE_MS } })
    const source = new RecordingSource()
    await rig.live.publish(streamRequest('p1'), source)
    const publishing = rig.live.publish(streamRequest('p2'), new RecordingSource())
    await settle()
    rig.clock.advance(SILENCE_MS - 1)
    expect((await publishing).client.id).toBe('p2')
    expect(source.revoked).toHaveLength(1)
  })

  it('that is refused leaves the stream as it was', async () => {
    const rig = new LiveRig({ streams: { takeoverSilenceMs: SILENCE_MS, lingerMs: 5000 } })
    const first = await rig.live.publish(streamRequest('p1'), new RecordingSource())
    const publishing = rig.live.publish(streamRequest('p2'), new RecordingSource())
    const refused = expect(publishing).rejects.toThrow(RejectedError)
    await settle()
    rig.clock.advance(SILENCE_MS - 1)
    first.write('audio', 0, tagBody.aac())
    await refused
    expect(rig.registry.get(demo)).toMatchObject({ publication: first, ended: false })
    first.end(endReason())
    expect(vi.getTimerCount()).toBe(2)
    vi.advanceTimersByTime(5000)
    expect(rig.registry.streams).toEqual([])
  })
})

describe('a second publisher, by policy', () => {
  it.each(['same client again', 'other address'])('%s: with `replace` takes over at once', async (who) => {
    const rig = new LiveRig({ streams: { takeover: 'replace' } })
    const source = new RecordingSource()
    const first = await rig.live.publish(streamRequest('p1'), source)
    first.write('audio', 0, tagBody.aac())
    const next = streamRequest('p2')
    const address = who === 'other address' ? '198.51.100.7' : next.client.address
    const second = await rig.live.publish(
      { ...next, client: { ...next.client, address } },
      new RecordingSource(),
    )
    expect(source.revoked).toEqual([{ code: 'replaced', message: `replaced by p2 (${address})` }])
    expect(rig.registry.get(demo)?.publication).toBe(second)
  })

  it('with `replace` none is refused, however many come at once: the last one stays', async () => {
    const rig = new LiveRig({ streams: { takeover: 'replace', lingerMs: 0 } })
    const ids = ['p1', 'p2', 'p3', 'p4']
    await Promise.all(ids.map((id) => rig.live.publish(streamRequest(id), new RecordingSource())))
    expect(rig.registry.get(demo)?.publication?.client.id).toBe('p4')
    expect(rig.registry.streams).toHaveLength(1)
  })

  it('with `refuse` is refused at once, even if the present one is silent, until that one is gone', async () => {
    const rig = new LiveRig({ streams: { takeover: 'refuse', takeoverSilenceMs: SILENCE_MS } })
    const first = await rig.live.publish(streamRequest('p1'), new RecordingSource())
    rig.clock.advance(10 * SILENCE_MS)
    const again = (): Promise<unknown> => rig.live.publish(streamRequest('p2'), new RecordingSource())
    await expect(again()).rejects.toThrow('stream live/demo is busy: p1 (192.0.2.1) is publishing it')
    first.end(endReason())
    await again()
    expect(rig.registry.get(demo)?.publication?.client.id).toBe('p2')
  })

  it('goes by what admission says of it, whatever the options say', async () => {
    const rig = new LiveRig({
      streams: { takeover: 'refuse' },
      admission: {
        mayPublish: async ({ client }) =>
          client.id === 'owner' ? { allowed: true, takeover: 'replace' } : { allowed: true },
      },
    })
    await rig.live.publish(streamRequest('p1'), new RecordingSource())
    await expect(rig.live.publish(streamRequest('p2'), new RecordingSource())).rejects.toThrow('is busy')
    await rig.live.publish(streamRequest('owner'), new RecordingSource())
    expect(rig.registry.get(demo)?.publication?.client.id).toBe('owner')
  })
})
