import { afterEach, describe, expect, it, vi } from 'vitest'
import { ms } from '../base/index.ts'
import { type ClientConnection, VirtualConnection } from './client-connection.ts'
import type { Decision } from './ports.ts'
import type { Client } from './server-client.ts'
import { LiveRig } from './testing/live-rig.ts'
import { RecordingSource, streamRequest } from './testing/requests.ts'
import { SAMPLE_INTERVAL_MS } from './traffic.ts'

/** A connection whose end is in the test's hands. */
class FakeConnection implements ClientConnection {
  bytesReceived = 0
  bytesSent = 0
  readonly reasons: string[] = []
  readonly #listeners: (() => void)[] = []

  disconnect(reason: string): void {
    this.reasons.push(reason)
  }

  onClose(listener: () => void): void {
    this.#listeners.push(listener)
  }

  close(): void {
    for (const listener of this.#listeners.splice(0)) {
      listener()
    }
  }
}

/** Answers when it is told to. */
function pendingDecision(): { decide: () => Promise<Decision>; answer: (decision: Decision) => void } {
  const { promise, resolve } = Promise.withResolvers<Decision>()
  return { decide: () => promise, answer: resolve }
}

const yes: Decision = { allowed: true }
const stopped = { code: 'unpublished', message: 'stopped' } as const

