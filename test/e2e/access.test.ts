import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccessOptions } from '../../src/index.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope, type Scope, startServer, type TestServer } from '../support/server.ts'
import { mediaFolder } from '../support/sources.ts'
import { ask, askUpgrade, publishClip } from '../support/web.ts'

const scope = new FileScope()
afterAll(() => scope.clean())

/** A server with these rules, and a clip. */
async function serve(access: AccessOptions): Promise<TestServer> {
  const given = await startServer(scope, { access })
  await publishClip(given.server)
  return given
}

async function play(test: Scope, url: string, query: string, connectObject = {}): Promise<void> {
  const client = await RtmpClient.connect(url, { connectObject })
  test.onTestFinished(() => client.destroy())
  await client.play(`live/demo${query}`)
}

describe('a JSON Web Token', () => {
  let given: TestServer
  let right: string
  let wrong: string
  beforeAll(async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    const jwksFile = join(await mediaFolder(scope), 'jwks.json')
    await writeFile(jwksFile, JSON.stringify({ keys: [await exportJWK(publicKey)] }))
    given = await serve({ jwt: { jwksFile } })
    const sign = (stream: string): Promise<string> =>
      new SignJWT({ stream, actions: ['publish', 'play'] })
        .setProtectedHeader({ alg: 'ES256' })
        .setExpirationTime('1h')
        .sign(privateKey)
    ;[right, wrong] = await Promise.all([sign('live/*'), sign('other/*')])
  })

  it('lets in publishers and players of RTMP by the URL, and others not', async (test) => {
    const publisher = await RtmpClient.connect(given.rtmpUrl)
    test.onTestFinished(() => publisher.destroy())
    await publisher.publish(`live/mine?token=${right}`)
    await play(test, given.rtmpUrl, `?jwt=${right}`)
    await expect(play(test, given.rtmpUrl, `?token=${wrong}`)).rejects.toThrow(
      'the token is not for live/demo',
    )
    await expect(play(test, given.rtmpUrl, '')).rejects.toThrow('who wants to play needs a token')
  })

  it.each(['demo.flv', 'demo.m3u8'])('lets in who asks for %s, by the URL or by the header', async (name) => {
    const url = `${given.httpUrl}/live/${name}`
    const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })
    expect((await ask(`${url}?token=${right}`)).status).toBe(200)
    expect((await ask(url, bearer(right))).status).toBe(200)
    expect(await ask(url, bearer(wrong))).toMatchObject({
      status: 403,
      body: 'play refused: the token is not for live/demo\n',
    })
    expect((await ask(`${url}?token=${wrong}`)).status).toBe(403)
    expect((await ask(url)).status).toBe(403)
  })

  it('lets in WebSockets by the URL', async () => {
    expect((await askUpgrade(`${given.wsUrl}/live/demo.flv?token=${right}`)).status).toBe(101)
    expect((await askUpgrade(`${given.wsUrl}/live/demo.flv?token=${wrong}`)).status).toBe(403)
  })

  it('stands neither in the log nor in the API', async () => {
    const { body } = await ask(`${given.httpUrl}/api/v1/refusals/`)
    expect(JSON.parse(body ?? '')).toMatchObject({ counts: { jwt_stream: expect.any(Number) } })
    for (const text of [JSON.stringify(given.log.lines), body]) {
      expect(text).not.toContain(wrong.slice(-30))
      expect(text).not.toContain(right.slice(-30))
    }
  })
})

describe('refer', () => {
  let given: TestServer
  beforeAll(async () => {
    given = await serve({ refer: { play: ['example.com'] } })
  })

  it.each([
    ['https://www.example.com/watch', true],
    ['https://evilexample.com/watch', false],
    ['', false],
  ])('lets %j embed players: %j', async (pageUrl, isIn) => {
    const headers: Record<string, string> = pageUrl === '' ? {} : { referer: pageUrl }
    const playing = play(scope, given.rtmpUrl, '', pageUrl === '' ? {} : { pageUrl })
    await (isIn ? playing : expect(playing).rejects.toThrow('NetStream.Play.Failed: play refused: '))
    for (const name of ['demo.flv', 'demo.m3u8']) {
      expect((await ask(`${given.httpUrl}/live/${name}`, { headers })).status).toBe(isIn ? 200 : 403)
    }
    const origin: Record<string, string> = pageUrl === '' ? {} : { origin: new URL(pageUrl).origin }
    const { status } = await askUpgrade(`${given.wsUrl}/live/demo.flv`, origin)
    expect(status).toBe(isIn ? 101 : 403)
  })
})

describe('security', () => {
  it('refuses by address, with the numbers of SRS, on every protocol', async () => {
    const given = await serve({
      security: {
        rules: [
          { effect: 'deny', action: 'play', address: '127.0.0.0/8' },
          { effect: 'allow', action: 'publish', address: '10.0.0.0/8' },
        ],
      },
    })
    await expect(play(scope, given.rtmpUrl, '')).rejects.toThrow(
      "127.0.0.1 is denied by 'deny play 127.0.0.0/8'",
    )
    const publisher = await RtmpClient.connect(given.rtmpUrl)
    scope.onTestFinished(() => publisher.destroy())
    await expect(publisher.publish('live/mine')).rejects.toThrow(
      '127.0.0.1 is none of those allowed to publish',
    )
    for (const name of ['demo.flv', 'demo.m3u8']) {
      expect((await ask(`${given.httpUrl}/live/${name}`)).status).toBe(403)
    }
    expect((await askUpgrade(`${given.wsUrl}/live/demo.flv`)).status).toBe(403)
    const codes = given.log.lines
      .filter(({ message }) => message.endsWith(' refused'))
      .map(({ message, fields }) => `${message} ${fields.protocol} ${fields.code} ${fields.srsCode}`)
    expect(codes).toEqual([
      'play refused rtmp security_denied 1053',
      'publish refused rtmp security_not_allowed 1054',
      'play refused http-flv security_denied 1053',
      'play refused hls security_denied 1053',
      'play refused ws-flv security_denied 1053',
    ])
  })
})

describe('rules that cannot be used', () => {
  it('keep the server from starting, with a reason', async () => {
    const security = { rules: [{ effect: 'deny', action: 'play', address: 'home' }] } as const
    await expect(serve({ security })).rejects.toThrow(
      "access.security.rules[0]: 'home' is no IP address or network",
    )
    await expect(serve({ token: { keyFile: '/nowhere/keys' } })).rejects.toThrow(
      'access.token.keyFile: /nowhere/keys',
    )
  })
})
