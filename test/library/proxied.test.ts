import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../src/index.ts'
import { makeCertificate, type TestCertificate } from '../support/certificate.ts'
import { publishWithFfmpeg } from '../support/ffmpeg.ts'
import { proxyHeader1, proxyHeader2, startForwarder } from '../support/forwarder.ts'
import { FfmpegPlayer } from '../support/packets.ts'
import { RawClient } from '../support/raw-client.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope, RecordingLogger, type Scope } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask, askUpgrade, CLIP, publishClip } from '../support/web.ts'

const fileScope = new FileScope()
let certificate: TestCertificate
beforeAll(async () => {
  certificate = await makeCertificate(fileScope)
})
afterAll(() => fileScope.clean())

type Rig = Readonly<{
  server: Server
  log: RecordingLogger
  /** `rtmp publish 203.0.113.1` and the like, as admission was asked. */
  asked: string[]
}>

/** A server behind proxies on each of its listeners. */
async function startBehindProxies(
  scope: Scope,
  proxyProtocol: NonNullable<ServerOptions['rtmp']>['proxyProtocol'] = true,
  options: Partial<ServerOptions> = {},
): Promise<Rig> {
  const log = new RecordingLogger()
  const asked: string[] = []
  const where = { port: 0, ...(proxyProtocol === undefined ? {} : { proxyProtocol }) }
  const server = await createServer({
    rtmp: where,
    rtmps: { ...where, ...certificate },
    http: { ...where, page: false },
    https: { ...where, ...certificate },
    logger: log,
    onPublish: ({ client }) => void asked.push(`${client.protocol} publish ${client.address}`),
    onPlay: ({ client }) => void asked.push(`${client.protocol} play ${client.address}`),
    ...options,
  })
  scope.onTestFinished(async () => {
    await server.close()
    expect(log.errors).toEqual([])
  })
  return { server, log, asked }
}

/** A header cut into its bytes. */
function bytesOf(header: Buffer): Buffer[] {
  return [...header].map((byte) => Buffer.from([byte]))
}

