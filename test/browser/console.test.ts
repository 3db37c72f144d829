import { fileURLToPath } from 'node:url'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer } from '../../src/index.ts'
import { FakeApi } from '../../web/console/testing/fake-api.ts'
import { startFakeServer } from '../../web/console/testing/fake-server.ts'
import { startBrowser } from '../support/browser.ts'
import { freePort } from '../support/ports.ts'
import { FileScope, type Scope, startServer, type TestServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask, publishClip, watchFlv } from '../support/web.ts'

const WEB_ROOT = fileURLToPath(new URL('../../dist/web', import.meta.url))
const VIEWS = [
  'overview',
  'streams',
  'stream/live/main',
  'clients',
  'vhosts',
  'relays',
  'programs',
  'refusals',
  'server',
]
/** Without movement, of which a machine without a graphics card has much work. */
const WINDOW = { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' } as const
const scope = new FileScope()
let browser: Browser
let live: TestServer
beforeAll(async () => {
  live = await startServer(scope, {
    http: { page: true },
    onPublish: ({ name }) => name.stream !== 'secret' || 'nobody publishes this one',
  })
  browser = await startBrowser(scope)
})
afterAll(() => scope.clean())

/** A fake server, as busy as asked for. */
async function startFake(
  test: Scope,
  options: ConstructorParameters<typeof FakeApi>[0],
): Promise<{ api: FakeApi; url: string; close: () => Promise<void> }> {
  const api = new FakeApi(options)
  const server = await startFakeServer(api, WEB_ROOT)
  test.onTestFinished(() => server.close())
  return { api, url: `${server.url}console/`, close: server.close }
}

async function open(
  test: Scope,
  url: string,
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<{ page: Page; faults: string[] }> {
  const page = await browser.newPage({ ...WINDOW, ...options })
  test.onTestFinished(() => page.close())
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  await page.goto(url)
  return { page, faults }
}

/** Serious and critical faults that axe-core finds, by all its rules or by some. */
async function accessibilityFaults(page: Page, rules: readonly string[] | null): Promise<string[]> {
  const options = { resultTypes: ['violations'], ...(rules === null ? {} : { runOnly: rules }) }
  const found: axe.AxeResults = await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`,
    )
}

/** How many dots of a plot are in the colour of its first line. */
const DOTS_IN_PLOT = `(() => {
  const canvas = document.querySelector('.plot canvas')
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  let dots = 0
  for (let at = 0; at < data.length; at += 4) {
    // #0f766e
    dots += data[at] < 40 && data[at + 1] > 90 && data[at + 2] > 80 && data[at + 3] > 200 ? 1 : 0
  }
  return dots
})()`

/** Whether the view in the navigation is between the sides of the window. */
const CURRENT_IS_SEEN = `(() => {
  const { left, right } = document.querySelector('.navigation [aria-current=page]').getBoundingClientRect()
  return left >= 0 && right <= document.documentElement.clientWidth
})()`

describe('the console of a server', () => {
  it('sees a stream appear and go; its numbers and plots move', async (test) => {
    const { page, faults } = await open(test, `${live.httpUrl}/console/`)
    await page.getByRole('heading', { name: 'Nobody publishes' }).waitFor()
    expect(await page.locator('.hint').innerText()).toContain(`${live.rtmpUrl}/live`)
    const stop = await publishClip(live.server)
    await page.getByRole('heading', { name: 'Nobody publishes' }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: /^Streams/ }).click()
    await page.getByRole('link', { name: 'live/demo' }).click()
    await page.getByRole('heading', { name: 'live/demo' }).waitFor()
    await page.locator('.legend', { hasText: /in [\d.]+ [kM]b\/s/ }).waitFor()
    const dots = await waitFor('a line', async () => (await page.evaluate(DOTS_IN_PLOT)) as number)
    await waitFor('the line grows', async () => ((await page.evaluate(DOTS_IN_PLOT)) as number) > dots)
    await page.getByText('H.264').first().waitFor()
    await stop()
    await page.getByText('no publisher').first().waitFor()
    expect(faults).toEqual([])
  })

  it('shows who was refused, and why', async (test) => {
    await expect(publishClip(live.server, 'live/secret')).rejects.toThrow('nobody publishes this one')
    const { page } = await open(test, `${live.httpUrl}/console/#/refusals`)
    const row = page.locator('tbody tr', { hasText: 'live/secret' })
    await row.waitFor()
    expect(await row.innerText()).toMatch(/publish live\/secret[\s\S]*nobody publishes this one/)
    await page.getByRole('searchbox', { name: 'Filter refusals' }).fill('another')
    await page.getByText('No refusal is like that.').waitFor()
  })

  it('disconnects a player, by keyboard, after it has asked', async (test) => {
    const stop = await publishClip(live.server)
    const player = await watchFlv(test, `${live.httpUrl}/live/demo.flv`)
    const { page, faults } = await open(test, `${live.httpUrl}/console/#/clients`)
    const row = page.locator('tbody tr', { hasText: 'HTTP-FLV' })
    // By its id, too: several may come from one address.
    await row.getByRole('button', { name: /^Disconnect the player 127\.0\.0\.1 \(c\d+\)$/ }).press('Enter')
    await page.getByRole('dialog').getByText('It plays live/demo by HTTP-FLV.').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(live.server.stream('live/demo')?.viewers.size).toBe(1)
    await row.getByRole('button').press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).press('Enter')
    await player.ended
    await row.waitFor({ state: 'detached' })
    expect(live.server.stream('live/demo')?.viewers.size).toBe(0)
    await page.getByText(/^Disconnected the player 127\.0\.0\.1 \(c\d+\)\.$/).waitFor()
    await stop()
    expect(faults).toEqual([])
  })

  it('may load nothing from elsewhere, and run nothing inline', async () => {
    const { headers, body } = await ask(`${live.httpUrl}/console/`)
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(body).not.toMatch(/<script(?![^>]*\ssrc="\.\.?\/)|<style|\sstyle=|https?:/)
    expect((await ask(`${live.httpUrl}/console`)).status).toBe(200)
    expect((await ask(`${live.httpUrl}/`)).headers.get('content-security-policy')).toBeNull()
  })
})

