import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FlvTag, FlvTagReader, FlvTagType } from '../../src/media/index.ts'
import type { StreamInfo } from '../../web/src/answers.ts'
import { startBrowser } from '../support/browser.ts'
import { runTool, startTool } from '../support/ffmpeg.ts'
import { encodeFlv } from '../support/flv.ts'
import {
  currentTime,
  type OpenedPage,
  openLivePage,
  pageState,
  waitUntilPlaying,
} from '../support/live-page.ts'
import { makeMp4 } from '../support/mp4-files.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait.ts'
import { ask, CLIP } from '../support/web.ts'

/** How much later than the rest what comes late is, ms: after a page that is open by then has begun to play. */
const LATE_MS = 4000
const scope = new FileScope()
const files = new TemporaryFolder()
let live: TestServer
let browser: Browser

beforeAll(async () => {
  const vhosts = { __defaultVhost__: {}, 'a.example': {} }
  live = await startServer(scope, { http: { page: true }, streams: { lingerMs: 1000 }, vhosts })
  await live.server.publishFile('live/demo', { path: CLIP })
  await live.server.publishFile('//a.example/live/there', { path: CLIP })
  browser = await startBrowser(scope)
  scope.onTestFinished(() => files.remove())
})

afterAll(() => scope.clean())

const HAS_PICTURE_AND_SOUND = `(() => {
  const video = document.querySelector('#player')
  return video.videoWidth > 0 && video.webkitAudioDecodedByteCount > 0
})()`

/** The clip, whose sound or picture begins later than the rest; returns its path. */
async function cutBeginning(kind: 'audio' | 'video'): Promise<string> {
  const type = FlvTagType[kind]
  const kept: FlvTag[] = []
  new FlvTagReader().push(await readFile(CLIP), (tag) => {
    // Its header is the only tag of that kind that comes at once.
    const isCut = tag.type === type && tag.timestampMs < LATE_MS && kept.some((each) => each.type === type)
    if (!isCut && tag.type !== FlvTagType.script) {
      kept.push({ ...tag, body: Uint8Array.from(tag.body) })
    }
  })
  const isHeader = ({ type: of, timestampMs }: FlvTag): boolean => of === type && timestampMs < LATE_MS
  const header = kept.filter(isHeader).map((tag) => ({ ...tag, timestampMs: LATE_MS }))
  const rest = kept.filter((tag) => !isHeader(tag))
  const first = rest.findIndex((tag) => tag.timestampMs >= LATE_MS)
  const folder = files.write({ 'late.flv': encodeFlv(rest.toSpliced(first, 0, ...header)) })
  return join(folder, 'late.flv')
}

/** The clip in other codecs, or a part of it; returns its path. */
async function recode(name: string, options: readonly string[]): Promise<string> {
  const path = join(files.path, `${name}.flv`)
  await runTool('ffmpeg', ['-v', 'error', '-i', CLIP, ...options, path])
  return path
}

/** What the API tells of a stream. */
async function told(path: string): Promise<StreamInfo | undefined> {
  const { streams } = JSON.parse((await ask(`${live.httpUrl}/api/v1/streams/`)).body ?? '') as {
    streams: StreamInfo[]
  }
  return streams.find(({ url }) => url === `/${path}`)
}

function openPage(hash: string): Promise<OpenedPage> {
  return openLivePage(browser, `${live.httpUrl}/${hash}`)
}

describe('the page of a server whose API wants a password', () => {
  it('says so, plays a stream that is typed in, and lists all once the console of the same tab has been told who asks', async () => {
    const { server, httpUrl } = await startServer(scope, {
      http: { page: true },
      api: { port: 0, host: '127.0.0.1' },
      apiAccess: { auth: { username: 'srs', password: 'secret' } },
    })
    await server.publishFile('live/demo', { path: CLIP })
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    const apiPort = server.apiAddress?.port
    expect(httpUrl).not.toContain(`:${apiPort}`)
    await page.goto(`http://127.0.0.1:${apiPort}/`)
    await page.getByRole('heading', { name: 'The list of streams needs a password' }).waitFor()
    await page.getByRole('textbox', { name: 'Name of a stream' }).fill('live/demo')
    await page.keyboard.press('Enter')
    await waitUntilPlaying(page)
    await page.getByText('The list of streams needs a password').waitFor()
    await page.getByRole('link', { name: 'sign in at the console' }).click()
    await page.getByLabel('User', { exact: true }).fill('srs')
    await page.getByLabel('Password', { exact: true }).fill('secret')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await page.goto(`http://127.0.0.1:${apiPort}/`)
    await page.locator('.streams').getByRole('link', { name: 'live/demo' }).waitFor()
    expect(faults).toEqual([])
    await page.close()
  })
})

