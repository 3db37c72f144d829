import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publishWithHold } from '../support/ffmpeg.ts'
import {
  AS_STORED,
  COMMON_OF_FLV,
  COMMON_OF_TS,
  FfmpegPlayer,
  type Filters,
  HELD_BACK_OF_TS,
  readPackets,
  requireRun,
  type Track,
} from '../support/packets.ts'
import { FileScope, startServer } from '../support/server.ts'
import { aac, audioInput, h264, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'

const SECONDS = 8
const GOP = 25

type Tracks = readonly [Track] | readonly [Track, Track]
type Way = Readonly<{ extension: '' | '.flv' | '.m3u8'; sent: Filters; received: Filters }>

const RTMP: Way = { extension: '', sent: AS_STORED, received: AS_STORED }
const FLV: Way = { extension: '.flv', sent: AS_STORED, received: AS_STORED }
// See `COMMON_OF_FLV` for what is compared.
const HLS: Way = { extension: '.m3u8', sent: COMMON_OF_FLV, received: COMMON_OF_TS }
const HLS_MP3: Way = { extension: '.m3u8', sent: AS_STORED, received: AS_STORED }

const video = videoInput('160x120')
const h263 = ['-c:v', 'flv', '-g', `${GOP}`, '-b:v', '300k']
const mp3 = ['-c:a', 'libmp3lame', '-b:a', '64k']

const cases: readonly { name: string; args: readonly string[]; tracks: Tracks; ways: readonly Way[] }[] = [
  { name: 'AAC alone', args: [...audioInput, ...aac], tracks: ['a'], ways: [RTMP, FLV, HLS] },
  { name: 'MP3 alone', args: [...audioInput, ...mp3], tracks: ['a'], ways: [RTMP, FLV, HLS_MP3] },
  { name: 'H.264 alone', args: [...video, ...h264({ gop: GOP })], tracks: ['v'], ways: [RTMP, FLV, HLS] },
  {
    name: 'Sorenson H.263 with Speex',
    args: [...video, ...audioInput, ...h263, '-c:a', 'libspeex', '-ar', '16000', '-ac', '1'],
    tracks: ['v', 'a'],
    ways: [RTMP, FLV],
  },
  {
    name: 'Flash Screen Video with Nellymoser',
    args: [...video, ...audioInput, '-c:v', 'flashsv', '-g', `${GOP}`, '-c:a', 'nellymoser', '-ar', '22050'],
    tracks: ['v', 'a'],
    ways: [RTMP, FLV],
  },
]

const fileScope = new FileScope()
const sources = new Map<string, string>()
beforeAll(async () => {
  const folder = await mediaFolder(fileScope)
  for (const { name, args } of cases) {
    sources.set(name, await makeFlv(folder, name, args, SECONDS))
  }
})
afterAll(() => fileScope.clean())

describe.concurrent('FFmpeg plays what FFmpeg publishes', () => {
  it.for(cases)('$name, packet by packet', async ({ name, tracks, ways }, context) => {
    const source = sources.get(name) ?? ''
    const { server, rtmpUrl, httpUrl } = await startServer(context, { hls: { fragmentMs: 1000 } })
    const { publisher, goOn } = await publishWithHold(context, source, `${rtmpUrl}/live/clip`)
    await waitFor('a publication', () => server.stream('live/clip')?.publication)
    // Where one track is alone, FFmpeg would look for another for 5 s.
    const analysis = ['-analyzeduration', '1000000']
    const played = ways.map((way) => {
      const url = `${way.extension === '' ? rtmpUrl : httpUrl}/live/clip${way.extension}`
      // Of HLS, FFmpeg would begin with the newest there is when it has come so far.
      const inputArgs = [...(way.extension === '.m3u8' ? ['-live_start_index', '0'] : []), ...analysis]
      return { ...way, player: new FfmpegPlayer(context, { url, tracks, filters: way.received, inputArgs }) }
    })
    await waitFor('all viewers', () => server.stream('live/clip')?.viewers.size === played.length)
    goOn()
    await publisher.succeeded()
    for (const { extension, sent: filters, player } of played) {
      const heldBack = extension === '.m3u8' ? HELD_BACK_OF_TS : 0
      for (const track of tracks) {
        const sent = await readPackets(source, track, filters)
        expect(sent.length).toBeGreaterThan(100)
        await player.reachEnd(track, sent, heldBack)
        const run = requireRun(player.packets(track), sent)
        expect(run.end - run.first).toBeGreaterThan(sent.length / 2)
        expect(run.end).toBeGreaterThanOrEqual(sent.length - heldBack)
      }
      player.requireWell()
    }
  })
})
