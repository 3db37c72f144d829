import { fileURLToPath } from 'node:url'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeApi } from '../../web/console/testing/fake-api.ts'
import { startFakeServer } from '../../web/console/testing/fake-server.ts'
import { startBrowser } from '../support/browser.ts'
import { FileScope, type Scope } from '../support/server.ts'

const WEB_ROOT = fileURLToPath(new URL('../../dist/web', import.meta.url))
const VIEWS = ['overview', 'streams', 'stream/live/main', 'clients', 'vhosts', 'refusals', 'server']
const scope = new FileScope()
let browser: Browser
beforeAll(async () => {
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
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options })
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

describe.concurrent('the console', () => {
  it.each([
    { theme: 'light', rules: null },
    // All else is the same in the dark.
    { theme: 'dark', rules: ['color-contrast'] },
  ] as const)('has no serious fault for axe-core in any view, $theme', async ({ theme, rules }) => {
    const { url } = await startFake(scope, { streams: 12, playersPerStream: 2 })
    const { page, faults } = await open(scope, url, { colorScheme: theme, reducedMotion: 'reduce' })
    await page.evaluate(axe.source)
    for (const view of VIEWS) {
      await page.evaluate(`location.hash = '#/${view}'`)
      await page.locator(`main[data-view=${view.split('/')[0]}]:not(:has(.loading)) h1`).waitFor()
      expect({ view, found: await accessibilityFaults(page, rules) }).toEqual({ view, found: [] })
    }
    expect(faults).toEqual([])
  })
})
