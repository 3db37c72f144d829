import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeMessage } from '../../../test/support/describe-message.ts'
import { flvTag, type PlainTag } from '../../../test/support/flv.ts'
import { LiveRig } from '../../../test/support/live.ts'
import type { RtmpClient } from '../../../test/support/rtmp-client.ts'
import { liveTcpHandles, RtmpSessions } from '../../../test/support/rtmp-sessions.ts'
import { type Publication, parseStreamName } from '../../live/index.ts'
import { encodeAmf0, FlvTagType } from '../../media/index.ts'
import { playRtmp } from './rtmp-play.ts'

const { videoHeader, audioHeader, key, inter, audio } = flvTag

describe('An RTMP player', () => {
  let rig: LiveRig
  let sessions: RtmpSessions

  beforeEach(async () => {
    rig = new LiveRig()
    sessions = await RtmpSessions.listen({
      handlers: {
        play: (request, output, connection) => playRtmp(rig.live, request, output, connection),
      },
    })
  })

  afterEach(async () => {
    await sessions.close()
    rig.live.registry.close()
    expect(rig.events.filter(({ event }) => event === 'play')).toHaveLength(
      rig.events.filter(({ event }) => event === 'stop').length,
    )
    await expect.poll(liveTcpHandles, { interval: 1 }).toEqual([])
  })

  async function publish(path = 'live/demo'): Promise<Publication> {
    const client = { id: 'publisher', protocol: 'library', address: 'local' } as const
    const name = parseStreamName(path)
    const nothing = { vhost: '', parameters: new URLSearchParams(), param: '', tcUrl: '', pageUrl: '' }
    const publication = await rig.live.publish({ name, client, ...nothing }, { onRevoked: () => {} })
    publication.writeScriptData(encodeAmf0('@setDataFrame', 'onMetaData', { width: 640 }))
    write(publication, videoHeader(0), audioHeader(0))
    return publication
  }

  function write(publication: Publication, ...tags: readonly PlainTag[]): void {
    for (const { type, timestampMs, body } of tags) {
      publication.write(type === FlvTagType.video ? 'video' : 'audio', timestampMs, body)
    }
  }

  async function player(path = 'live/demo'): Promise<RtmpClient> {
    const client = await sessions.client()
    await client.play(path)
    return client
  }

  function streamOf(path = 'live/demo') {
    return rig.live.registry.get(parseStreamName(path))
  }

  const PRELUDE = 'data onMetaData {} on 1'

  it('that comes first waits, and gets all from the first keyframe on', async () => {
    const client = await player()
    const publication = await publish()
    write(publication, key(40), audio(50), inter(80))
    const media = await client.waitForMedia(6)
    expect(media.map(describeMessage)).toEqual([
      PRELUDE,
      'audio 40 on 1',
      'video 40 on 1',
      'video 40 on 1',
      'audio 50 on 1',
      'video 80 on 1',
    ])
    expect(media.slice(1, 4).map(({ payload }) => payload[1])).toEqual([0, 0, 1])
  })

  it('that comes late gets the GOP, then what is new', async () => {
    const publication = await publish()
    write(publication, key(0), inter(40), key(80), audio(90), inter(120))
    const client = await player()
    write(publication, inter(160))
    const received: string[] = []
    for await (const message of client) {
      received.push(describeMessage(message))
      if (received.at(-1) === 'video 160 on 1') {
        break
      }
    }
    expect(received.slice(-7)).toEqual([
      PRELUDE,
      'audio 80 on 1',
      'video 80 on 1',
      'video 80 on 1',
      'audio 90 on 1',
      'video 120 on 1',
      'video 160 on 1',
    ])
  })

  it('is asked about and announced with all that the client said', async () => {
    await player('live/demo?vhost=demo.example&token=1')
    expect(rig.told).toEqual(['mayPlay', 'play'])
    for (const { request } of rig.events) {
      expect(request).toMatchObject({
        name: { app: 'live', stream: 'demo' },
        client: { id: 'test-1', protocol: 'rtmp', address: '127.0.0.1' },
        vhost: 'demo.example',
        param: '?vhost=demo.example&token=1',
        tcUrl: `${sessions.url}/live`,
      })
      expect(request.parameters.get('token')).toBe('1')
    }
    expect(streamOf()?.viewers.size).toBe(1)
  })

  it('that leaves is no viewer any more', async () => {
    const publication = await publish()
    const client = await player()
    expect(streamOf()?.viewers.size).toBe(1)
    await client.destroy()
    await sessions.untilClosed()
    expect(streamOf()?.viewers.size).toBe(0)
    expect(rig.told.at(-1)).toMatch(/^stop disconnected: /)
    const framesEncoded = (): number | undefined =>
      streamOf()?.formatCounters.get('rtmp/60000/1')?.framesEncoded
    const before = framesEncoded()
    write(publication, key(0))
    expect(before).toBe(0)
    expect(framesEncoded()).toBe(0)
  })

  it('shares what is encoded with all others on the same message stream', async () => {
    const publication = await publish()
    const clients = [await player(), await player(), await player()]
    write(publication, key(0), inter(40))
    for (const client of clients) {
      await client.waitForMedia(5)
    }
    expect(streamOf()?.formatCounters.get('rtmp/60000/1')?.framesEncoded).toBe(2)
    expect([...(streamOf()?.formatCounters.keys() ?? [])]).toEqual(['rtmp/60000/1'])
  })

  it('stays when its publisher leaves, and gets the next one’s media', async () => {
    const first = await publish()
    const client = await player()
    write(first, key(0))
    await client.waitForMedia(4)
    first.end({ code: 'unpublished', message: 'bye' })
    const second = await publish()
    write(second, key(5000))
    await client.waitFor('its picture', (message) => describeMessage(message) === 'video 10 on 1')
    expect(client.open).toBe(true)
    expect(client.media.slice(4).map(describeMessage)[0]).toBe(PRELUDE)
  })

  it('is disconnected when its stream is over', async () => {
    await publish()
    const client = await player()
    rig.live.registry.close()
    expect(await client.closed).toBeNull()
    expect(client.messages.map(describeMessage).slice(-3)).toEqual([
      'UserControl 1 1',
      'onStatus NetStream.Play.UnpublishNotify on 1',
      'onStatus NetStream.Play.Stop on 1',
    ])
    expect((await sessions.untilClosed()).fields.reason).toBe('the server is closing')
    expect(rig.told.filter((event) => event.startsWith('stop'))).toEqual([
      'stop closed: the server is closing',
    ])
  })

  it('that closes its stream and plays another gets that one’s media only', async () => {
    const one = await publish('live/one')
    const two = await publish('live/two')
    const client = await player('live/one')
    write(one, key(0))
    await client.waitForMedia(4)
    client.command('closeStream', [null], 1)
    const from = client.messages.length
    client.command('play', [null, 'two'], 1)
    await client.waitForStatus('NetStream.Play.Start', from)
    write(one, key(40))
    write(two, key(1000))
    const media = await client.waitForMedia(8)
    expect(media.slice(4).map(describeMessage)).toEqual([
      PRELUDE,
      'audio 1000 on 1',
      'video 1000 on 1',
      'video 1000 on 1',
    ])
    expect(streamOf('live/one')?.viewers.size).toBe(0)
  })

  it('may play two streams on one connection, and leave one of them', async () => {
    const one = await publish('live/one')
    const two = await publish('live/two')
    const client = await player('live/one')
    await client.play('live/two')
    write(one, key(0))
    write(two, key(500))
    const media = await client.waitForMedia(8)
    expect(media.map(describeMessage)).toContain('video 0 on 1')
    expect(media.map(describeMessage)).toContain('video 500 on 2')
    client.command('deleteStream', [null, 2])
    await client.call('_settle', [null])
    write(two, key(540))
    write(one, key(40))
    const last = await client.waitForMedia(9)
    expect(last.slice(8).map(describeMessage)).toEqual(['video 40 on 1'])
  })

  it('is refused with the reason', async () => {
    rig.refusal = 'bad token'
    await expect(player()).rejects.toThrow('NetStream.Play.Failed: play refused: bad token')
    expect(rig.told).toEqual(['mayPlay', 'refused'])
    expect(rig.live.registry.streams).toEqual([])
  })

  it('that names no stream is refused', async () => {
    await expect(player('live/..')).rejects.toThrow("'live/..' names no stream")
    expect(rig.told).toEqual([])
  })
})
