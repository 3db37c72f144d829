import { readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { createServer, type Server, type ServerOptions } from '../../src/index.ts'
import { makeCertificate, type TestCertificate, writeBeside } from '../support/certificate.ts'
import { publishWithHold } from '../support/ffmpeg.ts'
import {
  AS_STORED,
  COMMON_OF_FLV,
  COMMON_OF_TS,
  FfmpegPlayer,
  HELD_BACK_OF_TS,
  readPackets,
  requireRun,
} from '../support/packets.ts'
import { FileScope, RecordingLogger, type Scope } from '../support/server.ts'
import { aac, audioInput, h264, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'
import { ask, publishClip } from '../support/web.ts'

const fileScope = new FileScope()
let certificate: TestCertificate
let source: string
beforeAll(async () => {
  certificate = await makeCertificate(fileScope)
  const args = [...videoInput('320x180'), ...audioInput, ...h264({ gop: 25 }), ...aac]
  source = await makeFlv(await mediaFolder(fileScope), 'source', args, 4)
})
afterAll(() => fileScope.clean())

/** A server that listens for TLS only. */
async function startSecured(
  scope: Scope,
  files: TestCertificate = certificate,
  options: ServerOptions = {},
): Promise<{ server: Server; log: RecordingLogger }> {
  const log = new RecordingLogger()
  const server = await createServer({
    rtmps: { port: 0, mediaTimeoutMs: 120_000, ...files },
    https: { port: 0, page: false, ...files },
    logger: log,
    ...options,
  })
  scope.onTestFinished(async () => {
    await server.close()
    expect(log.errors).toEqual([])
  })
  return { server, log }
}

/** Asks over HTTPS, and trusts the test's certificate only. */
async function askSecurely(url: string, files: TestCertificate): Promise<{ status: number; body: string }> {
  const ca = await readFile(files.certificate)
  return await new Promise((resolve, reject) => {
    const asked = request(url, { ca, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** A connection by which a certificate can be looked at. */
async function connectTo(scope: Scope, url: string): Promise<TLSSocket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false })
  scope.onTestFinished(() => {
    socket.destroy()
  })
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
  return socket
}

describe.concurrent('RTMPS and HTTPS', () => {
  it('carry what FFmpeg publishes over rtmps:// to rtmps://, https:// and wss:// packet by packet', async (scope) => {
    const { server, log } = await startSecured(scope)
    const path = 'live/film'
    const { goOn } = await publishWithHold(scope, source, `${server.rtmpsUrl}/${path}`)
    const publication = await waitFor('a publication', () => server.stream(path)?.publication)
    expect(publication.request.tcUrl).toBe(`${server.rtmpsUrl}/live`)
    expect(publication.client).toMatchObject({ protocol: 'rtmp', address: '127.0.0.1' })

    const webSocketFlv = new FfmpegPlayer(scope, { url: 'pipe:0', inputArgs: ['-f', 'flv'] })
    const ca = await readFile(certificate.certificate)
    const webSocket = new WebSocket(`${server.httpsUrl.replace('https', 'wss')}/${path}.flv`, { ca })
    webSocket.on('message', (data: Buffer) => webSocketFlv.process.stdin.write(data))
    webSocket.on('error', (error) => webSocketFlv.process.stdin.destroy(error))
    scope.onTestFinished(() => webSocket.terminate())
    const players = [
      { player: webSocketFlv, filters: AS_STORED, sent: AS_STORED, heldBack: 0 },
      {
        player: new FfmpegPlayer(scope, { url: `${server.rtmpsUrl}/${path}` }),
        filters: AS_STORED,
        sent: AS_STORED,
        heldBack: 0,
      },
      {
        player: new FfmpegPlayer(scope, { url: `${server.httpsUrl}/${path}.flv` }),
        sent: AS_STORED,
        heldBack: 0,
      },
      {
        player: new FfmpegPlayer(scope, { url: `${server.httpsUrl}/${path}.m3u8`, filters: COMMON_OF_TS }),
        sent: COMMON_OF_FLV,
        heldBack: HELD_BACK_OF_TS,
      },
    ]
    await waitFor('all viewers', () => server.stream(path)?.viewers.size === players.length)
    goOn()
    for (const { player, sent, heldBack } of players) {
      for (const track of ['v', 'a'] as const) {
        const packets = await readPackets(source, track, sent)
        await player.reachEnd(track, packets, heldBack)
        player.requireWell()
        expect(requireRun(player.packets(track), packets).end).toBeGreaterThanOrEqual(
          packets.length - heldBack,
        )
      }
    }
    const { status, body } = await askSecurely(`${server.httpsUrl}/api/v1/streams/`, certificate)
    expect(status).toBe(200)
    expect(JSON.parse(body).streams).toMatchObject([{ url: `/${path}` }])
    expect(log.withMessage('play started')).toHaveLength(4)
  })

  it('serve beside the plain ones, with the same streams', async (scope) => {
    const { server } = await startSecured(scope, certificate, {
      rtmp: { port: 0 },
      rtmps: { port: 0, ...certificate },
      http: { port: 0, page: false },
      https: { port: 0, ...certificate },
    })
    await publishClip(server)
    const [plain, secured] = await Promise.all([
      ask(`${server.httpUrl}/api/v1/streams/`),
      askSecurely(`${server.httpsUrl}/api/v1/streams/`, certificate),
    ])
    const [plainId, securedId] = [plain, secured].map(({ body }) => JSON.parse(body ?? '').streams[0].id)
    expect(plainId).toBe(securedId)
    expect(server.rtmpAddress?.port).not.toBe(server.rtmpsAddress?.port)
  })
})

describe('servers', () => {
  it('do not start with a certificate that cannot be used, and leave nothing listening', async (scope) => {
    const { key } = await makeCertificate(scope)
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length
    const failure = createServer({ rtmp: { port: 0 }, https: { port: 0, ...certificate, key } })
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_CERTIFICATE',
      message: `the key for HTTPS '${key}' does not belong to the certificate '${certificate.certificate}'`,
    })
    await waitFor(
      'nothing listens',
      () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length <= before,
    )
  })
})

describe.concurrent('reloadCertificates', () => {
  it('uses the new certificate for new connections, while those there are go on', async (scope) => {
    const files = await makeCertificate(scope, 'old')
    const { server, log } = await startSecured(scope, files)
    await publishClip(server)
    const player = new FfmpegPlayer(scope, { url: `${server.rtmpsUrl}/live/demo` })
    await player.atLeast('v', 1)
    const renewed = await makeCertificate(scope, 'new')
    await writeFile(files.certificate, await readFile(renewed.certificate))
    await writeFile(files.key, await readFile(renewed.key))
    await server.reloadCertificates()
    for (const url of [server.rtmpsUrl, server.httpsUrl]) {
      expect((await connectTo(scope, url)).getPeerCertificate().subject.CN).toBe('new')
    }
    expect(log.withMessage('certificate reloaded').map(({ fields }) => fields)).toMatchObject([
      { purpose: 'RTMPS', subject: 'CN=new' },
      { purpose: 'HTTPS', subject: 'CN=new' },
    ])
    await player.atLeast('v', player.packets('v').length + 25)
    player.requireWell()
  })

  it('changes nothing when one of the new certificates is bad, and says why', async (scope) => {
    const [forRtmps, forHttps] = [await makeCertificate(scope, 'one'), await makeCertificate(scope, 'two')]
    const { server, log } = await startSecured(scope, certificate, {
      rtmps: { port: 0, ...forRtmps },
      https: { port: 0, page: false, ...forHttps },
    })
    // The first one is good and new, the second one is not complete yet.
    const renewed = await makeCertificate(scope, 'new')
    await writeFile(forRtmps.certificate, await readFile(renewed.certificate))
    await writeFile(forRtmps.key, await readFile(renewed.key))
    await writeBeside(forHttps, 'certificate.pem', '-----BEGIN CERTIFICATE-----\nMIIB')
    await expect(server.reloadCertificates()).rejects.toMatchObject({ code: 'ERR_CERTIFICATE' })
    expect((await connectTo(scope, server.rtmpsUrl)).getPeerCertificate().subject.CN).toBe('one')
    expect((await connectTo(scope, server.httpsUrl)).getPeerCertificate().subject.CN).toBe('two')
    expect(log.withMessage('certificates not reloaded, those in use stay')).toMatchObject([
      { level: 'warn', fields: { reason: expect.stringContaining(`'${forHttps.certificate}' is damaged`) } },
    ])
  })
})
