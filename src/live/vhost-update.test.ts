import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { RejectedError } from '../base/index.ts'
import { type BroadcastOptions, defaultBroadcastOptions } from './broadcast-options.ts'
import { defaultFlushOptions, MANY_BROADCASTS } from './flush-pacer.ts'
import { parseStreamName } from './stream-name.ts'
import type { StreamOptions } from './stream-options.ts'
import { BroadcastRig } from './testing/broadcast-rig.ts'
import { FakeSocket } from './testing/fake-socket.ts'
import { endReason, frame, tagBody } from './testing/frames.ts'
import { LiveRig } from './testing/live-rig.ts'
import { RecordingSource, streamRequest } from './testing/requests.ts'
import { StreamRig, writeGop } from './testing/stream-rig.ts'
import { vhostWith } from './testing/vhosts.ts'
import type { Vhost } from './vhosts.ts'

describe('a stream whose virtual host gets other settings', () => {
  function update(
    rig: StreamRig,
    streams: Partial<StreamOptions>,
    broadcast: Partial<BroadcastOptions> = {},
  ) {
    rig.stream.update(vhostWith(streams, broadcast))
  }

  it('keeps as many frames as they say from then on, and any number with 0', () => {
    const rig = new StreamRig({}, { gopCacheMaxFrames: 3 })
    const publication = rig.publish()
    writeGop(publication)
    update(rig, { gopCacheMaxFrames: 0 })
    for (let i = 2; i < 3000; i++) {
      publication.write('video', i * 40, tagBody.interFrame())
    }
    expect(rig.stream.gop).toHaveLength(3001)
    update(rig, { gopCacheMaxFrames: 10 })
    publication.write('video', 200_000, tagBody.interFrame())
    expect(rig.stream.gop).toEqual([])
  })

  it('reads the clock of the next publisher by them, and that of the present one as before', () => {
    const rig = new StreamRig()
    const first = rig.publish()
    writeGop(first, 0)
    update(rig, { timeJitter: 'off' })
    first.write('video', 5_000_000, tagBody.keyframe())
    expect(rig.sink.taken()).toBe('V0 A0 K0 a3 v40 K80')
    first.end(endReason())
    rig.publish().write('video', 9_000_000, tagBody.keyframe())
    expect(rig.sink.taken()).toContain('K9000000')
  })

  it('begins for newcomers as they say, and has those who watch play on', () => {
    const rig = new StreamRig({ gopCache: false })
    const publication = rig.publish()
    writeGop(publication)
    const before = rig.play()
    update(rig, {}, { gopCache: true })
    const after = rig.play()
    publication.write('video', 80, tagBody.interFrame())
    expect(before.socket.taken()).toBe('')
    expect(after.socket.taken()).toBe('')
    publication.write('video', 120, tagBody.keyframe())
    expect(before.socket.taken()).toBe('[first@120 VA] K120')
    const last = rig.play()
    expect(last.socket.taken()).toBe('[first@120 VA] K120')
  })
})

describe('a broadcast whose virtual host gets other settings', () => {
  function update(rig: BroadcastRig, options: Partial<BroadcastOptions>): void {
    rig.broadcast.update({ ...defaultBroadcastOptions, ...options })
  }

  it('writes as often as they say from the next picture on', () => {
    const rig = new BroadcastRig({ mergeWriteMs: 1000 })
    const { socket } = rig.join()
    rig.push(frame.key(0), frame.inter(40))
    expect(socket.taken()).toBe('')
    update(rig, { minLatency: true })
    rig.push(frame.inter(80))
    expect(socket.taken()).toBe('[first@0 VA] K0 v40 v80')
    rig.push(frame.inter(120))
    expect(socket.taken()).toBe('v120')
    update(rig, { mergeWriteMs: 1000 })
    rig.push(frame.inter(160), frame.inter(200))
    expect(socket.taken()).toBe('')
  })

  it('lets publishers be read late or not, as they say', () => {
    const rig = new BroadcastRig()
    rig.utilisation = 1
    for (let count = 0; count < MANY_BROADCASTS; count++) {
      onTestFinished(rig.pacer.hold(defaultFlushOptions))
    }
    rig.pacer.sample()
    expect(rig.broadcast.mayBeLateMs).toBeGreaterThan(0)
    update(rig, { minLatency: true })
    expect(rig.broadcast.mayBeLateMs).toBe(0)
  })

  it('measures how far a player is behind by them', () => {
    const rig = new BroadcastRig({ queueLengthMs: 60_000 })
    const { socket, player } = rig.join()
    rig.push(frame.key(0))
    socket.block()
    for (let at = 40; at <= 4000; at += 40) {
      rig.push(at % 1000 === 0 ? frame.key(at) : frame.inter(at))
    }
    update(rig, { queueLengthMs: 1000 })
    socket.taken()
    socket.unblock()
    expect(socket.taken()).toBe('[again@4000 VA] K4000')
    expect(player.skips).toBe(1)
  })

  it('lets the sockets of those who play wait to fill packets, and no longer', () => {
    const rig = new BroadcastRig()
    const socket = new FakeSocket()
    rig.join(socket)
    expect(socket.noDelays).toEqual([true])
    update(rig, { tcpNoDelay: false })
    update(rig, { tcpNoDelay: false })
    const later = rig.join()
    expect(socket.noDelays).toEqual([true, false])
    expect(later.socket.noDelays).toEqual([true, false])
    update(rig, {})
    expect(socket.noDelays).toEqual([true, false, true])
  })
})

