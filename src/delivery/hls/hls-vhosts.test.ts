import { describe, expect, it } from 'vitest'
import { ALL_HEADERS, segmenterOf, shape, steady } from '../../../test/support/hls.ts'
import { answerBy, httpRequest } from '../../../test/support/http-requests.ts'
import { LiveRig, stillClock } from '../../../test/support/live.ts'
import { silentLogger } from '../../base/index.ts'
import { type HttpReply, HttpRouter } from '../../http/index.ts'
import { defaultVhost, type Frame, parseStreamName, Vhosts } from '../../live/index.ts'
import { DEFAULT_HLS_OPTIONS, HlsRoutes, type HlsVhost } from './index.ts'

type Answered = Readonly<{ status: number; body: string }>

/** HLS routes without a network; the virtual hosts are in the test's hands. */
class RoutesRig {
  readonly live = new LiveRig()
  readonly vhosts = new Vhosts<HlsVhost>([{ ...defaultVhost, hls: DEFAULT_HLS_OPTIONS }])
  readonly routes: HlsRoutes
  readonly #router = new HttpRouter()

  constructor() {
    this.routes = new HlsRoutes({
      http: this.#router,
      live: this.live.live,
      vhosts: this.vhosts,
      clock: stillClock,
      logger: silentLogger,
      nextClientId: () => 'viewer',
      trusts: () => false,
    })
  }

  async get(url: string): Promise<Answered> {
    const [path = '', query = ''] = url.split('?')
    const request = httpRequest(path, { parameters: new URLSearchParams(query) })
    let answered: Answered | null = null
    const answer = (status: number, body: Parameters<HttpReply['send']>[2]): void => {
      answered = { status, body: String(body) }
    }
    const reply: HttpReply = {
      closed: false,
      onClose: () => {},
      send: (status, _type, body) => answer(status, body),
      stream: () => {
        throw new Error('HLS has no endless bodies')
      },
      missing: (message) => answer(404, message),
    }
    await answerBy(this.#router, request, reply)
    return answered ?? { status: 0, body: '' }
  }

  async publish(): Promise<(frames: readonly Frame[]) => void> {
    const name = parseStreamName('live/demo')
    const client = { id: 'p1', protocol: 'rtmp', address: '192.0.2.1' } as const
    const nothing = { vhost: '', parameters: new URLSearchParams(), param: '', tcUrl: '', pageUrl: '' }
    const publication = await this.live.live.publish({ name, client, ...nothing }, { onRevoked: () => {} })
    return (frames) => {
      for (const { kind, timestamp, body } of frames) {
        publication.write(kind === 'audio' ? 'audio' : 'video', timestamp, body)
      }
    }
  }

  close(): void {
    this.routes.close()
    this.live.live.registry.close()
  }
}

describe('HLS of a virtual host whose settings change', () => {
  it('lets who watches go when it is switched off, and serves again when it is on', async () => {
    const rig = new RoutesRig()
    const write = await rig.publish()
    const master = await rig.get('live/demo.m3u8')
    const media = `live/${/^demo\.m3u8.*$/m.exec(master.body)?.[0]}`
    write([...ALL_HEADERS, ...steady({ to: 6000, gop: 400 })])
    expect((await rig.get(media)).status).toBe(200)
    rig.vhosts.replace([{ ...defaultVhost, hls: null }])
    rig.routes.update()
    expect(rig.live.told.at(-1)).toBe('stop closed: HLS is switched off for __defaultVhost__ (hls.enabled)')
    expect(await rig.get(media)).toEqual({
      status: 404,
      body: 'HLS is switched off for __defaultVhost__ (hls.enabled)\n',
    })
    expect((await rig.get('live/demo.m3u8')).status).toBe(404)
    rig.vhosts.replace([{ ...defaultVhost, hls: DEFAULT_HLS_OPTIONS }])
    rig.routes.update()
    expect((await rig.get('live/demo.m3u8')).status).toBe(200)
    rig.close()
  })

  it('goes on with other lengths for who watches, without a discontinuity', async () => {
    const rig = new RoutesRig()
    const write = await rig.publish()
    const master = await rig.get('live/demo.m3u8')
    const media = `live/${/^demo\.m3u8.*$/m.exec(master.body)?.[0]}`
    write([...ALL_HEADERS, ...steady({ to: 4000, gop: 400 })])
    rig.vhosts.replace([{ ...defaultVhost, hls: { ...DEFAULT_HLS_OPTIONS, fragmentMs: 400 } }])
    rig.routes.update()
    write(steady({ from: 4000, to: 6000, gop: 400 }))
    const { body } = await rig.get(media)
    const lengths = [...body.matchAll(/#EXTINF:([\d.]+)/g)].map(([, length]) => Number(length))
    expect(lengths.slice(0, 2)).toEqual([2, 2])
    expect(lengths.slice(2)).toEqual([0.4, 0.4, 0.4, 0.4])
    expect(body.match(/^#EXT-X-DISCONTINUITY$/gm) ?? []).toHaveLength(1)
    expect(rig.live.told.filter((told) => told.startsWith('stop'))).toEqual([])
    rig.close()
  })

  it('keeps what the window of before lists until the next segment', () => {
    const segmenter = segmenterOf([...ALL_HEADERS, ...steady({ to: 8000, gop: 400 })], {
      options: { fragmentMs: 400 },
    })
    const before = shape(segmenter).split(' ').length
    segmenter.update({ ...DEFAULT_HLS_OPTIONS, fragmentMs: 400, windowMs: 1000 })
    expect(shape(segmenter).split(' ')).toHaveLength(before)
    for (const frame of steady({ from: 8000, to: 8800, gop: 400 })) {
      segmenter.onFrame(frame)
    }
    expect(shape(segmenter).split(' ').length).toBeLessThan(before / 2)
  })
})
