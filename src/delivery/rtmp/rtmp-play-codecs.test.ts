import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LiveRig } from '../../../test/support/live.ts'
import type { RtmpClient, RtmpStatus } from '../../../test/support/rtmp-client.ts'
import { liveTcpHandles, RtmpSessions } from '../../../test/support/rtmp-sessions.ts'
import { type Publication, parseStreamName } from '../../live/index.ts'
import { type Amf0Object, encodeAmf0 } from '../../media/index.ts'
import { type Message, MessageType } from '../../rtmp/index.ts'
import { AUDIO_ONLY_WAIT_MS } from './codec-watch.ts'
import { defaultRtmpPlayOptions, playRtmp } from './rtmp-play.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const fourCc = (text: string) => Buffer.from(text, 'latin1').toString('hex')
const [avc1, hvc1, av01, opus] = [fourCc('avc1'), fourCc('hvc1'), fourCc('av01'), fourCc('Opus')]
const NO_TRACK = 'NetStream.Play.NoSupportedTrackFound'
const ALL: Amf0Object = { fourCcList: ['*'], capsEx: 0x06 }

describe('An RTMP player of a stream by FourCC', () => {
  let rig: LiveRig
  let sessions: RtmpSessions
  let options = defaultRtmpPlayOptions

  beforeEach(async () => {
    rig = new LiveRig()
    options = defaultRtmpPlayOptions
    sessions = await RtmpSessions.listen({
      handlers: {
        play: (request, output, connection) => playRtmp(rig.live, request, output, connection, options),
      },
    })
  })

  afterEach(async () => {
    vi.useRealTimers()
    await sessions.close()
    rig.live.registry.close()
    await expect.poll(liveTcpHandles, { interval: 1 }).toEqual([])
  })

  async function publish(): Promise<Publication> {
    const client = { id: 'publisher', protocol: 'library', address: 'local' } as const
    const name = parseStreamName('live/demo')
    const nothing = { vhost: '', parameters: new URLSearchParams(), param: '', tcUrl: '', pageUrl: '' }
    const request = { name, client, ...nothing }
    return rig.live.publish(request, { onRevoked: () => {} })
  }

  /** HEVC with Opus, or what is said. */
  async function publishEnhanced(video = `90 ${hvc1} 01`, audio = `90 ${opus} 4f`): Promise<Publication> {
    const publication = await publish()
    publication.write('video', 0, hex(video))
    publication.write('audio', 0, hex(audio))
    return publication
  }

  async function player(connectObject: Amf0Object = {}): Promise<RtmpClient> {
    const client = await sessions.client({ connectObject })
    await client.play('live/demo')
    return client
  }

  async function toldNoTrack(client: RtmpClient): Promise<RtmpStatus | undefined> {
    await client.waitForStatus(NO_TRACK)
    return client.statuses.find(({ code }) => code === NO_TRACK)
  }

  const bodies = (messages: readonly Message[]) =>
    messages.map(({ payload }) => Buffer.from(payload).toString('hex'))
  const packed = (...texts: string[]) => texts.map((text) => text.replaceAll(' ', ''))

  it('that announced nothing is told, and disconnected', async () => {
    await publishEnhanced()
    const client = await player()
    const status = await toldNoTrack(client)
    expect(status).toMatchObject({ level: 'error', streamId: 1 })
    expect(status?.description).toContain('live/demo is hevc (hvc1) with opus (Opus)')
    expect(await client.closed).toBeNull()
    expect(client.media).toEqual([])
    expect(rig.told.at(-1)).toContain('stop closed: live/demo is hevc')
    expect(rig.live.registry.get(parseStreamName('live/demo'))?.viewers.size).toBe(0)
  })

  it('that was there before the codec was known is told when it is', async () => {
    const client = await player()
    const another = await player({ fourCcList: ['av01'] })
    await publishEnhanced()
    await client.waitForStatus(NO_TRACK)
    await another.waitForStatus(NO_TRACK)
    expect(await client.closed).toBeNull()
    expect(client.media).toEqual([])
  })

  it('that was told of a codec by a publisher who has left is not sent away for it', async () => {
    const publication = await publishEnhanced()
    publication.end({ code: 'unpublished', message: 'bye' })
    const client = await player()
    const next = await publish()
    next.write('video', 0, hex('17 01 000000 aa'))
    expect(bodies(await client.waitForMedia(1))).toEqual(['1701000000aa'])
  })

  it('that announced it gets it as it was published', async () => {
    const publication = await publishEnhanced()
    const client = await player({ fourCcList: ['hvc1', 'Opus'] })
    publication.write('video', 0, hex(`91 ${hvc1} 000000 aa`))
    expect(bodies(await client.waitForMedia(3))).toEqual(
      packed(`90 ${opus} 4f`, `90 ${hvc1} 01`, `91 ${hvc1} 000000 aa`),
    )
  })

  it('that announced nothing gets it all the same if that is the option', async () => {
    options = { sendUnannouncedCodecs: true }
    const publication = await publishEnhanced()
    const client = await player()
    publication.write('video', 0, hex(`91 ${hvc1} 000000 aa`))
    expect(bodies(await client.waitForMedia(3))).toHaveLength(3)
    const announced = await player({ fourCcList: ['av01'] })
    await announced.waitForStatus(NO_TRACK)
  })

  it('that can take the video but not the audio plays without sound, and is warned once', async () => {
    const publication = await publishEnhanced('17 00 000000 01')
    const client = await player()
    expect(await toldNoTrack(client)).toMatchObject({ level: 'warning' })
    publication.write('audio', 0, hex(`91 ${opus} aa`))
    publication.write('video', 0, hex('17 01 000000 aa'))
    publication.write('video', 40, hex('27 01 000000 bb'))
    expect(bodies(await client.waitForMedia(3))).toEqual(
      packed('17 00 000000 01', '17 01 000000 aa', '27 01 000000 bb'),
    )
    expect(client.statuses.filter(({ code }) => code === NO_TRACK)).toHaveLength(1)
  })

  it('that announced other codecs only gets no audio that it did not announce', async () => {
    const client = await player({ fourCcList: ['hvc1'] })
    const publication = await publish()
    publication.writeScriptData(encodeAmf0('onMetaData', { videocodecid: 7 }))
    publication.write('audio', 0, hex(`90 ${opus} 4f`))
    publication.write('audio', 0, hex(`91 ${opus} aa`))
    publication.write('video', 0, hex('17 01 000000 aa'))
    const media = await client.waitFor('the picture', ({ type }) => type === MessageType.video)
    expect(bodies([media])).toEqual(['1701000000aa'])
    expect(client.media.filter(({ type }) => type === MessageType.audio)).toEqual([])
  })

  it('that cannot take the audio of a stream without video is told after a while, unless video comes', async () => {
    const [publication, client] = [await publish(), await player()]
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    publication.write('audio', 0, hex(`90 ${opus} 4f`))
    vi.advanceTimersByTime(AUDIO_ONLY_WAIT_MS - 1)
    expect(rig.told.at(-1)).toBe('play')
    vi.advanceTimersByTime(1)
    expect(rig.told.at(-1)).toContain('stop closed: live/demo is opus')
    vi.useRealTimers()
    expect(await toldNoTrack(client)).toMatchObject({ level: 'error' })

    const second = await player()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    publication.write('video', 0, hex('17 01 000000 aa'))
    vi.advanceTimersByTime(AUDIO_ONLY_WAIT_MS)
    vi.useRealTimers()
    await second.waitForMedia(1)
    expect(second.open).toBe(true)
  })

  it('gets H.264 by FourCC classic, unless it announced all that have a classic form', async () => {
    const publication = await publishEnhanced(`90 ${avc1} 01`, `90 ${fourCc('mp4a')} 1210`)
    const classic = await player()
    const enhanced = await player({ fourCcList: ['avc1', 'mp4a', '.mp3'] })
    publication.write('video', 0, hex(`93 ${avc1} aa`))
    expect(bodies(await classic.waitForMedia(3))).toEqual(
      packed('af 00 1210', '17 00 000000 01', '17 01 000000 aa'),
    )
    expect(bodies(await enhanced.waitForMedia(3))).toEqual(
      packed(`90 ${fourCc('mp4a')} 1210`, `90 ${avc1} 01`, `93 ${avc1} aa`),
    )
  })

  it('gets every track if it announced that it reads them, else the default one; each form is encoded once', async () => {
    const track = (payload: string, id: number) => `0${id} 000001 ${payload}`
    const publication = await publish()
    publication.write('video', 0, hex(`96 10 ${av01} ${track('01', 0)} ${track('02', 1)}`))
    publication.write('video', 0, hex(`94 ${av01} 02`))
    const reading = [await player(ALL), await player(ALL)]
    const plain = await player({ fourCcList: ['av01'] })
    publication.write('video', 0, hex(`96 11 ${av01} ${track('aa', 0)} ${track('bb', 1)}`))
    publication.write('video', 40, hex(`a7 02 000001 06 11 ${av01} ${track('cc', 0)} ${track('dd', 1)}`))
    publication.write('video', 80, hex('d1 00'))
    publication.write('video', 80, hex(`92 ${av01}`))
    for (const client of reading) {
      expect(bodies(await client.waitForMedia(9))).toEqual(
        packed(
          `90 ${av01} 01`,
          `96 00 ${av01} 01 02`,
          `94 ${av01} 02`,
          `91 ${av01} aa`,
          `96 01 ${av01} 01 bb`,
          `a7 02 000001 01 ${av01} cc`,
          `a7 02 000001 06 01 ${av01} 01 dd`,
          'd1 00',
          `92 ${av01}`,
        ),
      )
    }
    expect(bodies(await plain.waitForMedia(6))).toEqual(
      packed(`90 ${av01} 01`, `94 ${av01} 02`, `91 ${av01} aa`, `a1 ${av01} cc`, 'd1 00', `92 ${av01}`),
    )
    const counters = rig.live.registry.get(parseStreamName('live/demo'))?.formatCounters ?? new Map()
    expect(Object.fromEntries([...counters].map(([key, { framesEncoded }]) => [key, framesEncoded]))).toEqual(
      {
        'rtmp/60000/1/video+audio+all+multitrack+modEx': 6,
        'rtmp/60000/1/video+audio': 4,
      },
    )
  })
})