describe('the directory of clients', () => {
  it('has who asks from asking on until its connection is gone, and tells when', async () => {
    const { decide, answer } = pendingDecision()
    const rig = new LiveRig({ admission: { mayConnect: decide } })
    const { clients } = rig.live
    const told: string[] = []
    clients.on('added', ({ id }) => told.push(`added ${id}`))
    clients.on('removed', ({ id }) => told.push(`removed ${id}`))
    const connection = new FakeConnection()
    const publishing = rig.live.publish(streamRequest('p1'), new RecordingSource(), connection)
    expect(clients.list).toMatchObject([{ id: 'p1', role: 'publisher', isActive: false }])
    expect(clients.counts).toEqual({ clients: 1, publishers: 0, players: 0 })
    answer(yes)
    const publication = await publishing
    expect(clients.get('p1')).toMatchObject({ isActive: true, request: { client: { protocol: 'rtmp' } } })
    expect(clients.counts).toEqual({ clients: 1, publishers: 1, players: 0 })
    publication.end(stopped)
    expect(clients.get('p1')).toMatchObject({ isActive: false, activities: [] })
    connection.close()
    expect(clients.list).toEqual([])
    expect(told).toEqual(['added p1', 'removed p1'])
  })

  it('asks one connection that publishes, unpublishes and plays whether it may connect once, and tells its end once', async () => {
    const asked: string[] = []
    const rig = new LiveRig({
      admission: {
        mayConnect: async ({ client }) => {
          asked.push(client.id)
          return yes
        },
      },
    })
    const connection = new FakeConnection()
    const publication = await rig.live.publish(streamRequest('c1'), new RecordingSource(), connection)
    publication.end(stopped)
    const viewing = await rig.live.play(streamRequest('c1', 'live/other'), connection)
    const second = await rig.live.play(streamRequest('c1', 'live/third'), connection)
    expect(rig.live.clients.list).toMatchObject([
      { id: 'c1', role: 'player', request: { name: { stream: 'third' } }, activities: [{}, {}] },
    ])
    viewing.end({ code: 'disconnected', message: 'gone' })
    second.end({ code: 'disconnected', message: 'gone' })
    connection.bytesReceived = 100
    connection.bytesSent = 200
    connection.close()
    expect(asked).toEqual(['c1'])
    expect(rig.events.closed).toEqual(['close c1: 100 in, 200 out'])
    expect(rig.events.told).toEqual([
      'publish c1',
      'unpublish c1: stopped',
      'play c1',
      'play c1',
      'stop c1: gone',
      'stop c1: gone',
    ])
  })

  it('refuses who may not connect like the others, and tells no end of it', async () => {
    const rig = new LiveRig({
      admission: {
        mayConnect: async () => ({
          allowed: false,
          reason: 'not today',
          link: 'hooks',
          code: 'hook_refused',
        }),
        mayPlay: () => {
          throw new Error('not to be asked')
        },
      },
    })
    const connection = new FakeConnection()
    await expect(rig.live.play(streamRequest('v1'), connection)).rejects.toThrow('play refused: not today')
    expect(rig.live.clients.size).toBe(1)
    connection.close()
    expect(rig.events.told).toEqual(['refused v1 to play: hooks hook_refused: not today'])
    expect(rig.events.closed).toEqual([])
    expect(rig.live.clients.size).toBe(0)
  })

  it('tells the end of who was let in to connect and refused to play', async () => {
    const rig = new LiveRig({ admission: { mayPlay: async () => ({ allowed: false, reason: 'no' }) } })
    await expect(rig.live.play(streamRequest('v1'))).rejects.toThrow('no')
    expect(rig.events.closed).toEqual(['close v1: 0 in, 0 out'])
    expect(rig.live.clients.size).toBe(0)
  })

  it.each([
    ['publish', 'mayPublish'],
    ['play', 'mayPlay'],
  ] as const)(
    'tells that who was let %s has left meanwhile, and its end after that',
    async (action, question) => {
      const { decide, answer } = pendingDecision()
      const rig = new LiveRig({ admission: { [question]: decide } })
      const connection = new FakeConnection()
      const entering =
        action === 'publish'
          ? rig.live.publish(streamRequest('c1'), new RecordingSource(), connection)
          : rig.live.play(streamRequest('c1'), connection)
      await new Promise((resolve) => setImmediate(resolve))
      connection.close()
      expect([rig.live.clients.size, rig.events.closed]).toEqual([0, []])
      answer(yes)
      await expect(entering).rejects.toThrow('the client left before it was admitted')
      expect(rig.events.told).toEqual([`abandoned c1 to ${action}`])
      expect(rig.events.closed).toEqual(['close c1: 0 in, 0 out'])
      expect(rig.registry.streams).toEqual([])
    },
  )

  it('tells of who left and is not let in only that', async () => {
    const { decide, answer } = pendingDecision()
    const rig = new LiveRig({ admission: { mayPlay: decide } })
    const connection = new FakeConnection()
    const playing = rig.live.play(streamRequest('v1'), connection)
    await new Promise((resolve) => setImmediate(resolve))
    connection.close()
    answer({ allowed: false, reason: 'no' })
    await expect(playing).rejects.toThrow('no')
    expect(rig.events.told).toEqual(['refused v1 to play: admission admission: no'])
    expect(rig.events.closed).toEqual(['close v1: 0 in, 0 out'])
  })

  it('tells that who was let in is refused after that', async () => {
    const rig = new LiveRig({ maxStreams: 1, streams: { takeover: 'refuse' } })
    await rig.live.publish(streamRequest('p1'), new RecordingSource())
    rig.events.told.length = 0
    await expect(rig.live.play(streamRequest('v1', 'live/other'))).rejects.toThrow('maxStreams')
    const publish = (id: string, path: string): Promise<unknown> =>
      rig.live.publish(streamRequest(id, path), new RecordingSource())
    await expect(publish('p3', 'live/other')).rejects.toThrow('maxStreams')
    await expect(publish('p2', 'live/demo')).rejects.toThrow('is busy')
    expect(rig.events.told).toEqual([
      expect.stringMatching(/^refused v1 to play: stream/),
      'abandoned v1 to play',
      expect.stringMatching(/^refused p3 to publish: stream/),
      'abandoned p3 to publish',
      expect.stringMatching(/^refused p2 to publish: stream/),
      'abandoned p2 to publish',
    ])
  })

  it('tells the end, after the yes, of who left while it was asked', async () => {
    const { decide, answer } = pendingDecision()
    const rig = new LiveRig({ admission: { mayConnect: decide } })
    const connection = new FakeConnection()
    const playing = rig.live.play(streamRequest('v1'), connection)
    connection.close()
    expect(rig.events.closed).toEqual([])
    answer(yes)
    await expect(playing).rejects.toThrow('the client left before it was admitted')
    expect(rig.events.closed).toEqual(['close v1: 0 in, 0 out'])
    expect(rig.events.told).toEqual([])
    expect(rig.registry.streams).toEqual([])
  })

  it('lets who has no connection leave with the end of what it does', async () => {
    const rig = new LiveRig()
    const publication = await rig.live.publish(
      streamRequest('f1', 'live/demo', 'file'),
      new RecordingSource(),
    )
    expect(rig.live.clients.size).toBe(1)
    publication.end(stopped)
    expect(rig.live.clients.size).toBe(0)
  })

  it('gives lists that later changes leave as they are', async () => {
    const rig = new LiveRig()
    await rig.live.play(streamRequest('v1'))
    const before = rig.live.clients.list
    await rig.live.play(streamRequest('v2'))
    expect(before).toHaveLength(1)
    expect(rig.live.clients.list).toHaveLength(2)
  })
})

