import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer, type Server, type ServerSettings } from '../../src/index.ts'
import { Events } from '../support/events.ts'
import { FileScope, RecordingLogger, type Scope } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask } from '../support/web.ts'

const TOKEN = 'a-token-that-nobody-guesses'
const READER = 'another-token-that-may-look'
const PASSWORD = `Basic ${Buffer.from('admin:s3cret:with:colons').toString('base64')}`
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64)'
const OPEN =
  'the API is open to whoever reaches it: give it a password (http_api.auth) or tokens, or listen on 127.0.0.1'

const API = { port: 0, page: false } as const

const fileScope = new FileScope()
afterAll(() => fileScope.clean())

async function start(
  scope: Scope,
  settings: ServerSettings,
): Promise<{ server: Server; url: string; log: RecordingLogger }> {
  const log = new RecordingLogger()
  const server = await createServer({ ...settings, logger: log })
  scope.onTestFinished(() => server.close())
  return { server, log, url: `http://127.0.0.1:${server.apiAddress?.port}` }
}

/** What kicking somebody is answered who is not there: 2049 for who may, else the status of HTTP. */
async function kick(url: string, headers: Record<string, string> = {}): Promise<number> {
  const { status, body } = await ask(`${url}/api/v1/clients/nobody`, { method: 'DELETE', headers })
  return status === 200 ? JSON.parse(body ?? '').code : status
}

describe('An API with a password and tokens', () => {
  let url: string
  let server: Server
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'srs-api-'))
    fileScope.onTestFinished(() => rmSync(folder, { recursive: true }))
    const tokenFile = join(folder, 'tokens')
    writeFileSync(tokenFile, `# of the tests\n${TOKEN}\n${READER} read\n`)
    const auth = { username: 'admin', password: 's3cret:with:colons' }
    ;({ url, server } = await start(fileScope, {
      api: API,
      http: { port: 0, page: false },
      apiAccess: { auth, tokenFile, trustedOrigins: ['https://console.example.com'] },
    }))
  })

  it('asks who does not say who it is, as SRS does', async () => {
    const { status, headers, body } = await ask(`${url}/api/v1/versions`)
    expect({ status, body }).toEqual({ status: 401, body: 'Unauthorized' })
    expect(headers.get('www-authenticate')).toMatch(/^Basic\b.*, Bearer$/)
  })

  it('tells everybody where streams are, and nothing of them', async () => {
    const { status, body } = await ask(`${url}/api/v1/ports`)
    expect(status).toBe(200)
    const media_port = server.httpAddress?.port
    const rtmp_port = server.rtmpAddress?.port ?? null
    expect(JSON.parse(body ?? '').data).toEqual({ rtmp_port, rtmps_port: null, media_port })
  })

  it.each([
    ['the password', PASSWORD, 200],
    ['a token', `Bearer ${TOKEN}`, 200],
    ['a token in small letters of the scheme', `bearer ${TOKEN}`, 200],
    ['a token that may look', `Bearer ${READER}`, 200],
    ['another password', `Basic ${Buffer.from('admin:s3cret').toString('base64')}`, 401],
    ['the password of another', `Basic ${Buffer.from('root:s3cret:with:colons').toString('base64')}`, 401],
    ['a token as a password', `Basic ${Buffer.from(TOKEN).toString('base64')}`, 401],
    ['the password as a token', 'Bearer admin:s3cret:with:colons', 401],
    ['half a token', `Bearer ${TOKEN.slice(0, 20)}`, 401],
    ['a token and more', `Bearer ${TOKEN} read`, 401],
    ['nothing behind the scheme', 'Bearer ', 401],
    ['garbage', '\u00e4\u00f6\u00fc', 401],
  ])('answers who brings %s', async (_what, authorization, expected) => {
    const { status } = await ask(`${url}/api/v1/versions`, { headers: { authorization } })
    expect(status).toBe(expected)
  })

  it('lets who may change things do so, and who may look not', async () => {
    expect(await kick(url, { authorization: PASSWORD })).toBe(2049)
    expect(await kick(url, { authorization: `Bearer ${TOKEN}` })).toBe(2049)
    expect(await kick(url, { authorization: `Bearer ${READER}` })).toBe(403)
  })

  it('takes a password that the browser of a foreign page adds for no reason to change or to tell anything', async () => {
    const foreign = { authorization: PASSWORD, 'user-agent': BROWSER, 'sec-fetch-site': 'cross-site' }
    expect(await kick(url, { ...foreign, origin: 'http://evil.example' })).toBe(403)
    expect(await kick(url, { ...foreign, origin: 'https://console.example.com' })).toBe(2049)
    const script = await ask(`${url}/api/v1/clients/?callback=steal`, { headers: foreign })
    expect(script.status).toBe(403)
    expect(script.body).not.toContain('"clients"')
    const own = { authorization: PASSWORD, 'user-agent': BROWSER, referer: `${url}/` }
    expect((await ask(`${url}/api/v1/clients/?callback=show`, { headers: own })).body).toMatch(
      /^show\(\{"code":0,/,
    )
  })

  it('tells what version it is where the streams are, to everybody', async () => {
    expect((await ask(`${server.httpUrl}/api/v1/versions`)).status).toBe(200)
    expect((await ask(`${server.httpUrl}/api/v1/streams/`)).status).toBe(404)
  })

  it('answers pages of other sites that ask whether they may ask', async () => {
    const { status, headers } = await ask(`${url}/api/v1/clients/nobody`, {
      method: 'OPTIONS',
      headers: { origin: 'https://console.example.com', 'access-control-request-headers': 'authorization' },
    })
    expect(status).toBe(200)
    expect(headers.get('access-control-allow-headers')).toBe('authorization')
  })
})

