import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBlocks } from '../support/docs.ts'
import { hostOf, startEdge } from '../support/edge.ts'
import { type HeldPublisher, publishWithHold } from '../support/ffmpeg.ts'
import { startNginxHttp } from '../support/nginx-http.ts'
import { FileScope, startServer, type TestServer, type TestServerOptions } from '../support/server.ts'
import { aac, audioInput, h264, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'

const FRAGMENT_MS = 1000
const SECONDS = 16
const OPTIONS: TestServerOptions = {
  streams: { atc: true },
  hls: { fragmentMs: FRAGMENT_MS, windowMs: 60_000, segmentContext: false },
}

const file = new FileScope()
let one: TestServer
let two: TestServer
/** Of both. */
let edge: TestServer
let encoder: HeldPublisher

beforeAll(async () => {
  const args = [...videoInput('160x120'), ...audioInput, ...h264({ gop: 20, bitRate: '200k' }), ...aac]
  const source = await makeFlv(await mediaFolder(file), 'source', args, SECONDS)
  one = await startServer(file, OPTIONS)
  two = await startServer(file, OPTIONS)
  edge = await startEdge(file, [hostOf(one.rtmpUrl), hostOf(two.rtmpUrl)], {}, OPTIONS)
  const urls = [one, two].map(({ rtmpUrl }) => `${rtmpUrl}/live/film`)
  // Somewhat faster than it plays, and no further than those have come who watch.
  encoder = await publishWithHold(file, source, urls, { share: 0.15, rate: 4 })
  await waitFor('the encoder', () =>
    [one, two].every(({ server }) => server.stream('live/film')?.publication),
  )
})

afterAll(() => file.clean())

/** A segment as a playlist lists it. */
type Listed = Readonly<{ number: number; seconds: string; name: string }>

async function fetchText(url: string): Promise<string> {
  const answer = await fetch(url)
  expect([url, answer.status]).toEqual([url, 200])
  return await answer.text()
}

/** Where the media playlist is. */
async function enter(httpUrl: string): Promise<string> {
  const master = await fetchText(`${httpUrl}/live/film.m3u8`)
  return `${httpUrl}/live/${master.split('\n').find((line) => line.startsWith('film.m3u8'))}`
}

async function listed(url: string): Promise<Listed[]> {
  const playlist = await fetchText(url)
  const first = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(playlist)?.[1])
  return [...playlist.matchAll(/#EXTINF:([\d.]+),\n(.+)/g)].map(([, seconds = '', name = ''], index) => ({
    number: first + index,
    seconds,
    name,
  }))
}

async function fetchBytes(url: string): Promise<Buffer> {
  return Buffer.from(await (await fetch(url)).arrayBuffer())
}

/** The packets of a transport stream without their continuity counters, which tell how many came before (ISO 13818-1, 2.4.3.3). */
function withoutCounters(bytes: Buffer): Buffer {
  for (let at = 3; at < bytes.length; at += 188) {
    bytes.writeUInt8(bytes.readUInt8(at) & 0xf0, at)
  }
  return bytes
}

describe('two origins that one FFmpeg publishes to, and an edge of theirs', () => {
  it('have the same segments of HLS, with the same numbers, whenever somebody begins to watch', async () => {
    const urls = [await enter(one.httpUrl)]
    encoder.goOn(0.4)
    await waitFor('some segments', async () => (await listed(urls[0] ?? '')).length >= 2)
    // The others are met in the middle.
    urls.push(await enter(two.httpUrl), await enter(edge.httpUrl))
    encoder.goOn()
    const enough = 6
    await waitFor('segments of all', async () => {
      const all = await Promise.all(urls.map(listed))
      return all.every((segments) => segments.length >= enough)
    })
    const [first = [], ...others] = await Promise.all(urls.map(listed))
    for (const [index, segments] of others.entries()) {
      const common = segments.filter(({ number }) => first.some((each) => each.number === number))
      expect(common.length).toBeGreaterThanOrEqual(3)
      for (const { number, seconds, name } of common) {
        const same = first.find((each) => each.number === number)
        expect([number, seconds]).toEqual([number, same?.seconds])
        const [here, there] = await Promise.all([
          fetchBytes(new URL(name, urls[index + 1]).href),
          fetchBytes(new URL(same?.name ?? '', urls[0]).href),
        ])
        expect(withoutCounters(here).equals(withoutCounters(there))).toBe(true)
      }
    }
  })

  it('are behind an nginx as cache, which asks once for each segment, and for a playlist once a second', async (scope) => {
    const [, configuration] = readBlocks('docs/edge.md', 'nginx')
    const cacheUrl = await startNginxHttp(scope, configuration?.text ?? '', one.httpUrl)
    const media = await enter(cacheUrl)
    const viewers = one.server.stream('live/film')?.viewers.size
    expect(await enter(cacheUrl)).toBe(media)
    expect(one.server.stream('live/film')?.viewers.size).toBe(viewers)
    const [segment] = await listed(media)
    const url = new URL(segment?.name ?? '', media)
    const direct = await fetchBytes(`${one.httpUrl}${url.pathname}`)
    for (const state of ['MISS', 'HIT']) {
      const answer = await fetch(url)
      expect([answer.status, answer.headers.get('x-cache')]).toEqual([200, state])
      expect(Buffer.from(await answer.arrayBuffer()).equals(direct)).toBe(true)
    }
    expect((await fetch(media)).headers.get('x-cache')).toMatch(/HIT|EXPIRED/)
    await waitFor('another playlist', async () => (await fetch(media)).headers.get('x-cache') === 'EXPIRED')
  })
})
