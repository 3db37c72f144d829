import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeMessage } from '../../../test/support/describe-message.ts'
import { flvTag, type PlainTag } from '../../../test/support/flv.ts'
import { LiveRig } from '../../../test/support/live.ts'
import type { RtmpClient } from '../../../test/support/rtmp-client.ts'
import { liveTcpHandles, RtmpSessions } from '../../../test/support/rtmp-sessions.ts'
import { type Publication, parseStreamName, type Stream } from '../../live/index.ts'
import { type Amf0Value, FlvTagType } from '../../media/index.ts'
import { MessageType } from '../../rtmp/index.ts'
import { playRtmp } from './rtmp-play.ts'

const { videoHeader, audioHeader, key, inter, audio } = flvTag
const HEADERS = (at: number): string[] => [`audio ${at} on 1`, `video ${at} on 1`]

describe('An RTMP player', () => {
  let rig: LiveRig
  let sessions: RtmpSessions
  let publication: Publication
  let stream: Stream

  beforeEach(async () => {
    rig = new LiveRig()
    sessions = await RtmpSessions.listen({
      handlers: {
        play: (request, output, connection) => playRtmp(rig.live, request, output, connection),
      },
    })
    const client = { id: 'publisher', protocol: 'library', address: 'local' } as const
    const name = parseStreamName('live/demo')
    const nothing = { vhost: '', parameters: new URLSearchParams(), param: '', tcUrl: '', pageUrl: '' }
    publication = await rig.live.publish({ name, client, ...nothing }, { onRevoked: () => {} })
    stream = rig.live.registry.open(name)
    write(videoHeader(0), audioHeader(0))
  })

  afterEach(async () => {
    await sessions.close()
    rig.live.registry.close()
    await expect.poll(liveTcpHandles, { interval: 1 }).toEqual([])
  })

  function write(...tags: readonly PlainTag[]): void {
    for (const { type, timestampMs, body } of tags) {
      publication.write(type === FlvTagType.video ? 'video' : 'audio', timestampMs, body)
    }
  }

  async function player(): Promise<RtmpClient> {
    const client = await sessions.client()
    await client.play('live/demo')
    return client
  }

  /** Sends a command and waits until the server has done what it says. */
  async function say(client: RtmpClient, name: string, values: readonly Amf0Value[]): Promise<void> {
    client.command(name, [null, ...values], client.streamId)
    await client.call('_settle', [null])
  }

  /** Media since the message of that index; waits until `last` has come. */
  async function mediaUntil(client: RtmpClient, from: number, last: string): Promise<string[]> {
    await client.waitFor(last, (message) => describeMessage(message) === last, from)
    return mediaSince(client, from)
  }

  function mediaSince(client: RtmpClient, from: number): string[] {
    return client.messages
      .slice(from)
      .filter(({ type }) => type === MessageType.audio || type === MessageType.video)
      .map(describeMessage)
  }

  /** Formats that somebody has frames encoded in: a broadcast attaches itself, nothing else does here. */
  function framesEncoded(): Record<string, number> {
    return Object.fromEntries(
      [...stream.formatCounters].map(([format, counts]) => [format, counts.framesEncoded]),
    )
  }

  it('that pauses gets nothing, and plays on at the first keyframe after it, with sequence headers', async () => {
    write(key(0), inter(40))
    const client = await player()
    await mediaUntil(client, 0, 'video 40 on 1')
    await say(client, 'pause', [true, 0])
    const paused = client.messages.length
    write(inter(80), key(120), audio(130), inter(160))
    await say(client, '_settle', [])
    expect(mediaSince(client, paused)).toEqual([])
    const from = client.messages.length
    await say(client, 'pause', [false, 0])
    write(inter(200))
    expect(await mediaUntil(client, from, 'video 200 on 1')).toEqual([
      ...HEADERS(120),
      'video 120 on 1',
      'audio 130 on 1',
      'video 160 on 1',
      'video 200 on 1',
    ])
  })

  it('that plays on within the GOP it has seen waits for the next, so that time does not go back', async () => {
    write(key(0), inter(40))
    const client = await player()
    await mediaUntil(client, 0, 'video 40 on 1')
    await say(client, 'pause', [true, 0])
    const from = client.messages.length
    write(inter(80))
    await say(client, 'pause', [false, 0])
    write(inter(120), key(160))
    expect(await mediaUntil(client, from, 'video 160 on 1')).toEqual([...HEADERS(160), 'video 160 on 1'])
  })

  it('that is paused costs nothing: no frame is encoded for it, and it is still a viewer', async () => {
    write(key(0))
    const client = await player()
    await mediaUntil(client, 0, 'video 0 on 1')
    await say(client, 'pause', [true, 0])
    const before = framesEncoded()
    const sent = stream.counters.bytesSent
    write(inter(40), key(80), inter(120))
    expect(framesEncoded()).toEqual(before)
    expect(stream.counters.bytesSent).toBe(sent)
    expect(stream.viewers.size).toBe(1)
  })

  it('that is paused is closed when its stream ends, and no viewer when it leaves', async () => {
    const [stays, leaves] = [await player(), await player()]
    await say(stays, 'pause', [true, 0])
    await say(leaves, 'pause', [true, 0])
    await leaves.destroy()
    await expect.poll(() => stream.viewers.size, { interval: 1 }).toBe(1)
    stream.end({ code: 'closed', message: 'over' })
    await stays.closed
    expect(stream.viewers.size).toBe(0)
  })

  it('that wants no video gets audio alone, with its sequence header, and video again from a keyframe on', async () => {
    const client = await player()
    write(key(0), audio(10), inter(40))
    await mediaUntil(client, 0, 'video 40 on 1')
    const from = client.messages.length
    await say(client, 'receiveVideo', [false])
    write(audio(50), audio(100), key(140), audio(150), audio(200), audio(260))
    expect(await mediaUntil(client, from, 'audio 150 on 1')).toEqual([
      'audio 50 on 1',
      'audio 50 on 1',
      'audio 100 on 1',
      'audio 150 on 1',
    ])
    const again = client.messages.length
    await say(client, 'receiveVideo', [true])
    write(inter(300), key(340), inter(380))
    const media = await mediaUntil(client, again, 'video 380 on 1')
    expect(media.slice(-4)).toEqual([...HEADERS(340), 'video 340 on 1', 'video 380 on 1'])
    expect(media.filter((text) => text.startsWith('video'))).toHaveLength(3)
  })

  it('that wants no audio gets video alone; all that want the same share what is encoded', async () => {
    const players = [await player(), await player(), await player()]
    for (const client of players) {
      await say(client, 'receiveAudio', [false])
    }
    const from = players.map(({ messages }) => messages.length)
    write(key(1000), audio(1010), inter(1040))
    for (const [index, client] of players.entries()) {
      expect(await mediaUntil(client, from[index] ?? 0, 'video 1040 on 1')).toEqual([
        'video 1000 on 1',
        'video 1000 on 1',
        'video 1040 on 1',
      ])
    }
    expect(framesEncoded()['rtmp/60000/1/video']).toBe(2)
  })

  it('that wants neither gets nothing, and is still a viewer', async () => {
    const client = await player()
    await say(client, 'receiveAudio', [false])
    await say(client, 'receiveVideo', [false])
    const from = client.messages.length
    write(key(1000), audio(1010))
    await say(client, '_settle', [])
    expect(mediaSince(client, from)).toEqual([])
    expect(stream.viewers.size).toBe(1)
  })

  it('is closed when it has played for as long as it asked to, pauses not counted', async () => {
    const client = await sessions.client()
    await client.connectApp('live')
    const id = await client.createStream()
    client.command('play', [null, 'demo', -2, 200], id)
    await client.waitForStatus('NetStream.Play.Start')
    await client.call('_settle', [null])
    write(key(0), inter(100))
    client.command('pause', [null, true, 0], id)
    await client.call('_settle', [null])
    write(inter(200), inter(300))
    client.command('pause', [null, false, 0], id)
    await client.call('_settle', [null])
    write(key(400), inter(450), inter(500), inter(550))
    await client.closed
    const videos = client.messages
      .filter(({ type }) => type === MessageType.video)
      .map(({ timestamp }) => timestamp)
    expect(videos).toEqual([0, 0, 100, 400, 400, 450, 500])
    expect(stream.viewers.size).toBe(0)
  })
})
