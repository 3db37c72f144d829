import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { openLivePage, waitUntilPlaying } from '../support/live-page.ts'
import { FileScope, startServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { publishClip } from '../support/web.ts'

const scope = new FileScope()
let httpUrl: string
let browser: Browser

beforeAll(async () => {
  const live = await startServer(scope, { http: { page: true } })
  await publishClip(live.server)
  httpUrl = live.httpUrl
  browser = await startBrowser(scope)
})

afterAll(() => scope.clean())

/** What the page's video shows, brought down to 32 x 18 pixels: the red, green and blue of each. */
const PICTURE = `(() => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 18 })
  const context = canvas.getContext('2d')
  context.drawImage(document.querySelector('#player'), 0, 0, 32, 18)
  return Array.from(context.getImageData(0, 0, 32, 18).data).filter((_, index) => index % 4 !== 3)
})()`

/** What the video shows; null if it is of one colour, as before the first picture. */
async function colourfulPicture(page: Page): Promise<number[] | null> {
  const picture = (await page.evaluate(PICTURE)) as number[]
  return new Set(picture).size > 8 ? picture : null
}

// The three ways side by side: most of the time a page plays and is waited for.
describe.concurrent('the page in Chromium', () => {
  it.each(['flv', 'ws', 'hls'])('plays the demo by %s: time goes on and the picture changes', async (via) => {
    const { page, faults, foreignRequests } = await openLivePage(browser, `${httpUrl}/#/live/demo?via=${via}`)
    await waitUntilPlaying(page)
    const before = await waitFor('a picture that is not of one colour', () => colourfulPicture(page))
    // The acceptance itself is about real time: at least 8 s of media in 10 s on the page's own clock.
    const advanced = (await page.evaluate(`new Promise((resolve) => {
      const start = document.querySelector('#player').currentTime
      setTimeout(() => resolve(document.querySelector('#player').currentTime - start), 10_000)
    })`)) as number
    const after = (await page.evaluate(PICTURE)) as number[]
    expect(advanced).toBeGreaterThanOrEqual(8)
    const changed = before.filter((value, index) => Math.abs(value - (after[index] ?? value)) > 16)
    expect(changed.length, 'the picture changes').toBeGreaterThan(8)
    const text = await page.evaluate('document.body.innerText')
    expect(text).toMatch(/640\s*×\s*360/)
    expect(text).toMatch(/AAC/)
    expect(text).toMatch(/\d+(\.\d+)? [km]b\/s/i)
    expect(faults).toEqual([])
    expect(foreignRequests).toEqual([])
    await page.close()
  })
})
