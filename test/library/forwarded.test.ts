import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBlocks } from '../support/docs.ts'
import { startNginxHttp } from '../support/nginx-http.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { publishClip } from '../support/web.ts'

/** Where the clients connect from, whom nobody trusts; nginx connects from 127.0.0.1, and is trusted. */
const CLIENT = '127.0.0.9'
const DENIED = '127.0.0.66'

/** What a client may say of itself, to be taken for another. */
const LIES = { 'x-forwarded-for': '203.0.113.66, 127.0.0.1', 'x-real-ip': '203.0.113.66' }

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

const fileScope = new FileScope()
let rig: TestServer
/** The server, by way of nginx. */
let proxyUrl: string
/** `hls 203.0.113.1` and the like, as admission was asked. */
const asked: string[] = []
beforeAll(async () => {
  rig = await startServer(fileScope, {
    limits: { trustedAddresses: ['127.0.0.1'] },
    access: { security: { rules: [{ effect: 'deny', action: 'play', address: DENIED }] } },
    apiAccess: {
      auth: { username: 'admin', password: 'secret' },
      failureBurstPerAddress: 1,
      failureRatePerAddress: 0.001,
    },
    onPlay: ({ client }) => void asked.push(`${client.protocol} ${client.address}`),
  })
  const [configuration] = readBlocks('docs/behind-a-proxy.md', 'nginx')
  proxyUrl = await startNginxHttp(fileScope, configuration?.text ?? '', rig.httpUrl)
  await publishClip(rig.server)
})
afterAll(() => fileScope.clean())

/** Asks from an address of this machine; gives the status, and the body of what is refused. Who watches stays until `leave`. */
async function askFrom(
  localAddress: string,
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; refusal: string; leave: () => void }> {
  const sent = request(url, { localAddress, headers, agent: false })
  sent.end()
  const [answer] = (await Promise.race([once(sent, 'response'), once(sent, 'upgrade')])) as [
    IncomingMessage,
    Duplex?,
  ]
  const status = answer.statusCode
  const refusal = (status ?? 0) < 400 ? '' : Buffer.concat(await answer.toArray()).toString()
  return { status, refusal, leave: () => void answer.socket.destroy() }
}

describe('behind nginx, as docs/behind-a-proxy.md has it', () => {
  it('decisions and lists of clients get the address of the client itself, whatever it says', async () => {
    asked.length = 0
    const watching = [
      await askFrom(CLIENT, `${proxyUrl}/live/demo.flv`, LIES),
      await askFrom(CLIENT, `${proxyUrl}/live/demo.flv`, { ...LIES, ...UPGRADE }),
      await askFrom(CLIENT, `${proxyUrl}/live/demo.m3u8`, LIES),
    ]
    expect(watching.map(({ status }) => status)).toEqual([200, 101, 200])
    expect(asked).toEqual([`http-flv ${CLIENT}`, `ws-flv ${CLIENT}`, `hls ${CLIENT}`])
    const viewers = [...(rig.server.stream('live/demo')?.viewers ?? [])].map(({ address }) => address)
    expect(viewers).toEqual([CLIENT, CLIENT, CLIENT])
    for (const { leave } of watching) {
      leave()
    }
  })

  it('rules hold for the client, not for the proxy, and the log names it', async () => {
    const { status, refusal } = await askFrom(DENIED, `${proxyUrl}/live/demo.flv`, LIES)
    expect([status, refusal]).toEqual([403, expect.stringContaining(`${DENIED} is denied`)])
    const [refused] = rig.log.withMessage('play refused')
    expect(refused?.fields).toMatchObject({ address: DENIED, code: 'security_denied' })
  })

  it('who tries passwords is told to wait, and nobody else behind the proxy', async () => {
    const wrong = { ...LIES, authorization: `Basic ${btoa('admin:guess')}` }
    const right = { authorization: `Basic ${btoa('admin:secret')}` }
    const url = `${proxyUrl}/api/v1/clients/`
    expect((await askFrom(CLIENT, url, wrong)).status).toBe(401)
    expect((await askFrom(CLIENT, url, right)).status).toBe(429)
    expect((await askFrom('127.0.0.8', url, right)).status).toBe(200)
  })
})

describe('what a client says of its address', () => {
  it('is not believed if the client is not trusted', async () => {
    asked.length = 0
    const { leave } = await askFrom(CLIENT, `${rig.httpUrl}/live/demo.flv`, LIES)
    leave()
    expect(asked).toEqual([`http-flv ${CLIENT}`])
  })

  it('is believed if it is, in either header', async () => {
    asked.length = 0
    for (const headers of [{ 'x-forwarded-for': '203.0.113.1' }, { 'x-real-ip': '203.0.113.2' }]) {
      const { leave } = await askFrom('127.0.0.1', `${rig.httpUrl}/live/demo.flv`, headers)
      leave()
    }
    expect(asked).toEqual(['http-flv 203.0.113.1', 'http-flv 203.0.113.2'])
  })
})
