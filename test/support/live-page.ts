import type { Browser, Page } from 'playwright-core'
import { waitFor } from './wait.ts'

/** A page that is looked at, with what went wrong on it. */
export type OpenedPage = Readonly<{
  /** The page. */
  page: Page
  /** Errors that nothing on the page caught. */
  faults: readonly string[]
  /** Requests to anybody but the server that the page is from. */
  foreignRequests: readonly string[]
}>

/** Opens the page of a server in a window of its own. @param url with the hash that says what is shown */
export async function openLivePage(browser: Browser, url: string): Promise<OpenedPage> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const faults: string[] = []
  const foreignRequests: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url())
    if (['http:', 'https:', 'ws:', 'wss:'].includes(protocol) && host !== new URL(url).host) {
      foreignRequests.push(request.url())
    }
  })
  await page.goto(url)
  return { page, faults, foreignRequests }
}

/** What the page says it is at. */
export function pageState(page: Page): Promise<string> {
  return page.evaluate('document.body.dataset.state')
}

/** Where its video is, s; 0 if there is none. */
export function currentTime(page: Page): Promise<number> {
  return page.evaluate(`document.querySelector('#player')?.currentTime ?? 0`)
}

/** Waits until its video plays. */
export async function waitUntilPlaying(page: Page): Promise<void> {
  await waitFor(
    'the page plays',
    async () => (await pageState(page)) === 'playing' && (await currentTime(page)) > 0,
  )
}