describe('A listener of events', () => {
  it('is sent away by the reload that takes back its token or password, and the others hear on', async (scope) => {
    const folder = mkdtempSync(join(tmpdir(), 'srs-api-'))
    scope.onTestFinished(() => rmSync(folder, { recursive: true }))
    const tokenFile = join(folder, 'tokens')
    writeFileSync(tokenFile, `${TOKEN}\n${READER} read\n`)
    const settings: ServerSettings = {
      api: API,
      apiAccess: { tokenFile, auth: { username: 'admin', password: 's3cret:with:colons' } },
    }
    const { server, url } = await start(scope, settings)
    const listen = async (authorization: string): Promise<Events> =>
      (await Events.open(scope, url, { authorization })).events
    const kept = await listen(`Bearer ${TOKEN}`)
    const taken = [await listen(`Bearer ${READER}`), await listen(PASSWORD)]
    writeFileSync(tokenFile, `${TOKEN}\n`)
    await server.reload({ ...settings, apiAccess: { tokenFile } })
    await Promise.all(taken.map(({ ended }) => ended))
    const { length } = kept.received
    await waitFor('another event', () => kept.received.length > length)
    await server.reload({ ...settings, apiAccess: {} })
    await waitFor('one more, as nobody needs a token now', () => kept.received.length > length + 1)
  })
})

describe('An API without a password', () => {
  let url: string
  let server: Server
  beforeAll(async () => {
    ;({ url, server } = await start(fileScope, { api: API }))
  })

  it('serves programs as SRS does', async () => {
    expect(await kick(url)).toBe(2049)
    expect(await kick(url, { 'user-agent': 'curl/8.5.0' })).toBe(2049)
  })

  it.each([
    [
      'a form or fetch of another site',
      { origin: 'http://evil.example' },
      'DELETE',
      '/api/v1/clients/nobody',
    ],
    ['an image', { 'sec-fetch-site': 'cross-site' }, 'GET', '/api/v1/raw?rpc=reload'],
    ['an image of a page that keeps back its address', {}, 'GET', '/api/v1/raw?rpc=reload'],
    [
      'a script',
      { referer: 'http://evil.example/' },
      'GET',
      '/api/v1/clients/nobody?callback=f&method=DELETE',
    ],
    ['a page that reloads', { origin: 'http://evil.example' }, 'POST', '/api/v1/reload'],
  ])('is not changed by %s', async (_what, headers, method, path) => {
    const { status } = await ask(`${url}${path}`, { method, headers: { 'user-agent': BROWSER, ...headers } })
    expect(status).toBe(403)
  })

  it('is not changed by a page whose name was made to point here (DNS rebinding)', async () => {
    const host = `rebound.example:${server.apiAddress?.port}`
    expect(await askAs(url, host, { origin: `http://${host}`, 'user-agent': BROWSER })).toBe(403)
    const localhost = `localhost:${server.apiAddress?.port}`
    expect(await askAs(url, localhost, { origin: `http://${localhost}`, 'user-agent': BROWSER })).toBe(200)
  })

  it('keeps who calls too often waiting, who is not trusted', async (scope) => {
    const limited = await start(scope, {
      api: API,
      limits: { trustedAddresses: [] },
      apiAccess: { callBurstPerAddress: 3, callRatePerAddress: 0.001 },
    })
    const statuses: number[] = []
    for (let i = 0; i < 4; i++) {
      statuses.push((await ask(`${limited.url}/api/v1/versions`)).status)
    }
    expect(statuses).toEqual([200, 200, 200, 429])
  })

  it('keeps who guesses passwords waiting, even with the right one', async (scope) => {
    const guarded = await start(scope, {
      api: API,
      limits: { trustedAddresses: [] },
      apiAccess: {
        auth: { username: 'admin', password: 's3cret:with:colons' },
        failureBurstPerAddress: 2,
        failureRatePerAddress: 0.001,
      },
    })
    const statuses: number[] = []
    for (const authorization of ['Basic eDp5', 'Bearer guess', PASSWORD]) {
      statuses.push((await ask(`${guarded.url}/api/v1/versions`, { headers: { authorization } })).status)
    }
    expect(statuses).toEqual([401, 401, 429])
  })
})