// By itself: while it looks through a page, others of the same browser wait.
describe('the console as axe-core sees it', () => {
  it.each([
    { theme: 'light', rules: null },
    // All else is the same in the dark.
    { theme: 'dark', rules: ['color-contrast'] },
  ] as const)('has no serious fault in any view, $theme', async ({ theme, rules }) => {
    const { url } = await startFake(scope, { streams: 12, playersPerStream: 2 })
    const { page, faults } = await open(scope, url, { colorScheme: theme })
    await page.evaluate(axe.source)
    for (const view of VIEWS) {
      await page.evaluate(`location.hash = '#/${view}'`)
      await page.locator(`main[data-view=${view.split('/')[0]}]:not(:has(.loading)) h1`).waitFor()
      expect({ view, found: await accessibilityFaults(page, rules) }).toEqual({ view, found: [] })
    }
    expect(faults).toEqual([])
  })
})

describe.concurrent('the console', () => {
  it('lists 200 streams and finds one of them', async () => {
    const { url } = await startFake(scope, { streams: 200, playersPerStream: 2 })
    const { page } = await open(scope, `${url}#/streams`)
    await page.getByText('1–50 of 200').waitFor()
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByText('51–100 of 200').waitFor()
    await page.getByRole('button', { name: 'Players' }).click()
    await page.locator('th[aria-sort=descending]', { hasText: 'Players' }).waitFor()
    await page.getByRole('searchbox', { name: 'Filter streams' }).fill('h.265 goal-6')
    await waitFor('one is left', async () => (await page.locator('tbody tr').count()) === 1)
    const choice = page.getByRole('combobox', { name: 'Which streams' })
    await choice.selectOption('With faults')
    await page.getByText('No stream is like that.').waitFor()
    await page.getByRole('searchbox', { name: 'Filter streams' }).fill('')
    await choice.selectOption('Without publisher')
    await page.getByRole('link', { name: 'Overview' }).click()
    await page
      .locator('.attention')
      .getByRole('link', { name: /^all \d+$/ })
      .click()
    await page.getByRole('heading', { name: 'Streams' }).waitFor()
    expect(await choice.inputValue()).toBe('faults')
  })

  it('moves no row away while somebody aims at it, and reads out only what was asked for', async () => {
    const { url } = await startFake(scope, { streams: 30, playersPerStream: 4 })
    const { page } = await open(scope, `${url}#/clients`)
    await page.getByRole('button', { name: 'Rate' }).click()
    const texts = (selector: string): Promise<string[]> => page.locator(selector).allInnerTexts()
    const ids = (): Promise<string[]> => texts('tbody .client-id')
    const rates = (): Promise<string[]> => texts('tbody [data-column=rate]')
    const change = async (what: () => Promise<string[]>): Promise<void> => {
      const before = (await what()).join()
      await waitFor('other rows', async () => (await what()).join() !== before)
    }
    await change(ids)
    await page.locator('tbody .kick').nth(2).hover()
    const held = await ids()
    await change(rates)
    await change(rates)
    const after = await ids()
    expect(after.filter((id) => held.includes(id))).toEqual(held.filter((id) => after.includes(id)))
    await page.getByRole('heading', { name: 'Clients' }).hover()
    await change(ids)
    expect(await page.locator('.pages output').innerText()).toBe('')
    await page.getByRole('button', { name: 'Next' }).click()
    expect(await page.locator('.pages output').innerText()).toMatch(/^Page 2 of \d$/)
  })

  it('shows the times of the server, though the clock of the browser is an hour ahead', async () => {
    const { url } = await startFake(scope, { streams: 3 })
    const { page } = await open(scope, 'about:blank')
    await page.addInitScript('{ const now = Date.now; Date.now = () => now() + 3_600_000 }')
    await page.goto(url)
    await waitFor('a line', async () => ((await page.evaluate(DOTS_IN_PLOT)) as number) > 10)
    await page.evaluate("location.hash = '#/relays'")
    await page.locator('tbody tr', { hasText: 'cdn.example.com' }).getByText('1 h 23 min').waitFor()
  })

  it('shows what programs do, and on the overview which of them do not do well', async () => {
    const { url } = await startFake(scope, { streams: 3 })
    const { page } = await open(scope, url)
    const attention = page.locator('.attention')
    await attention.getByText('transcode ld of live/stage: is failing').waitFor()
    await attention.getByText('It failed 3 times (stood still 1 time), and is started again').waitFor()
    await attention.getByText('this FFmpeg has no encoder libopus').waitFor()
    await attention.getByRole('link', { name: 'transcode hd of live/main' }).click()
    await page.locator('tbody tr').nth(5).waitFor()
    const rows = await page.locator('tbody tr').allInnerTexts()
    expect(rows).toEqual([
      expect.stringMatching(/ingest north of camera\/north-gate[\s\S]*failed\s+it made nothing for 15 s/),
      expect.stringMatching(/exec 1 of live\/main[\s\S]*running/),
      expect.stringMatching(/transcode hd of[\s\S]*too slow[\s\S]*17\.4\s*fps\s+0\.69\s*×\s+2\.84\s*Mb\/s/),
      expect.stringMatching(
        /transcode sd of[\s\S]*running[\s\S]*25\s*fps\s+\d\.\d\d\s*×\s+5\d\d\s*kb\/s\s+1\s+0/,
      ),
      expect.stringMatching(
        /ld of live\/stage[\s\S]*stage-ld\.log[\s\S]*is failing\s+it ended with[\s\S]*20\s+20\s+2 stood still/,
      ),
      expect.stringMatching(
        /opus of media\.example\.com\/studio\/desk[\s\S]*unavailable[\s\S]*no encoder libopus/,
      ),
    ])
  })

  it('asks who it is where the API wants to know, and keeps that for the tab alone', async () => {
    const apiAccess = { auth: { username: 'srs', password: 'secret' } }
    const { httpUrl } = await startServer(scope, { http: { page: true }, apiAccess })
    const { page } = await open(scope, `${httpUrl}/console/`)
    await page.getByLabel('User', { exact: true }).fill('srs')
    await page.getByLabel('Password', { exact: true }).fill('wrong')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Password', { exact: true }).fill('secret')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Nobody publishes' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Nobody publishes' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })

  it('says that it is forbidden, in the words of the server', async () => {
    const { url } = await startFake(scope, { mood: 'forbidden' })
    const { page } = await open(scope, url)
    await page.getByText('192.0.2.7 is not among').waitFor()
  })

  it('keeps what it knows while the server is gone, and goes on when it is back', async () => {
    // One that no other program is given while nobody listens on it.
    const http = { port: await freePort() }
    const first = await createServer({ rtmp: { port: 0 }, http })
    scope.onTestFinished(() => first.close())
    const { page } = await open(scope, `${first.httpUrl}/console/`)
    await page.locator('.link-state[data-link=online]').waitFor()
    await first.close()
    await page.getByText('The server does not answer.').waitFor()
    expect(await page.locator('main[data-stale=true] .tile').count()).toBeGreaterThan(5)
    await page.evaluate(axe.source)
    expect(await accessibilityFaults(page, ['color-contrast'])).toEqual([])
    const second = await createServer({ rtmp: { port: 0 }, http })
    scope.onTestFinished(() => second.close())
    await page.locator('.link-state[data-link=online]').waitFor()
    await page.getByText('The server does not answer.').waitFor({ state: 'detached' })
  })

  it.each([
    { on: 'a phone', viewport: { width: 360, height: 740 }, letters: 16, views: VIEWS },
    {
      on: 'a desk, with large letters,',
      viewport: { width: 1280, height: 800 },
      letters: 32,
      views: ['overview', 'clients', 'stream/live/main'],
    },
  ])(
    'on $on has nothing wider than the screen in any view, and no button that is not seen',
    async (screen) => {
      const { url } = await startFake(scope, { streams: 12, playersPerStream: 2 })
      const { page } = await open(scope, url, { viewport: screen.viewport })
      const devtools = await page.context().newCDPSession(page)
      await devtools.send('Page.setFontSizes', { fontSizes: { standard: screen.letters } })
      for (const view of screen.views) {
        await page.evaluate(`location.hash = '#/${view}'`)
        await page.locator(`main[data-view=${view.split('/')[0]}]:not(:has(.loading)) h1`).waitFor()
        const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
        expect({ view, overflow: Math.max(0, overflow as number) }).toEqual({ view, overflow: 0 })
        expect(await page.locator('th button').filter({ visible: true }).count()).toBe(0)
        await waitFor('the view in the navigation', () => page.evaluate(CURRENT_IS_SEEN))
      }
    },
  )
})
