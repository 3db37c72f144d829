import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { startTool } from '../support/ffmpeg.ts'
import { FileScope, type Scope, startServer, type TestServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { CLIP, publishClip } from '../support/web.ts'

/** One more than a browser opens HTTP connections to a server. */
const PATHS = ['/live/a', '/live/b', '/live/c', '/live/d', '/live/e', '/live/f', '//a.example/show/g']
const scope = new FileScope()
let live: TestServer
let other: TestServer
let browser: Browser

beforeAll(async () => {
  const vhosts = { __defaultVhost__: {}, 'a.example': {} }
  live = await startServer(scope, { http: { page: true }, streams: { lingerMs: 100 }, vhosts })
  other = await startServer(scope)
  for (const path of PATHS) {
    await publishClip(live.server, path.replace(/^\/(?!\/)/, ''))
  }
  await publishClip(other.server, 'live/there')
  browser = await startBrowser(scope)
})
afterAll(() => scope.clean())

type OpenedWall = Readonly<{ page: Page; faults: string[]; requests: { host: string; headers: object }[] }>

async function openWall(
  test: Scope,
  address: string,
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<OpenedWall> {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 1000 },
    reducedMotion: 'reduce',
    ...options,
  })
  test.onTestFinished(() => page.close())
  const faults: string[] = []
  const requests: OpenedWall['requests'] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('request', (request) => {
    requests.push({ host: new URL(request.url()).host, headers: request.headers() })
  })
  page.on('websocket', (socket) => requests.push({ host: new URL(socket.url()).host, headers: {} }))
  await page.goto(`${live.httpUrl}/${address}`)
  return { page, faults, requests }
}

/** The tile of a stream. */
function tile(page: Page, path: string): ReturnType<Page['locator']> {
  return page.locator(`.wall-tile[data-path="${path}"]`)
}

/** Waits until a tile plays and its picture has moved on. */
async function waitUntilMoving(page: Page, path: string): Promise<void> {
  const frames = (): Promise<number> =>
    page.evaluate(
      `document.querySelector('.wall-tile[data-path="${path}"] video').getVideoPlaybackQuality().totalVideoFrames`,
    )
  await tile(page, path).and(page.locator('[data-state=playing]')).waitFor()
  const before = await frames()
  await waitFor(`${path} moves`, async () => (await frames()) > before)
}

const SILENCE = { muted: true, decoded: false }

/** Whether the video of a tile is muted, and whether any sound of it was decoded. */
function soundOf(page: Page, path: string): Promise<typeof SILENCE> {
  return page.evaluate(`(() => {
    const video = document.querySelector('.wall-tile[data-path="${path}"] video')
    return { muted: video.muted, decoded: video.webkitAudioDecodedByteCount > 0 }
  })()`)
}

describe('the wall', () => {
  it('plays all streams at once, without sound, and says of each what it is', async (test) => {
    const { page, faults, requests } = await openWall(test, '#/wall')
    for (const path of PATHS) {
      await waitUntilMoving(page, path)
    }
    const text = await tile(page, '/live/a').innerText()
    expect(text).toContain('live/a')
    expect(text).toMatch(/640 × 360\s+H\.264 High 3\s+/)
    await tile(page, '/live/a')
      .getByText(/\d\.\d s behind/)
      .waitFor()
    for (const path of PATHS) {
      expect(await soundOf(page, path)).toEqual(SILENCE)
    }
    expect(new Set(requests.map(({ host }) => host))).toEqual(new Set([new URL(live.httpUrl).host]))
    expect(faults).toEqual([])
  })
})