describe.concurrent('behind a proxy that speaks the PROXY protocol', () => {
  it('admission and the log get the address of the client itself, on every listener', async (scope) => {
    const { server, log, asked } = await startBehindProxies(scope)
    const rtmp = await startForwarder(scope, server.rtmpUrl, [proxyHeader1('203.0.113.1')])
    publishWithFfmpeg(scope, CLIP, `${rtmp}/live/demo`)
    await waitFor('media', () => (server.stream('live/demo')?.counters.frames ?? 0) > 0)

    // Version 2, each of its bytes in a packet of its own, before TLS and before HTTP.
    const rtmps = await startForwarder(scope, server.rtmpsUrl, bytesOf(proxyHeader2('203.0.113.2')))
    const http = await startForwarder(scope, server.httpUrl, bytesOf(proxyHeader2('203.0.113.3')))
    const https = await startForwarder(scope, server.httpsUrl, bytesOf(proxyHeader1('203.0.113.4')))
    const urls = [`${rtmps}/live/demo`, `${http}/live/demo.flv`, `${https}/live/demo.flv`]
    for (const url of urls) {
      await new FfmpegPlayer(scope, { url }).atLeast('v', 10)
    }
    expect((await askUpgrade(`${http.replace('http', 'ws')}/live/demo.flv`)).status).toBe(101)
    expect((await ask(`${http}/live/demo.m3u8`)).status).toBe(200)

    expect(asked).toEqual([
      'rtmp publish 203.0.113.1',
      'rtmp play 203.0.113.2',
      'http-flv play 203.0.113.3',
      'http-flv play 203.0.113.4',
      'ws-flv play 203.0.113.3',
      'hls play 203.0.113.3',
    ])
    const [started] = log.withMessage('publish started')
    expect(started?.fields.address).toBe('203.0.113.1')
    const viewers = [...(server.stream('live/demo')?.viewers ?? [])].map(({ address }) => address)
    expect(viewers).toContain('203.0.113.2')
  })

  it('a connection without the header, or with a broken one, is closed with a reason', async (scope) => {
    const { server, log } = await startBehindProxies(scope)
    for (const [url, words, reason] of [
      [server.rtmpUrl, '\x03', /must come first, the connection begins with byte 0x03/],
      [server.rtmpsUrl, '\x16\x03\x01', /begins with byte 0x16/],
      [server.httpUrl, 'GET / HTTP/1.1\r\n\r\n', /begins with byte 0x47/],
      [server.httpsUrl, 'PROXY TCP4 203.0.113.1\r\n', /addresses '203.0.113.1' and ''/],
    ] as const) {
      const client = await RawClient.connect(scope, url)
      client.write(words)
      await client.closedByServer()
      const refused = await waitFor('the log', () =>
        log.withMessage('connection refused').find(({ fields }) => fields.port === client.localPort),
      )
      expect(refused).toMatchObject({
        level: 'warn',
        fields: { address: '127.0.0.1', reason: expect.stringMatching(reason) },
      })
    }
  })

  it('a connection whose header or TLS handshake does not come to an end is closed after a time', async (scope) => {
    const log = new RecordingLogger()
    const soon = { port: 0, proxyProtocol: { headerTimeoutMs: 30 } }
    const server = await createServer({
      rtmp: soon,
      rtmps: { port: 0, tlsHandshakeTimeoutMs: 40, ...certificate },
      http: { ...soon, page: false },
      https: { port: 0, tlsHandshakeTimeoutMs: 50, ...certificate },
      logger: log,
    })
    scope.onTestFinished(() => server.close())
    const clients = new Map<RawClient, { message: string; reason: string }>()
    for (const url of [server.rtmpUrl, server.httpUrl]) {
      const client = await RawClient.connect(scope, url)
      client.write('PROXY TCP4 203.0.113.1 ')
      const reason = 'no complete header of a proxy within headerTimeoutMs (30)'
      clients.set(client, { message: 'connection refused', reason })
    }
    for (const [url, protocol, timeoutMs] of [
      [server.rtmpsUrl, 'RTMPS', 40],
      [server.httpsUrl, 'HTTPS', 50],
    ] as const) {
      const client = await RawClient.connect(scope, url)
      client.write(Uint8Array.of(0x16, 3, 1, 2, 0, 1))
      const reason = `no TLS handshake within tlsHandshakeTimeoutMs (${timeoutMs})`
      clients.set(client, { message: `${protocol} connection closed`, reason })
    }
    for (const [client, { message, reason }] of clients) {
      await client.closedByServer()
      const closed = await waitFor('the log', () =>
        log.withMessage(message).find(({ fields }) => fields.port === client.localPort),
      )
      expect(closed).toMatchObject({ level: 'warn', fields: { address: '127.0.0.1', reason } })
    }
  })

  it('a proxy that speaks for itself, or does not know its client, is taken for the client', async (scope) => {
    const { server, asked } = await startBehindProxies(scope)
    await publishClip(server)
    for (const header of [proxyHeader2('203.0.113.1', 0), Buffer.from('PROXY UNKNOWN\r\n')]) {
      const url = await startForwarder(scope, server.httpUrl, [header])
      expect((await ask(`${url}/live/demo.flv`)).status).toBe(200)
    }
    expect(asked.slice(1)).toEqual(['http-flv play 127.0.0.1', 'http-flv play 127.0.0.1'])
  })

  it('only trusted proxies are believed', async (scope) => {
    const { server, log } = await startBehindProxies(scope, { trustedProxies: ['10.0.0.0/8'] })
    const client = await RawClient.connect(scope, server.rtmpUrl)
    client.write(proxyHeader1('203.0.113.1'))
    await client.closedByServer()
    const [refused] = log.withMessage('connection refused')
    expect(refused?.fields.reason).toBe('127.0.0.1 is not one of trustedProxies')
    await expect(
      createServer({ http: { port: 0, proxyProtocol: { trustedProxies: ['proxy'] } } }),
    ).rejects.toMatchObject({ code: 'ERR_CONFIGURATION' })
  })

  it('SRS’s own prefix is understood where it is expected, and nowhere else', async (scope) => {
    const prefix = Buffer.from([0xf3, 0, 4, 203, 0, 113, 9])
    const { server, asked } = await startBehindProxies(scope, { kinds: ['srs', 'v2'] })
    const url = await startForwarder(scope, server.rtmpUrl, [prefix])
    const client = await RtmpClient.connect(url)
    scope.onTestFinished(() => client.destroy())
    await client.publish('live/demo')
    expect(asked).toEqual(['rtmp publish 203.0.113.9'])

    const other = await startBehindProxies(scope)
    const refused = await RawClient.connect(scope, other.server.rtmpUrl)
    refused.write(prefix)
    await refused.closedByServer()
  })

  it('is not spoken where it is not enabled: a header is no RTMP', async (scope) => {
    const { server, log, asked } = await startBehindProxies(scope, false)
    const client = await RawClient.connect(scope, server.rtmpUrl)
    client.write(proxyHeader1('203.0.113.1'))
    await client.closedByServer()
    await waitFor('the log', () => log.withMessage('connection closed').length > 0)
    expect(log.withMessage('connection closed')[0]?.fields).toMatchObject({ address: '127.0.0.1' })
    expect(asked).toEqual([])
  })

  it('a server that closes does not wait for headers and TLS handshakes that never come', async (scope) => {
    const { server } = await startBehindProxies(scope)
    const [waiting, greeted] = [
      await RawClient.connect(scope, server.rtmpUrl),
      await RawClient.connect(scope, server.httpsUrl),
    ]
    greeted.write(proxyHeader1('203.0.113.1'))
    await server.close()
    await waiting.closedByServer()
    await greeted.closedByServer()
  })
})