describe('a client', () => {
  afterEach(() => vi.useRealTimers())

  it('tells lag and skips of what it plays, and its counters, as of when somebody looks', async () => {
    const rig = new LiveRig()
    const connection = new FakeConnection()
    const viewing = await rig.live.play(streamRequest('v1'), connection)
    const progress = { lagMs: 40, skips: 1 }
    viewing.report(progress)
    const second = await rig.live.play(streamRequest('v1', 'live/other'), connection)
    second.report({ lagMs: 10, skips: 2 })
    const client = rig.live.clients.get('v1')
    expect(client).toMatchObject({ lagMs: 40, skips: 3, bytesSent: 0 })
    progress.lagMs = 0
    connection.bytesSent = 5
    expect(client).toMatchObject({ lagMs: 10, bytesSent: 5 })
  })

  it('has averages that one timer for all looks for, which ends with the last', async () => {
    vi.useFakeTimers()
    const rig = new LiveRig()
    const connection = new FakeConnection()
    await rig.live.play(streamRequest('v1'), connection)
    await rig.live.play(streamRequest('v2'))
    expect(vi.getTimerCount()).toBe(1)
    for (let i = 0; i < 10; i++) {
      rig.clock.advance(ms(SAMPLE_INTERVAL_MS))
      connection.bytesSent += 125_000
      vi.advanceTimersByTime(SAMPLE_INTERVAL_MS)
    }
    connection.bytesSent += 125_000
    rig.clock.advance(ms(SAMPLE_INTERVAL_MS))
    expect(rig.live.clients.get('v1')?.rates).toEqual({ receivedKbps: 0, sentKbps: 100 })
    connection.close()
    rig.registry.close()
    for (const { id } of rig.live.clients.list) {
      rig.live.clients.kick(id, 'over')
    }
    expect(rig.live.clients.size).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})

it('a directory looks at the counters of thousands, though not in one turn of the event loop, and of who leaves meanwhile no more', async () => {
  const rig = new LiveRig()
  const connections = await Promise.all(
    Array.from({ length: 1_000 }, async (_, index) => {
      const connection = new FakeConnection()
      await rig.live.play(streamRequest(`v${index}`), connection)
      return connection
    }),
  )
  rig.clock.advance(ms(40_000))
  for (const connection of connections) {
    connection.bytesSent = 1_000_000
  }
  const sampling = rig.live.clients.sample()
  for (const connection of connections.slice(-100)) {
    connection.close()
  }
  await sampling
  rig.clock.advance(ms(8_000))
  for (const connection of connections) {
    connection.bytesSent = 2_000_000
  }
  // Since the look, not since the start, which is too long ago.
  expect(new Set(rig.live.clients.list.map(({ rates }) => rates.sentKbps))).toEqual(new Set([1000]))
  expect(rig.live.clients.size).toBe(900)
})

describe('a kick', () => {
  it('tells the client, then ends what it does with that reason', async () => {
    const rig = new LiveRig()
    const connection = new FakeConnection()
    const source = new RecordingSource()
    await rig.live.publish(streamRequest('p1'), source, connection)
    await rig.live.play(streamRequest('p1', 'live/other'), connection)
    expect(rig.live.clients.kick('p1', 'kicked by the operator')).toBe(true)
    expect(rig.live.clients.kick('p1', 'again')).toBe(true)
    expect(connection.reasons).toEqual(['kicked by the operator'])
    expect(source.revoked).toEqual([{ code: 'closed', message: 'kicked by the operator' }])
    expect(rig.events.told.slice(2)).toEqual([
      'unpublish p1: kicked by the operator',
      'stop p1: kicked by the operator',
    ])
    const client = rig.live.clients.get('p1') as Client
    expect(client.gone).toBe(false)
    connection.close()
    expect(client.gone).toBe(true)
  })

  it('reaches who waits for admission: nothing begins, whatever that says', async () => {
    const { decide, answer } = pendingDecision()
    const rig = new LiveRig({ admission: { mayPublish: decide } })
    const connection = new FakeConnection()
    const publishing = rig.live.publish(streamRequest('p1'), new RecordingSource(), connection)
    await new Promise((resolve) => setImmediate(resolve))
    rig.live.clients.kick('p1', 'kicked')
    answer(yes)
    await expect(publishing).rejects.toThrow('kicked')
    expect(rig.events.told).toEqual(['abandoned p1 to publish'])
    expect(rig.registry.streams).toEqual([])
  })

  it('reaches who waits for another publisher to fall silent', async () => {
    const rig = new LiveRig()
    const present = await rig.live.publish(streamRequest('p1'), new RecordingSource())
    const source = new RecordingSource()
    const publishing = rig.live.publish(streamRequest('p2'), source, new FakeConnection())
    // By then it has been admitted, and waits.
    await new Promise((resolve) => setImmediate(resolve))
    rig.live.clients.kick('p2', 'kicked')
    present.end(stopped)
    await expect(publishing).rejects.toThrow('kicked')
    expect(rig.live.clients.get('p2')?.isActive).toBe(false)
    expect(rig.events.told).toEqual(['publish p1', 'unpublish p1: stopped', 'abandoned p2 to publish'])
  })

  it('of nobody is told apart', () => {
    expect(new LiveRig().live.clients.kick('c99', 'kicked')).toBe(false)
  })
})

describe('the connection of a client without a socket of its own', () => {
  it('is ended once, also if that was asked for before it was known how', () => {
    const connection = new VirtualConnection()
    const told: string[] = []
    connection.disconnect('kicked')
    connection.disconnect('again')
    connection.onClose(() => told.push('closed'))
    connection.onDisconnect = (reason) => {
      told.push(reason)
      connection.close()
    }
    connection.disconnect('and again')
    expect(told).toEqual(['kicked', 'closed'])
    connection.onClose(() => told.push('closed already'))
    expect(told.at(-1)).toBe('closed already')
  })
})