describe('a registry whose virtual hosts are replaced', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  const named = (name: string, streams: Partial<StreamOptions> = {}): Vhost => ({
    ...vhostWith(streams),
    name,
  })
  const paths = ['live/demo', '//a.example/live/demo', '//b.example/live/demo']

  async function publishAll(rig: LiveRig): Promise<RecordingSource[]> {
    return await Promise.all(
      paths.map(async (path) => {
        const source = new RecordingSource()
        await rig.live.publish(streamRequest(path, path), source)
        return source
      }),
    )
  }

  it('ends the streams of those that are gone or switched off, and no others', async () => {
    const rig = new LiveRig()
    rig.vhosts.replace([vhostWith(), named('a.example'), named('b.example')])
    const sources = await publishAll(rig)
    rig.vhosts.replace([vhostWith({ lingerMs: 5 }), { ...named('b.example'), enabled: false }])
    rig.registry.update()
    expect(sources.map(({ revoked }) => revoked.map(({ message }) => message))).toEqual([
      [],
      ['the virtual host a.example is no more'],
      ['the virtual host b.example is switched off'],
    ])
    expect(rig.registry.streams.map(({ key }) => key)).toEqual(['live/demo'])
    expect(rig.registry.streams[0]?.vhost.streams.lingerMs).toBe(5)
    expect(() => rig.registry.open(parseStreamName('//b.example/live/demo'))).toThrow(RejectedError)
    expect(() => rig.registry.open(parseStreamName('//a.example/live/demo'))).toThrow(RejectedError)
    rig.registry.close()
  })

  it('refuses who was admitted just before', async () => {
    const { promise, resolve } = Promise.withResolvers<{ allowed: true }>()
    const rig = new LiveRig({ admission: { mayPublish: () => promise } })
    const publishing = rig.live.publish(streamRequest('p1'), new RecordingSource())
    rig.vhosts.replace([])
    rig.registry.update()
    resolve({ allowed: true })
    await expect(publishing).rejects.toThrow('there is no virtual host __defaultVhost__')
    expect(rig.registry.streams).toEqual([])
  })

  it('lets publishers that nobody watches go when they say so, each by its own virtual host', async () => {
    const rig = new LiveRig()
    rig.vhosts.replace([vhostWith(), named('a.example'), named('b.example')])
    const sources = await publishAll(rig)
    const watching = await rig.live.play(streamRequest('v1', '//b.example/live/demo'))
    rig.vhosts.replace([
      vhostWith(),
      named('a.example', { unwatchedTimeoutMs: 1000 }),
      named('b.example', { unwatchedTimeoutMs: 1000 }),
    ])
    rig.registry.update()
    const ended = (): number[] => sources.map(({ revoked }) => revoked.length)
    vi.advanceTimersByTime(1000)
    expect(ended()).toEqual([0, 1, 0])
    expect(sources[1]?.revoked[0]?.message).toBe('nobody played the stream for 1000 ms (unwatchedTimeoutMs)')
    watching.end(endReason())
    vi.advanceTimersByTime(1000)
    expect(ended()).toEqual([0, 1, 1])
    rig.registry.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