describe.concurrent('limits of connections', () => {
  it('hold for all listeners together, and a place is free again when a connection closes', async (scope) => {
    const { server, log } = await startBehindProxies(scope, false, { limits: { maxConnections: 2 } })
    const first = await RawClient.connect(scope, server.rtmpUrl)
    await RawClient.connect(scope, server.httpsUrl)
    await waitFor('refusals', async () => {
      const third = await RawClient.connect(scope, server.httpUrl)
      await third.closedByServer()
      return log.withMessage('connection refused')[0]
    })
    expect(log.withMessage('connection refused')[0]?.fields).toMatchObject({
      address: '127.0.0.1',
      port: expect.any(Number),
      purpose: 'HTTP',
      reason: 'there are 2 connections already (maxConnections)',
    })
    first.write('no RTMP at all'.repeat(200))
    await first.closedByServer()
    await waitFor('a place', async () => {
      const answer = await ask(`${server.httpUrl}/api/v1/streams/`).catch(() => null)
      return answer?.status === 200
    })
  })

  it('hold for the RTMP listener alone, if it has a limit of its own', async (scope) => {
    const log = new RecordingLogger()
    const server = await createServer({
      rtmp: { port: 0, maxConnections: 1 },
      http: { port: 0, page: false },
      logger: log,
    })
    scope.onTestFinished(() => server.close())
    const first = await RtmpClient.connect(server.rtmpUrl)
    scope.onTestFinished(() => first.destroy())
    const second = await RawClient.connect(scope, server.rtmpUrl)
    await second.closedByServer()
    expect(log.withMessage('connection refused: there are maxConnections already')).toMatchObject([
      { level: 'warn', fields: { address: '127.0.0.1', maxConnections: 1, port: second.localPort } },
    ])
    expect((await ask(`${server.httpUrl}/api/v1/streams/`)).status).toBe(200)
  })

  it('hold for one address, which is the client’s, not the proxy’s', async (scope) => {
    const limits = { maxConnectionsPerAddress: 1, trustedAddresses: ['127.0.0.1'] }
    const { server, log } = await startBehindProxies(scope, true, { limits })
    const [one, other] = await Promise.all(
      ['203.0.113.1', '203.0.113.2'].map((address) =>
        startForwarder(scope, server.rtmpUrl, [proxyHeader1(address)]),
      ),
    )
    const first = await RtmpClient.connect(one ?? '')
    scope.onTestFinished(() => first.destroy())
    await expect(RtmpClient.connect(one ?? '')).rejects.toThrow()
    const second = await RtmpClient.connect(other ?? '')
    scope.onTestFinished(() => second.destroy())
    expect(log.withMessage('connection refused').map(({ fields }) => fields)).toMatchObject([
      {
        address: '203.0.113.1',
        reason: '1 connections are from 203.0.113.1 already (maxConnectionsPerAddress)',
      },
    ])
  })

  it('hold for how often one address connects', async (scope) => {
    const limits = { connectRatePerAddress: 0.001, connectBurstPerAddress: 2, trustedAddresses: [] }
    const { server, log } = await startBehindProxies(scope, false, { limits })
    for (let count = 0; count < 2; count++) {
      const client = await RawClient.connect(scope, server.httpUrl)
      client.write('nonsense\r\n\r\n')
      await client.closedByServer()
      expect(client.text).toMatch(/^HTTP\/1.1 400 /)
    }
    const third = await RawClient.connect(scope, server.rtmpUrl)
    await third.closedByServer()
    expect(log.withMessage('connection refused')[0]?.fields.reason).toMatch(/\(connectRatePerAddress\)/)
  })
})
