import { describe, expect, it } from 'vitest'
import { flvTag } from '../../test/support/flv.ts'
import { FrameSink, LiveRig } from '../../test/support/live.ts'
import { idleConnection } from '../../test/support/rtmp-connection.ts'
import { DEFAULT_VHOST, ProtocolError, RejectedError } from '../base/index.ts'
import { UNWATCHED_LATENESS_MS } from '../live/index.ts'
import { type Amf0Value, decodeAmf0, encodeAmf0, encodeAmf3 } from '../media/index.ts'
import {
  type Message,
  MessageType,
  noRtmpCapabilities,
  type RtmpReceiver,
  type RtmpStreamRequest,
} from '../rtmp/index.ts'
import { publishRtmp } from './rtmp-publish.ts'

function request(path = 'live/demo'): RtmpStreamRequest {
  return {
    connect: {
      connectionId: 'c1',
      address: '192.0.2.1',
      tcUrl: 'rtmp://host/live',
      app: 'live',
      namedApp: 'live',
      vhost: 'host',
      parameters: new URLSearchParams(),
      pageUrl: 'http://page.example/',
      swfUrl: 'http://page.example/a.swf',
      flashVersion: '',
      capabilities: noRtmpCapabilities,
      objectEncoding: 0,
      relayTrail: [],
    },
    path,
    vhost: 'host',
    parameters: new URLSearchParams('token=1'),
    param: '?token=1',
    dialect: 'fmle',
  }
}

function message(type: number, timestamp: number, payload: Uint8Array): Message {
  return { type, streamId: 1, timestamp, chunkStreamId: 4, payload }
}

type Publisher = { rig: LiveRig; sink: FrameSink; receiver: RtmpReceiver; closed: string[] }

async function publish(): Promise<Publisher> {
  const rig = new LiveRig()
  const sink = new FrameSink()
  const closed: string[] = []
  rig.live.registry.open({ vhost: DEFAULT_VHOST, app: 'live', stream: 'demo' }).attach(sink)
  const receiver = await publishRtmp(
    rig.live,
    request(),
    idleConnection({ close: (reason) => closed.push(reason) }),
  )
  return { rig, sink, receiver, closed }
}

