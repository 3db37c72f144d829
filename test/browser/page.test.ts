import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import {
  currentTime,
  type OpenedPage,
  openLivePage,
  pageState,
  waitUntilPlaying,
} from '../support/live-page.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { CLIP } from '../support/web.ts'

const scope = new FileScope()
let live: TestServer
let browser: Browser

beforeAll(async () => {
  const vhosts = { __defaultVhost__: {}, 'a.example': {} }
  live = await startServer(scope, { http: { page: true }, streams: { lingerMs: 1000 }, vhosts })
  await live.server.publishFile('live/demo', { path: CLIP })
  await live.server.publishFile('//a.example/live/there', { path: CLIP })
  browser = await startBrowser(scope)
})

afterAll(() => scope.clean())

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