// When the page with many videos is gone: they all have the same two cores.
describe.concurrent('the wall', () => {
  it('shows a stream that comes, and that one which goes is waited for', async (test) => {
    const { page, faults } = await openWall(test, '#/wall/coming')
    await page.getByText('Nothing is live.').waitFor()
    const stop = await publishClip(live.server, 'coming/soon')
    await waitUntilMoving(page, '/coming/soon')
    // Although it was opened before the server knew that it has a picture.
    expect(await soundOf(page, '/coming/soon')).toEqual(SILENCE)
    await stop()
    await tile(page, '/coming/soon').getByText('Waiting for the publisher').waitFor()
    const stopAgain = await publishClip(live.server, 'coming/soon')
    await waitUntilMoving(page, '/coming/soon')
    expect(await soundOf(page, '/coming/soon')).toEqual(SILENCE)
    await stopAgain()
    expect(faults).toEqual([])
  })

  it('plays the sound of a stream that turns out to have nothing else, muted', async (test) => {
    const { page, faults } = await openWall(test, '#/wall/radio')
    await page.getByText('Nothing is live.').waitFor()
    const url = `${live.rtmpUrl}/radio/news`
    // It has no end: a browser that is busy comes late.
    const input = ['-v', 'error', '-re', '-stream_loop', '-1', '-i', CLIP]
    startTool(test, 'ffmpeg', [...input, '-vn', '-c', 'copy', '-f', 'flv', url])
    await tile(page, '/radio/news').and(page.locator('[data-state=playing]')).waitFor()
    await tile(page, '/radio/news').getByText('sound only').waitFor()
    await waitFor('its sound is decoded', async () => (await soundOf(page, '/radio/news')).decoded)
    expect(await soundOf(page, '/radio/news')).toEqual({ muted: true, decoded: true })
    expect(faults).toEqual([])
  })

  it('leads by keyboard to a choice of streams, and to the page of one', async (test) => {
    const { page } = await openWall(test, '#/wall/live/a')
    await tile(page, '/live/a').waitFor()
    await page.getByRole('link', { name: /^a\.example\/show/ }).press('Enter')
    await tile(page, '/live/a').waitFor({ state: 'detached' })
    expect(await page.evaluate('location.hash')).toBe('#/wall//a.example/show')
    await page.getByRole('link', { name: /^a\.example\/show\/g/ }).press('Enter')
    await page.getByRole('heading', { name: 'g', exact: true }).waitFor()
    expect(await page.evaluate('location.hash')).toBe('#//a.example/show/g?via=flv')
  })

  it('shows the streams of another server, too, and tells it no password', async (test) => {
    const { page, faults, requests } = await openWall(
      test,
      `#/wall/live/there?server=${other.httpUrl}&server=nowhere`,
    )
    // As the console leaves it.
    await page.evaluate("sessionStorage.setItem('srs-console-authorization', 'Basic c2VjcmV0')")
    await page.reload()
    await page.getByText('nowhere is not the address of a server').waitFor()
    await waitUntilMoving(page, '/live/there')
    const hosts = [live.httpUrl, other.httpUrl].map((url) => new URL(url).host)
    expect(new Set(requests.map(({ host }) => host))).toEqual(new Set(hosts))
    const told = requests.filter(({ headers }) => 'authorization' in headers).map(({ host }) => host)
    expect(new Set(told)).toEqual(new Set([hosts[0]]))
    expect(faults).toEqual([])
  })

  it.each([
    { colorScheme: 'light', viewport: { width: 1280, height: 1000 } },
    { colorScheme: 'dark', viewport: { width: 360, height: 740 } },
  ] as const)('has no serious fault for axe-core, and is no wider than the window: %o', async (options) => {
    const { page } = await openWall(
      scope,
      `#/wall/live/there?server=${other.httpUrl}&server=nowhere`,
      options,
    )
    await tile(page, '/live/there').waitFor()
    // With all that is said in place of pictures, too.
    await page.getByText('Nothing is live.').waitFor()
    await page.getByText('nowhere is not the address of a server').waitFor()
    await page.evaluate(axe.source)
    const found: axe.AxeResults = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`)).toEqual([])
    expect(await page.evaluate('Math.max(0, document.documentElement.scrollWidth - window.innerWidth)')).toBe(
      0,
    )
  })
})