describe('An RTMP publisher', () => {
  it('is asked about and announced with all that the client said', async () => {
    const { rig } = await publish()
    expect(rig.told).toEqual(['mayPublish', 'publish'])
    for (const { request: asked } of rig.events) {
      expect(asked).toMatchObject({
        name: { vhost: DEFAULT_VHOST, app: 'live', stream: 'demo' },
        client: { id: 'c1', protocol: 'rtmp', address: '192.0.2.1', publishDialect: 'fmle' },
        vhost: 'host',
        param: '?token=1',
        tcUrl: 'rtmp://host/live',
        pageUrl: 'http://page.example/',
        swfUrl: 'http://page.example/a.swf',
      })
      expect(asked.parameters.get('token')).toBe('1')
    }
  })

  it.each([
    ['', 10 * UNWATCHED_LATENESS_MS, UNWATCHED_LATENESS_MS],
    [', and does not seem silent for it', 40, 10],
  ])('may be read late while nobody watches%s', async (_, takeoverSilenceMs, latenessMs) => {
    const { live } = new LiveRig(undefined, { streams: { takeoverSilenceMs } })
    const receiver = await publishRtmp(live, request(), idleConnection())
    expect(receiver.mayBeLateMs).toBe(latenessMs)
    const leave = live.registry
      .open({ vhost: DEFAULT_VHOST, app: 'live', stream: 'demo' })
      .attach(new FrameSink())
    expect(receiver.mayBeLateMs).toBe(0)
    leave()
    expect(receiver.mayBeLateMs).toBe(latenessMs)
    receiver.onEnd('unpublished', 'the client said so')
    expect(receiver.mayBeLateMs).toBe(0)
  })

  it('is read at once when the first comes who waits, and left alone when others do', async () => {
    const { live } = new LiveRig(undefined, { streams: { takeoverSilenceMs: 10_000 } })
    let reads = 0
    await publishRtmp(live, request(), idleConnection({ readNow: () => reads++ }))
    const stream = live.registry.open({ vhost: DEFAULT_VHOST, app: 'live', stream: 'demo' })
    const leave = stream.attach(new FrameSink())
    expect(reads).toBe(1)
    stream.attach(new FrameSink())()
    expect(reads).toBe(1)
    leave()
    stream.attach(new FrameSink())
    expect(reads).toBe(2)
  })

  it('feeds its stream from aggregate messages; a broken one is left out and counted', async () => {
    const { rig, sink, receiver } = await publish()
    const part = (type: number, time: number, body: Uint8Array): Uint8Array => {
      const header = Buffer.alloc(11)
      header.writeUInt8(type)
      header.writeUIntBE(body.length, 1, 3)
      header.writeUIntBE(time, 4, 3)
      return Buffer.concat([header, body, Buffer.alloc(4)])
    }
    const { videoHeader, key, inter } = flvTag
    receiver.onMedia(message(MessageType.video, 1000, videoHeader(0).body))
    receiver.onMedia(message(MessageType.video, 1000, key(0).body))
    const whole = Buffer.concat([
      part(MessageType.video, 7, inter(0).body),
      part(MessageType.aggregate, 7, part(MessageType.video, 7, inter(0).body)),
      part(MessageType.dataAmf0, 17, encodeAmf0('onTextData', { text: 'a' })),
      part(MessageType.video, 47, inter(0).body),
    ])
    receiver.onMedia(message(MessageType.aggregate, 1040, whole.subarray(0, -1)))
    receiver.onMedia(message(MessageType.aggregate, 1040, whole))
    const start = sink.frames[1]?.timestamp ?? 0
    expect(sink.frames.slice(1).map(({ kind, timestamp }) => [kind, timestamp - start])).toEqual([
      ['video', 0],
      ['video', 40],
      ['data', 50],
      ['video', 80],
    ])
    const stream = rig.live.registry.get({ vhost: DEFAULT_VHOST, app: 'live', stream: 'demo' })
    expect(stream?.counters.framesDropped).toBe(1)
    expect(stream?.publication?.firstDroppedReason).toMatch(/^aggregate message: need 4 bytes/)
  })

  it('takes metadata in AMF3, and counts what is broken in it', async () => {
    const { rig, receiver } = await publish()
    const amf3 = Buffer.concat([
      Uint8Array.of(0),
      encodeAmf0('@setDataFrame', 'onMetaData'),
      Uint8Array.of(0x11),
      encodeAmf3({ width: 640 }),
    ])
    receiver.onMedia(message(MessageType.dataAmf3, 0, amf3))
    const stream = rig.live.registry.get({ vhost: DEFAULT_VHOST, app: 'live', stream: 'demo' })
    expect(stream?.state.metadataProperties).toMatchObject({ width: 640 })
    receiver.onMedia(message(MessageType.dataAmf3, 0, amf3.subarray(0, -1)))
    expect(stream?.counters.framesDropped).toBe(1)
    expect(stream?.publication?.firstDroppedReason).toMatch(/^data message: need 1 bytes/)
  })

  it('feeds its stream with audio, video and metadata', async () => {
    const { sink, receiver } = await publish()
    const { videoHeader, key, audioHeader, audio, inter } = flvTag
    const metadata = encodeAmf0('@setDataFrame', 'onMetaData', { width: 640, duration: 0 })
    receiver.onMedia(message(MessageType.dataAmf0, 0, metadata))
    receiver.onMedia(message(MessageType.video, 0, videoHeader(0).body))
    receiver.onMedia(message(MessageType.audio, 0, audioHeader(0).body))
    receiver.onMedia(message(MessageType.video, 1000, key(0).body))
    receiver.onMedia(message(MessageType.audio, 1010, audio(0, 7).body))
    receiver.onMedia(message(MessageType.video, 1040, inter(0).body))
    expect(
      sink.frames.map(({ kind, timestamp, sequenceHeader }) => [kind, timestamp, sequenceHeader]),
    ).toEqual([
      ['data', 0, false],
      ['video', 0, true],
      ['audio', 0, true],
      ['video', 1000, false],
      ['audio', 1010, false],
      ['video', 1040, false],
    ])
    expect(sink.frames[4]?.body).toEqual(Uint8Array.of(0xaf, 1, 7))
  })

  it.each([
    ['AMF0', MessageType.dataAmf0, []],
    ['AMF3 behind a zero byte', MessageType.dataAmf3, [0]],
    ['AMF3 without it', MessageType.dataAmf3, []],
  ])('has its metadata taken from data messages: %s', async (_, type, prefix) => {
    const { sink, receiver } = await publish()
    const values: Amf0Value[] = ['onMetaData', { width: 640 }]
    receiver.onMedia(message(type, 5, Uint8Array.from([...prefix, ...encodeAmf0(...values)])))
    expect(decodeAmf0(sink.frames[0]?.body ?? new Uint8Array(0))).toMatchObject([
      'onMetaData',
      { width: 640 },
    ])
  })

  it.each([
    ['no AMF0, as FFmpeg’s timecode track', MessageType.dataAmf0, [0, 1, 2]],
    ['empty AMF3', MessageType.dataAmf3, [0]],
    ['an audio message without a byte', MessageType.audio, []],
    ['a video message cut short', MessageType.video, [0x17, 1]],
    ['a type of message it does not know', MessageType.aggregate, [8, 0, 0, 1]],
  ])('goes on after %s', async (_, type, payload) => {
    const { sink, receiver } = await publish()
    receiver.onMedia(message(type, 0, Uint8Array.from(payload)))
    receiver.onMedia(message(MessageType.audio, 0, flvTag.audio(0).body))
    expect(sink.frames.map(({ kind }) => kind)).toEqual(['audio'])
  })

  it.each(['unpublished', 'disconnected'] as const)('ends its publication once: %s', async (code) => {
    const { rig, sink, receiver, closed } = await publish()
    receiver.onEnd(code, 'it said so')
    receiver.onEnd('disconnected', 'again')
    receiver.onMedia(message(MessageType.audio, 0, flvTag.audio(0).body))
    expect(sink.frames).toEqual([])
    expect(sink.ends[0]).toBe(`${code}: it said so`)
    expect(rig.told).toEqual(['mayPublish', 'publish', `unpublish ${code}: it said so`])
    expect(closed).toEqual([])
  })

  it('is disconnected when its stream is ended, and what it still sends is left out', async () => {
    const { rig, sink, receiver, closed } = await publish()
    rig.live.registry.close()
    expect(closed).toEqual(['publication closed: the server is closing'])
    receiver.onMedia(message(MessageType.audio, 0, flvTag.audio(0).body))
    receiver.onEnd('disconnected', 'the connection ended')
    expect(sink.frames).toEqual([])
    expect(rig.told).toEqual(['mayPublish', 'publish', 'unpublish closed: the server is closing'])
  })

  it('gives way to another once it is silent', async () => {
    const { rig, closed } = await publish()
    const second = await publishRtmp(rig.live, request(), idleConnection())
    expect(closed).toEqual(['publication replaced: silent for 0 ms and replaced by c1 (192.0.2.1)'])
    second.onEnd('unpublished', 'done')
    expect(rig.told.filter((event) => event.startsWith('unpublish'))).toEqual([
      'unpublish replaced: silent for 0 ms and replaced by c1 (192.0.2.1)',
      'unpublish unpublished: done',
    ])
  })

  it('is refused with the reason', async () => {
    const rig = new LiveRig()
    rig.refusal = 'bad token'
    const refused = publishRtmp(rig.live, request(), idleConnection())
    await expect(refused).rejects.toThrow(new RejectedError('publish refused: bad token'))
    expect(rig.live.registry.streams).toEqual([])
  })

  it.each(['demo', '', 'live/', 'live/..', 'live/a\u0000b'])('is refused with the path %j', async (path) => {
    const rig = new LiveRig()
    await expect(publishRtmp(rig.live, request(path), idleConnection())).rejects.toThrow(ProtocolError)
    expect(rig.told).toEqual([])
  })
})
