import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../src/index.ts'
import { startBrowser } from '../support/browser.ts'
import { makeCertificate } from '../support/certificate.ts'
import type { Scope } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask, publishClip } from '../support/web.ts'

const STREAMS = '/api/v1/streams/'

async function start(scope: Scope, options: ServerOptions): Promise<Server> {
  const server = await createServer(options)
  scope.onTestFinished(() => server.close())
  await publishClip(server)
  return server
}

function urlOf(address: Server['apiAddress']): string {
  return `http://127.0.0.1:${address?.port}`
}

async function statusOf(url: string): Promise<number> {
  return (await ask(url)).status
}

describe.concurrent('the API', () => {
  it('is on http unless said otherwise', async (scope) => {
    const server = await start(scope, { http: { port: 0, page: false } })
    expect(server.addresses).toMatchObject([{ purposes: ['http', 'api'] }])
    expect(server.apiAddress).toEqual(server.httpAddress)
    expect(await statusOf(`${server.httpUrl}${STREAMS}`)).toBe(200)
  })

  it('with a port of its own is there, and nowhere else; streams are not', async (scope) => {
    const server = await start(scope, { http: { port: 0 }, api: { port: 0, page: false } })
    const apiUrl = urlOf(server.apiAddress)
    expect(apiUrl).not.toBe(server.httpUrl)
    expect(await statusOf(`${apiUrl}${STREAMS}`)).toBe(200)
    expect(await statusOf(`${server.httpUrl}${STREAMS}`)).toBe(404)
    expect(await statusOf(`${server.httpUrl}/live/demo.flv`)).toBe(200)
    expect(await statusOf(`${apiUrl}/live/demo.flv`)).toBe(404)
  })

  it('has the page beside it, which plays from where the streams are', async (scope) => {
    const server = await start(scope, { http: { port: 0 }, api: { port: 0 } })
    expect(await statusOf(`${server.httpUrl}/`)).toBe(404)
    const page = await (await startBrowser(scope)).newPage()
    await page.goto(`${urlOf(server.apiAddress)}/#/live/demo?via=flv`)
    await waitFor(
      'the page plays',
      async () => (await page.evaluate('document.body.dataset.state')) === 'playing',
    )
    expect(await page.evaluate('document.body.innerText')).toContain(`${server.httpUrl}/live/demo.m3u8`)
  })

  it('with an address of http shares it', async (scope) => {
    const { httpAddress } = await start(scope, { http: { port: 0, page: false } })
    const port = (httpAddress?.port ?? 0) + 0
    const server = await start(scope, {
      http: { addresses: [{ host: '127.0.0.2', port }, { port: 0 }], page: false },
      api: { host: '127.0.0.2', port },
    })
    expect(server.addresses).toMatchObject([
      { host: '127.0.0.2', purposes: ['http', 'api'] },
      { host: '127.0.0.1', purposes: ['http'] },
    ])
    const [shared, other] = [`http://127.0.0.2:${port}`, `http://127.0.0.1:${portAt(server, 1)}`]
    expect(await Promise.all([shared, other].map((url) => statusOf(`${url}${STREAMS}`)))).toEqual([200, 404])
    expect(await Promise.all([shared, other].map((url) => statusOf(`${url}/live/demo.flv`)))).toEqual([
      200, 200,
    ])
  })

  it('can be over HTTPS only, and can be off', async (scope) => {
    const certificate = await makeCertificate(scope)
    const secured = await start(scope, {
      http: { port: 0, page: false },
      apiHttps: { port: 0, ...certificate },
    })
    expect(secured.addresses).toMatchObject([{ purposes: ['http'] }, { purposes: ['apiHttps'] }])
    expect(await statusOf(`${secured.httpUrl}${STREAMS}`)).toBe(404)
    const off = await start(scope, { http: { port: 0 }, api: false })
    expect(await statusOf(`${off.httpUrl}${STREAMS}`)).toBe(404)
    expect(await statusOf(`${off.httpUrl}/`)).toBe(404)
    expect(await statusOf(`${off.httpUrl}/live/demo.flv`)).toBe(200)
  })
})

function portAt(server: Server, index: number): number {
  const address = server.addresses[index]
  return address !== undefined && 'port' in address ? address.port : 0
}

describe.concurrent('pages of other origins', () => {
  it('may not read what crossOrigin: false listeners answer', async (scope) => {
    const server = await start(scope, {
      http: { port: 0, page: false, crossOrigin: false },
      api: { port: 0, page: false },
    })
    const { httpUrl } = server
    for (const [url, allowed] of [
      [`${httpUrl}/live/demo.flv`, null],
      [`${httpUrl}/live/demo.m3u8`, null],
      [`${httpUrl}/nothing`, null],
      [`${urlOf(server.apiAddress)}${STREAMS}`, '*'],
    ] as const) {
      expect((await ask(url)).headers.get('access-control-allow-origin')).toBe(allowed)
      const preflight = await ask(url, { method: 'OPTIONS' })
      expect(preflight.headers.get('access-control-allow-methods') === null).toBe(allowed === null)
    }
  })
})

describe.concurrent('a folder of files of one’s own', () => {
  it('is served behind streams and the API, and nothing else of the machine is', async (scope) => {
    const parent = mkdtempSync(join(tmpdir(), 'srs-root-'))
    scope.onTestFinished(() => rmSync(parent, { recursive: true }))
    const root = join(parent, 'www')
    mkdirSync(join(root, 'live'), { recursive: true })
    mkdirSync(join(root, '.well-known'))
    mkdirSync(join(root, 'empty'))
    for (const [name, text] of [
      ['index.html', 'my page'],
      ['live/index.html', 'the folder'],
      ['live/film.flv', 'a film'],
      ['live/film.m3u8', '#EXTM3U'],
      ['live/film-1.ts', 'a segment'],
      ['live/demo.flv', 'never seen while live/demo is live'],
      ['.secret', 'hidden'],
      ['.well-known/token', 'public'],
      ['../outside', 'private'],
    ] as const) {
      writeFileSync(join(root, name), text)
    }
    const server = await start(scope, { http: { port: 0, root, page: false } })
    const get = async (path: string): Promise<string> => {
      const { status, body } = await ask(`${server.httpUrl}${path}`, { redirect: 'manual' })
      return status === 200 ? `${body}` : `${status}`
    }
    const got = Object.fromEntries(
      await Promise.all(
        [
          '/',
          '/live/',
          '/live',
          '/live/film.flv',
          '/live/film.m3u8',
          '/live/film-1.ts',
          '/live/other.flv',
          '/live/demo.flv',
          '/empty/',
          '/.secret',
          '/.well-known/token',
          '/%2e%2e/outside',
          '/live/..%2f..%2foutside',
          '/index.html%00.txt',
          STREAMS,
        ].map(async (path) => [path, await get(path)] as const),
      ),
    )
    expect(got).toEqual({
      '/': 'my page',
      '/live/': 'the folder',
      '/live': '301',
      '/live/film.flv': 'a film',
      '/live/film.m3u8': '#EXTM3U',
      '/live/film-1.ts': 'a segment',
      '/live/other.flv': '404',
      '/live/demo.flv': 'null',
      '/empty/': '404',
      '/.secret': '404',
      '/.well-known/token': 'public',
      '/%2e%2e/outside': '404',
      '/live/..%2f..%2foutside': '400',
      '/index.html%00.txt': '404',
      [STREAMS]: expect.stringContaining('"code":0'),
    })
  })
})
