import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { flvTag } from '../../../test/support/flv.ts'
import { LiveRig } from '../../../test/support/live.ts'
import { RecordingLogger } from '../../../test/support/server.ts'
import { systemClock } from '../../base/index.ts'
import { type Frame, type Publication, parseStreamName, type Sink, type Stream } from '../../live/index.ts'
import { decodeAmf0, encodeAmf0, FlvTagType } from '../../media/index.ts'
import { type Message, MessageType, noRtmpCapabilities, RtmpRefusedError } from '../../rtmp/index.ts'
import { resolveDestination } from './destination.ts'
import { ForwardOutput } from './forward-output.ts'
import { FakeDestination } from './testing/fake-destination.ts'

const NAME = parseStreamName('live/demo')
const { videoHeader, audioHeader, key, inter, audio } = flvTag

/** A message in a few words, e.g. 'video 40 27'. */
function describeMedia({ type, timestamp, payload }: Message): string {
  const kind = type === MessageType.video ? 'video' : type === MessageType.audio ? 'audio' : 'data'
  return kind === 'data'
    ? String(decodeAmf0(payload)[0])
    : `${kind} ${timestamp} ${payload[0]?.toString(16)} ${payload[1]}`
}

describe('ForwardOutput', () => {
  const log = new RecordingLogger()
  const outputs: ForwardOutput[] = []
  let destination: FakeDestination
  let rig: LiveRig
  let stream: Stream
  let publication: Publication

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
    destination = new FakeDestination()
    log.lines.length = 0
    rig = new LiveRig(systemClock, { broadcast: { minLatency: true } })
    const client = { id: 'publisher', protocol: 'library', address: 'local' } as const
    const nothing = { vhost: '', parameters: new URLSearchParams(), param: '', tcUrl: '', pageUrl: '' }
    publication = await rig.live.publish({ name: NAME, client, ...nothing }, { onRevoked: () => {} })
    const made = rig.live.registry.get(NAME)
    if (made === undefined) {
      throw new Error('there is no stream')
    }
    stream = made
  })

  afterEach(async () => {
    for (const output of outputs.splice(0)) {
      await output.close()
    }
    rig.live.registry.close()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  function forward(written = 'backup.example', to: FakeDestination = destination): ForwardOutput {
    const output = new ForwardOutput({
      id: `f${outputs.length}`,
      stream,
      destination: resolveDestination(written, { name: NAME, param: '' }),
      trail: () => ['encoder-side', 'me'],
      options: () => ({}),
      connect: to.connect,
      claim: () => null,
      clock: systemClock,
      logger: log,
      random: () => 0,
    })
    outputs.push(output)
    return output
  }

  function write(...tags: readonly ReturnType<typeof key>[]): void {
    for (const { type, timestampMs, body } of tags) {
      publication.write(type === FlvTagType.video ? 'video' : 'audio', timestampMs, body)
    }
  }

  function begin(): void {
    publication.writeScriptData(encodeAmf0('@setDataFrame', 'onMetaData', { width: 640 }))
    write(videoHeader(0), audioHeader(0), key(0, 1), audio(0), inter(40))
  }

  const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)

  it('sends metadata, sequence headers and the GOP first, with the servers on the way', async () => {
    begin()
    const output = forward()
    await settle()
    write(inter(80))
    const { messages, options } = destination.connection
    expect(messages.map(describeMedia)).toEqual([
      '@setDataFrame',
      'audio 0 af 0',
      'video 0 17 0',
      'video 0 17 1',
      'audio 0 af 1',
      'video 40 27 1',
      'video 80 27 1',
    ])
    const [metadata] = messages
    expect(decodeAmf0(metadata?.payload ?? new Uint8Array(0))).toMatchObject([
      '@setDataFrame',
      'onMetaData',
      { width: 640, srs_relay_trail: 'encoder-side,me' },
    ])
    expect(options.relayTrail).toEqual(['encoder-side', 'me'])
    expect(output.status).toMatchObject({
      kind: 'forward',
      stream: 'live/demo',
      address: 'rtmp://backup.example/live/demo',
      state: 'running',
      failures: 0,
      lastError: null,
      frames: 4,
      skips: 0,
      lagMs: 0,
    })
    expect(output.status.bytes).toBeGreaterThan(100)
    await output.close()
    expect(destination.connection.isClosed).toBe(true)
    expect(output.status).toMatchObject({ state: 'closed', frames: 4 })
    expect(log.lines.map(({ message }) => message)).toEqual(['forward started', 'forward stopped'])
  })

  it('tells the servers on the way to destinations even if the publisher sends no metadata', async () => {
    write(videoHeader(0), key(0))
    forward()
    await settle()
    const [metadata] = destination.connection.messages
    expect(decodeAmf0(metadata?.payload ?? new Uint8Array(0))).toMatchObject([
      '@setDataFrame',
      'onMetaData',
      { srs_relay_trail: 'encoder-side,me' },
    ])
  })

  it('encodes once for all destinations', async () => {
    begin()
    const others = [new FakeDestination(), new FakeDestination()]
    forward()
    for (const [index, other] of others.entries()) {
      forward(`other${index}.example`, other)
    }
    await settle()
    write(inter(80))
    const counts = [...stream.formatCounters.values()]
    // Five that came before, and one.
    expect(counts.map(({ framesEncoded }) => framesEncoded)).toEqual([4])
    const got = [destination, ...others].map(({ connection }) => connection.messages.map(describeMedia))
    expect(got[1]).toEqual(got[0])
    expect(got[2]).toEqual(got[0])
    expect(stream.viewers.size).toBe(0)
  })

  it('comes back with all that a decoder needs after the connection is lost', async () => {
    begin()
    const output = forward()
    await settle()
    destination.connection.lose(new Error('reset'))
    await settle()
    expect(output.status).toMatchObject({ state: 'waiting', failures: 1, lastError: 'reset' })
    write(key(5000, 2), inter(5040))
    await vi.advanceTimersByTimeAsync(1000)
    expect(destination.connections).toHaveLength(2)
    expect(destination.connection.messages.map(describeMedia)).toEqual([
      '@setDataFrame',
      'audio 5000 af 0',
      'video 5000 17 0',
      'video 5000 17 1',
      'video 5040 27 1',
    ])
    expect(output.status).toMatchObject({ state: 'running', failures: 1, lastError: 'reset', frames: 5 })
  })

  it.each([
    [
      'is dead',
      () => Promise.reject(new Error('no connection to backup.example:1935: nothing listens there')),
    ],
    [
      'refuses',
      () => {
        const refusal = { command: 'publish', status: 'NetStream.Publish.BadName', description: 'no' }
        throw new RtmpRefusedError({ ...refusal, redirect: null, information: null })
      },
    ],
    [
      'never answers in time',
      () => new Promise<void>((_resolve, reject) => setTimeout(reject, 10_000, new Error('too late'))),
    ],
  ])(
    'tries less and less often while a destination %s, and goes on when it is there',
    async (_name, fail) => {
      begin()
      destination.onAttempt = fail
      const output = forward()
      await vi.advanceTimersByTimeAsync(3_600_000)
      expect(destination.attempts).toBeGreaterThan(3_600_000 / 26_000)
      expect(destination.attempts).toBeLessThan(3_600_000 / 15_000 + 5)
      expect(output.status).toMatchObject({ state: expect.stringMatching(/waiting|connecting/) })
      // What nobody takes is not kept.
      expect([...stream.formatCounters.values()]).toEqual([])
      destination.onAttempt = () => {}
      await vi.advanceTimersByTimeAsync(26_000)
      expect(output.status.state).toBe('running')
    },
  )

  it('disturbs nobody for an hour in which the destination closes every 2 s', async () => {
    const frames: Frame[] = []
    const player: Sink = { onFrame: (frame) => frames.push(frame), onPublishEnd: () => {}, onEnd: () => {} }
    stream.attach(player)
    destination.onConnection = (connection) => setTimeout(() => connection.lose(), 2000)
    const output = forward()
    let mostTimers = 0
    let mostWaiting = 0
    for (let at = 0; at < 3_600_000; at += 1000) {
      write(at % 10_000 === 0 ? key(at) : inter(at))
      await vi.advanceTimersByTimeAsync(1000)
      mostTimers = Math.max(mostTimers, vi.getTimerCount())
      mostWaiting = Math.max(mostWaiting, destination.connections.at(-1)?.waitingBytes ?? 0)
    }
    expect(frames).toHaveLength(3600)
    // 2 s and 15 s, but for the first few.
    expect(destination.attempts).toBeGreaterThan(205)
    expect(destination.attempts).toBeLessThan(3_600_000 / 17_000 + 5)
    expect(output.status.failures).toBeGreaterThan(200)
    expect(mostTimers).toBeLessThanOrEqual(2)
    expect(mostWaiting).toBe(0)
    expect(log.withMessage('forward failed')).toHaveLength(output.status.failures)
  })

  it('lets a slow destination skip to the newest keyframe, for itself alone', async () => {
    const other = new FakeDestination()
    const output = forward()
    forward('other.example', other)
    await settle()
    begin()
    destination.connection.block()
    const picture = (at: number) => ({
      ...inter(at),
      body: Uint8Array.from([0x27, 1, 0, 0, 0, ...Array(20_000).fill(1)]),
    })
    for (let at = 1000; at <= 30_000; at += 1000) {
      write(at % 10_000 === 0 ? key(at) : picture(at))
      await vi.advanceTimersByTimeAsync(1000)
    }
    expect(destination.connection.waitingBytes).toBeLessThan(100_000)
    expect(output.status.lagMs).toBeGreaterThanOrEqual(10_000)
    const before = destination.connection.messages.length
    destination.connection.unblock()
    await settle()
    write(inter(30_040))
    expect(output.status).toMatchObject({ state: 'running', skips: 1, lagMs: 0 })
    const after = destination.connection.messages.slice(before).map(describeMedia)
    expect(after.slice(after.indexOf('@setDataFrame'))).toEqual([
      '@setDataFrame',
      'audio 30000 af 0',
      'video 30000 17 0',
      'video 30000 17 1',
      'video 30040 27 1',
    ])
    const times = other.connection.messages.filter(({ type }) => type === MessageType.video)
    expect(times).toHaveLength(34)
  })

  it('gives a destination up that takes nothing for stallTimeoutMs, and connects anew', async () => {
    const output = forward()
    await settle()
    begin()
    destination.connection.block()
    for (let at = 1000; at <= 70_000; at += 1000) {
      write(key(at), { ...inter(at), body: new Uint8Array(20_000).fill(0x27) })
      await vi.advanceTimersByTimeAsync(1000)
    }
    expect(destination.connections[0]?.isClosed).toBe(true)
    expect(output.status).toMatchObject({ failures: 1, lastError: expect.stringContaining('stallTimeoutMs') })
    expect(destination.connections.length).toBe(2)
  })

  it('sends codecs by FourCC to who announces them, and to who announces nothing', async () => {
    const hevc = (packetType: number): Uint8Array =>
      Uint8Array.from([0x90 | packetType, ...Buffer.from('hvc1'), 0, 0, 0, 1])
    for (const fourCcs of [new Set<string>(), new Set(['hvc1']), new Set(['*'])]) {
      const to = new FakeDestination()
      to.capabilities = { ...noRtmpCapabilities, announced: fourCcs.size > 0, fourCcs }
      forward(`d${outputs.length}.example`, to)
      await settle()
      publication.write('video', 0, hevc(0))
      publication.write('video', 0, hevc(1))
      expect(to.connection.messages.filter(({ type }) => type === MessageType.video).length).toBeGreaterThan(
        0,
      )
    }
    destination.capabilities = { ...noRtmpCapabilities, announced: true, fourCcs: new Set(['av01']) }
    const refused = forward()
    await settle()
    expect(refused.status).toMatchObject({
      state: 'waiting',
      lastError: 'the server did not announce that it takes hvc1',
    })
  })

  it('shows no stream key, in errors of the other server neither', async () => {
    destination.onAttempt = () => {
      throw new Error('stream app/SECRET-KEY is busy, app/SECRET-KEY?x=1 too')
    }
    const output = forward('rtmps://live.example.com/app/SECRET-KEY?x=1')
    await settle()
    expect(output.status).toMatchObject({
      address: 'rtmps://live.example.com/app/***',
      lastError: 'stream app/*** is busy, app/*** too',
    })
    expect(JSON.stringify(log.lines)).not.toContain('SECRET')
  })

  it('ends at once while it connects or waits, and leaves nothing behind', async () => {
    destination.onAttempt = () => new Promise((resolve) => setTimeout(resolve, 5000))
    const connecting = forward()
    await settle()
    const ending = connecting.close()
    expect(destination.signal?.aborted).toBe(true)
    await vi.advanceTimersByTimeAsync(5000)
    await ending
    expect(destination.connections).toEqual([])
    destination.onAttempt = () => {
      throw new Error('no')
    }
    const waiting = forward()
    await settle()
    expect(waiting.status.state).toBe('waiting')
    await waiting.close()
    await waiting.close()
    expect(waiting.status).toMatchObject({ state: 'closed', failures: 1 })
  })
})
