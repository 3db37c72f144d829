import { expect, it } from 'vitest'
import { publishWithHold } from '../support/ffmpeg.ts'
import {
  AS_STORED,
  COMMON_OF_FLV,
  COMMON_OF_TS,
  FfmpegPlayer,
  readPackets,
  requireRun,
} from '../support/packets.ts'
import { startServer } from '../support/server.ts'
import { aac, audioInput, h264, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'

const SECONDS = 8
const VHOSTS = ['a.example', 'b.example']

it('FFmpeg publishes the same name in two virtual hosts, and each player gets that of its own, over RTMP, FLV and HLS', async (context) => {
  const vhosts = Object.fromEntries(VHOSTS.map((name) => [name, { hls: { fragmentMs: 400 } }]))
  const { server, rtmpUrl, httpUrl } = await startServer(context, { vhosts })
  const folder = await mediaFolder(context)
  const sources = await Promise.all(
    VHOSTS.map((name, index) => {
      const inputs = [...videoInput(index === 0 ? '160x120' : '176x144'), ...audioInput]
      return makeFlv(folder, name, [...inputs, ...h264({ gop: 10, bitRate: '100k' }), ...aac], SECONDS)
    }),
  )
  const publishers = await Promise.all(
    VHOSTS.map((name, index) =>
      publishWithHold(context, sources[index] ?? '', `${rtmpUrl}/live?vhost=${name}/demo`),
    ),
  )
  await Promise.all(
    VHOSTS.map((name) =>
      waitFor(`a picture in ${name}`, () => server.stream(`//${name}/live/demo`)?.state.hasVideo),
    ),
  )
  const played = VHOSTS.flatMap((name, index) => {
    const source = sources[index] ?? ''
    const host = ['-headers', `Host: ${name}\r\n`]
    return [
      { source, filters: AS_STORED, options: { url: `${rtmpUrl}/live?vhost=${name}/demo` } },
      { source, filters: AS_STORED, options: { url: `${httpUrl}/live/demo.flv`, inputArgs: host } },
      { source, filters: AS_STORED, options: { url: `${httpUrl}/live/demo.flv?vhost=${name}` } },
      { source, filters: COMMON_OF_TS, options: { url: `${httpUrl}/live/demo.m3u8?vhost=${name}` } },
    ]
  })
  const players = played.map(({ filters, options }) => {
    return new FfmpegPlayer(context, { ...options, filters, tracks: ['v'] })
  })
  await waitFor('all viewers', () =>
    VHOSTS.every((name) => server.stream(`//${name}/live/demo`)?.viewers.size === 4),
  )
  for (const { goOn } of publishers) {
    goOn()
  }
  await Promise.all(
    played.map(async ({ source, filters, options }, index) => {
      const player = players[index] ?? expect.fail('no player')
      await player.atLeast('v', 20)
      const sent = await readPackets(source, 'v', filters === COMMON_OF_TS ? COMMON_OF_FLV : AS_STORED)
      const { first, end } = requireRun(player.packets('v'), sent)
      expect(end - first, options.url).toBeGreaterThanOrEqual(20)
    }),
  )
})