describe('the page in Chromium', () => {
  it('plays a stream of another virtual host', async () => {
    const { page, faults } = await openPage('#//a.example/live/there?via=hls')
    await waitUntilPlaying(page)
    const text = (await page.evaluate('document.body.innerText')) as string
    expect(text).toContain('a.example/live/there')
    expect(faults).toEqual([])
    await page.close()
  })

  it('lists streams as they come and go', async () => {
    const { page, faults } = await openPage('')
    const lists = async (name: string): Promise<boolean> =>
      ((await page.evaluate('document.body.innerText')) as string).includes(name)
    await waitFor('the demo is listed', () => lists('live/demo'))
    const stop = await live.server.publishFile('live/second', { path: CLIP })
    await waitFor('a new stream is listed', () => lists('live/second'))
    await stop()
    await waitFor('a stream that ended is no longer listed', async () => !(await lists('live/second')))
    expect(faults).toEqual([])
    await page.close()
  })

  it.concurrent.each(['flv', 'ws', 'hls'])(
    'goes on by itself by %s when the publisher leaves and returns',
    async (via) => {
      const path = `live/comeback-${via}`
      const stop = await live.server.publishFile(path, { path: CLIP })
      const { page, faults } = await openPage(`#/${path}?via=${via}`)
      await waitUntilPlaying(page)
      await stop()
      await waitFor('the page says that it waits', async () => (await pageState(page)) === 'waiting')
      const stopAgain = await live.server.publishFile(path, { path: CLIP })
      await waitFor('it plays again', async () => (await pageState(page)) === 'playing')
      const start = await currentTime(page)
      await waitFor('its time goes on', async () => (await currentTime(page)) > start + 1)
      await stopAgain()
      expect(faults).toEqual([])
      await page.close()
    },
  )

  it.concurrent.each(['audio', 'video'] as const)(
    'plays %s that comes long after the rest, which it has played from the start',
    async (kind) => {
      const path = `live/late-${kind}`
      const stop = await live.server.publishFile(path, { path: await cutBeginning(kind) })
      const { page, faults } = await openPage(`#/${path}?via=flv`)
      await waitUntilPlaying(page)
      await waitFor('picture and sound', () => page.evaluate(HAS_PICTURE_AND_SOUND))
      await stop()
      expect(faults).toEqual([])
      await page.close()
    },
  )

  it('says that the browser has no decoder for a codec, by name, and goes on when there is one it has', async () => {
    const stop = await live.server.publishFile('live/coded', { path: CLIP })
    const { page, faults } = await openPage('#/live/coded?via=flv')
    await waitUntilPlaying(page)
    await stop()
    const stopOther = await live.server.publishFile('live/coded', { path: await makeMp4(files.path, 'hevc') })
    await page.getByText('This browser cannot play H.265').waitFor()
    await page.evaluate("location.hash = '#/live/coded?via=hls'")
    await page.getByText('This browser cannot play H.265').waitFor()
    await page.evaluate("location.hash = '#/live/coded?via=flv'")
    await stopOther()
    const stopAgain = await live.server.publishFile('live/coded', { path: CLIP })
    await waitUntilPlaying(page)
    await stopAgain()
    expect(faults).toEqual([])
    await page.close()
  })

  it('stays paused when another publisher sends a picture beside the sound, and shows it when it goes on', async () => {
    const stop = await live.server.publishFile('live/radio', {
      path: await recode('radio', ['-vn', '-c', 'copy']),
    })
    await waitFor('its sound is known', async () => (await told('live/radio'))?.health?.audio_kbps)
    const { page, faults } = await openPage('#/live/radio?via=flv')
    await waitUntilPlaying(page)
    await page.getByRole('button', { name: 'Pause' }).press('Enter')
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
    await stop()
    const stopAgain = await live.server.publishFile('live/radio', { path: CLIP })
    await page.getByText('640 × 360').waitFor()
    expect(await page.evaluate("document.querySelector('#player').paused")).toBe(true)
    await page.getByRole('button', { name: 'Play', exact: true }).press('Enter')
    await waitFor('picture and sound', () => page.evaluate(HAS_PICTURE_AND_SOUND))
    await stopAgain()
    expect(faults).toEqual([])
    await page.close()
  })

  it('tries again when another one publishes what the browser could not play', async (test) => {
    const alaw = await recode('alaw', ['-c:v', 'copy', '-c:a', 'pcm_alaw', '-ar', '8000', '-ac', '1'])
    const stop = await live.server.publishFile('live/alaw', { path: alaw })
    const { page, faults } = await openPage('#/live/alaw?via=flv')
    await page.getByText('This browser cannot play it by HTTP-FLV').waitFor()
    await stop()
    const input = ['-v', 'error', '-re', '-stream_loop', '-1', '-i', CLIP]
    startTool(test, 'ffmpeg', [...input, '-c', 'copy', '-f', 'flv', `${live.rtmpUrl}/live/alaw`])
    await waitUntilPlaying(page)
    expect(faults).toEqual([])
    await page.close()
  })

  it('fits a phone: nothing is wider than the screen', async () => {
    const { page } = await openPage('#/live/demo?via=flv')
    await page.setViewportSize({ width: 390, height: 844 })
    await waitUntilPlaying(page)
    const overflow = (await page.evaluate(
      'document.documentElement.scrollWidth - window.innerWidth',
    )) as number
    expect(overflow).toBeLessThanOrEqual(0)
    await page.close()
  })
})