describe('An API that other machines reach', () => {
  it.each<[string, ServerSettings, boolean]>([
    ['without a password', { api: { host: '0.0.0.0', port: 0 } }, true],
    ['beside the streams', { http: { host: '0.0.0.0', port: 0 } }, true],
    [
      'with a password',
      { api: { host: '0.0.0.0', port: 0 }, apiAccess: { auth: { username: 'a', password: 'b' } } },
      false,
    ],
    ['not at all', { api: { port: 0 } }, false],
    ['not, though its streams are reached', { api: { port: 0 }, http: { host: '0.0.0.0', port: 0 } }, false],
  ])('is warned of, %s: %s', async (_what, settings, isWarned) => {
    const scope = new FileScope()
    try {
      const { log } = await start(scope, settings)
      expect(log.withMessage(OPEN).length > 0).toBe(isWarned)
    } finally {
      await scope.clean()
    }
  })
})

describe('Settings of the API’s access', () => {
  it.each<[ServerSettings, string]>([
    [{ apiAccess: { auth: { username: 'a' } } }, 'give both'],
    [{ apiAccess: { auth: { enabled: true } } }, 'give both'],
    [{ apiAccess: { auth: { username: 'a:b', password: 'c' } } }, "can't have a ':'"],
    [{ apiAccess: { trustedOrigins: ['console.example.com'] } }, 'which is no origin'],
    [{ apiAccess: { tokenFile: '/no/such/file' } }, "http_api.tokens: /no/such/file can't be read"],
    [{ apiAccess: { tokenFile: tmpdir() } }, 'it is no file'],
  ])('are refused: %j', async (settings, message) => {
    await expect(createServer({ api: API, ...settings })).rejects.toThrow(message)
  })
})

it.each([
  [0o600, 0],
  [0o644, 1],
])('A file of tokens that others can read is warned of: mode %o', async (mode, warnings) => {
  const scope = new FileScope()
  try {
    const folder = mkdtempSync(join(tmpdir(), 'srs-api-'))
    scope.onTestFinished(() => rmSync(folder, { recursive: true }))
    const tokenFile = join(folder, 'tokens')
    writeFileSync(tokenFile, `${TOKEN}\n`)
    chmodSync(tokenFile, mode)
    const { log } = await start(scope, { api: API, apiAccess: { tokenFile } })
    const said = log.withMessage('everybody on this machine can read a file with keys: chmod 600')
    expect(said.map(({ fields }) => fields)).toEqual(
      Array.from({ length: warnings }, () => ({ file: tokenFile, option: 'http_api.tokens' })),
    )
  } finally {
    await scope.clean()
  }
})

/** Kicks nobody under another name than the address has. */
function askAs(url: string, host: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { method: 'DELETE', headers: { host, ...headers } }
    const asked = request(`${url}/api/v1/clients/nobody`, options, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    asked.on('error', reject)
    asked.end()
  })
}
