import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MediaPacket, RtmpPlayer, RtmpPublisher } from '../../src/index.ts'
import { mediaOf, readLike, readPacketsOf } from '../support/clip.ts'
import { startTool } from '../support/ffmpeg.ts'
import { startNginxRtmp } from '../support/nginx-rtmp.ts'
import { startNodeMediaServer } from '../support/node-media-server.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { CLIP } from '../support/web.ts'

const fileScope = new FileScope()
/** Publishes to the others what comes to its virtual hosts. */
let first: TestServer
let last: TestServer
let nginxUrl: string
let nodeMediaServerUrl: string
beforeAll(async () => {
  last = await startServer(fileScope)
  first = await startServer(fileScope)
  nginxUrl = await startNginxRtmp(fileScope, {
    onward: `push ${last.rtmpUrl}/live;`,
    // Metadata is passed on as it came; connect is nginx's own.
    back: `meta copy; push ${first.rtmpUrl}/other;`,
  })
  nodeMediaServerUrl = (await startNodeMediaServer(fileScope)).rtmpUrl
  const forward = (...destinations: string[]) => ({ forward: { destinations } })
  await first.server.reload({
    ...first.server.settings,
    vhosts: {
      __defaultVhost__: {},
      'two.example': forward(`${nginxUrl}/live/[stream]`, `${nodeMediaServerUrl}/live/[stream]`),
      'onward.example': forward(`${nginxUrl}/onward/[stream]`),
      'loop.example': forward(`${nginxUrl}/back/[stream]`),
    },
  })
})
afterAll(() => fileScope.clean())

/** Reads until somebody has read so many packets of media. */
async function read(player: RtmpPlayer, like: readonly MediaPacket[]): Promise<ReturnType<typeof mediaOf>> {
  return mediaOf(await readLike(player, like))
}

describe('a stream that is forwarded', () => {
  it('is at nginx and node-media-server what FFmpeg has published here, times and all', async (scope) => {
    const clip = await readPacketsOf(3)
    const urls = [
      `${first.rtmpUrl}/live/ffmpeg?vhost=two.example`,
      `${nginxUrl}/live/ffmpeg`,
      `${nodeMediaServerUrl}/live/ffmpeg`,
    ]
    const ffmpeg = startTool(scope, 'ffmpeg', [
      '-v',
      'error',
      '-re',
      '-i',
      CLIP,
      '-t',
      '4',
      '-c',
      'copy',
      '-f',
      'flv',
      urls[0] ?? '',
    ])
    await waitFor('two ways', () => first.log.withMessage('forward started').length >= 2)
    const readings = await Promise.all(
      urls.map(async (url) => {
        const player = await RtmpPlayer.play(url)
        return await read(player, clip.slice(0, -30))
      }),
    )
    const [here, ...there] = readings
    for (const got of there) {
      for (const kind of ['audio', 'video'] as const) {
        // Players begin where they like: what both have is compared.
        const times = new Map(here?.[kind].map((tag) => [tag.dts, tag]))
        const common = got[kind].filter(({ dts, isMedia }) => times.has(dts) && isMedia && dts > 0)
        expect(common.length).toBeGreaterThan(30)
        expect(common).toEqual(common.map(({ dts }) => times.get(dts)))
      }
    }
    void ffmpeg
  })

  it('comes over two hops as it was published, nginx being the one between', async () => {
    const clip = await readPacketsOf(4)
    const player = await RtmpPlayer.play(`${last.rtmpUrl}/live/chain`, { idleTimeoutMs: 0 })
    const reading = read(player, clip)
    const publisher = await RtmpPublisher.publish(`${first.rtmpUrl}/live/chain?vhost=onward.example`)
    await waitFor('nginx has pushed it', () => last.server.stream('live/chain')?.publication != null)
    for (const packet of clip) {
      await publisher.write(packet)
    }
    await publisher.close()
    expect(await reading).toEqual(mediaOf(clip))
  })

  it('does not come back through nginx, which drops what connect says', async () => {
    const clip = await readPacketsOf(4)
    const publisher = await RtmpPublisher.publish(`${first.rtmpUrl}/live/loop?vhost=loop.example`)
    await waitFor('nginx has pushed it', () => first.server.stream('other/loop')?.publication != null)
    for (const packet of clip) {
      await publisher.write(packet)
    }
    const loops = () =>
      first.log.withMessage('publish refused').filter(({ fields }) => fields.code === 'relay_loop')
    await waitFor(
      () => `it is refused: ${JSON.stringify(first.log.lines.slice(-8))}`,
      () => loops().length > 0,
      20_000,
    )
    expect(loops()[0]?.fields).toMatchObject({ stream: 'other/loop', link: 'relay' })
    await publisher.close()
  })
})
