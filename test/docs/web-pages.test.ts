import { readFile } from 'node:fs/promises'
import { createServer, type Server as WebServer } from 'node:http'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { atServer, type Block, PAGES, readBlocks } from '../support/docs.ts'
import { REPOSITORY } from '../support/program.ts'
import { FileScope, type Scope, startServer, type TestServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { publishClip } from '../support/web.ts'

/** What the page says to copy to where one's own page is. */
const SCRIPTS: Readonly<Record<string, string>> = {
  '/mpegts.js': 'mpegts.js/dist/mpegts.js',
  '/hls.min.js': 'hls.js/dist/hls.min.js',
}

const VIDEO = `document.querySelector('video')`

const scope = new FileScope()
let live: TestServer
let browser: Browser
beforeAll(async () => {
  live = await startServer(scope)
  await publishClip(live.server)
  browser = await startBrowser(scope)
})
afterAll(() => scope.clean())

/** Serves somebody's own page, which has another origin than the streams. Returns its address. */
async function servePage(pageScope: Scope, html: string): Promise<string> {
  const web: WebServer = createServer(async (request, reply) => {
    const script = SCRIPTS[request.url ?? '']
    if (script !== undefined) {
      reply.setHeader('content-type', 'text/javascript')
      reply.end(await readFile(join(REPOSITORY, 'node_modules', script)))
    } else if (request.url === '/') {
      reply.setHeader('content-type', 'text/html; charset=utf-8')
      reply.end(html)
    } else {
      reply.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  pageScope.onTestFinished(() => {
    web.closeAllConnections()
    web.close()
  })
  const address = web.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`
}

const BLOCKS = PAGES.flatMap((page) => readBlocks(page, 'html'))

describe('every page of the documentation', () => {
  it('is one of those that are looked at here', () => {
    const titles = BLOCKS.map(({ text }) => /<title>(.*)<\/title>/.exec(text)?.[1])
    expect(titles).toEqual(['Live', 'Live', 'Live', 'What is live'])
    const scripts = BLOCKS.flatMap(({ text }) =>
      [...text.matchAll(/<script src="(.+?)">/g)].map(([, src]) => src),
    )
    expect(scripts).toEqual(['mpegts.js', 'mpegts.js', 'hls.min.js'])
  })

  it.each(BLOCKS.map((block) => ({ ...block, where: `${block.page}:${block.line}` })))(
    '$where does what it is for, without a fault, from another origin',
    async (block) => {
      const pageScope = new FileScope()
      try {
        await judgePage(pageScope, block)
      } finally {
        await pageScope.clean()
      }
    },
  )
})

async function judgePage(pageScope: Scope, block: Block): Promise<void> {
  const page = await browser.newPage()
  pageScope.onTestFinished(() => page.close())
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  await page.goto(await servePage(pageScope, atServer(block.text, live.server)))
  if (block.text.includes('<video')) {
    const time = (): Promise<number> => page.evaluate(`${VIDEO}.currentTime`)
    const start = await waitFor('it plays', async () => (await time()) || null)
    await waitFor('its time goes on', async () => (await time()) > start + 2)
    expect(await page.evaluate(`[${VIDEO}.videoWidth, ${VIDEO}.videoHeight]`)).toEqual([640, 360])
  } else {
    const text = (): Promise<string> => page.evaluate('document.body.innerText')
    await waitFor('the stream is listed', async () => /\/live\/demo: \d+ connected/.test(await text()))
  }
  expect(faults).toEqual([])
}
