import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { describe, expect, it } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../src/index.ts'
import { proxyHeader1 } from '../support/forwarder.ts'
import { runProgram } from '../support/program.ts'
import { RawClient } from '../support/raw-client.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { RecordingLogger, type Scope } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask, publishClip } from '../support/web.ts'

/** Starts a server that is closed after the test. */
async function start(
  scope: Scope,
  options: ServerOptions,
): Promise<{ server: Server; log: RecordingLogger }> {
  const log = new RecordingLogger()
  const server = await createServer({ ...options, logger: log })
  scope.onTestFinished(() => server.close())
  return { server, log }
}

/** A folder whose path is short enough for Unix sockets. */
function shortFolder(scope: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), 's-'))
  scope.onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Ports of the server for a purpose, in order. */
function portsOf({ addresses }: Server, purpose: string): number[] {
  return addresses.flatMap((address) =>
    'port' in address && address.purposes.some((each) => each === purpose) ? [address.port] : [],
  )
}

/** Asks over a Unix socket; the body of an answer without end is left. */
function askUnix(path: string, url: string): Promise<{ status: number; type: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: path, path: url, agent: false }, (response) => {
      resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '' })
      response.destroy()
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** Takes an address; it is given back after the test. */
async function take(scope: Scope, where: object): Promise<TcpServer> {
  const blocker = createTcpServer()
  await new Promise<void>((resolve) => blocker.listen(where, resolve))
  scope.onTestFinished(() => new Promise((resolve) => blocker.close(() => resolve())))
  return blocker
}

function portOf(server: TcpServer): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

describe.concurrent('a server with several addresses', () => {
  it('serves the same streams on each: ports, IPv4 and IPv6', async (scope) => {
    const addresses = [{ port: 0 }, { host: '::1', port: 0 }, { host: '0.0.0.0', port: 0 }]
    const { server } = await start(scope, { rtmp: { addresses }, http: { addresses, page: false } })
    await publishClip(server)
    const rtmp = portsOf(server, 'rtmp')
    const http = portsOf(server, 'http')
    expect(new Set([...rtmp, ...http]).size).toBe(6)
    expect(server.rtmpAddress).toEqual({ host: '127.0.0.1', port: rtmp[0] })
    for (const [index, host] of ['127.0.0.1', '[::1]', '127.0.0.1'].entries()) {
      const player = await RtmpClient.connect(`rtmp://${host}:${rtmp[index]}/live/demo`)
      scope.onTestFinished(() => player.destroy())
      await player.play()
      expect((await ask(`http://${host}:${http[index]}/live/demo.flv`)).status).toBe(200)
    }
    await waitFor('the players', () => (server.stream('live/demo')?.viewers.size ?? 0) >= 3)
  })

  it('listens for IPv6 beside IPv4 on the same port', async (scope) => {
    const free = portOf(await take(scope, { host: '127.0.0.1', port: 0 }))
    // Of the port next to it nobody says that it is free, so it is looked for.
    const { server } = await waitFor('two free ports', async () => {
      const probe = await createServer({ http: { host: '0.0.0.0', port: 0, page: false } })
      const port = probe.httpAddress?.port ?? free
      await probe.close()
      const hosts = ['0.0.0.0', '::'].map((host) => ({ host, port }))
      return start(scope, { http: { addresses: hosts, page: false } }).catch(() => null)
    })
    const [port] = portsOf(server, 'http')
    expect(server.addresses).toMatchObject([
      { host: '0.0.0.0', port },
      { host: '::', port },
    ])
    for (const host of ['127.0.0.1', '[::1]']) {
      expect((await ask(`http://${host}:${port}/api/v1/streams/`)).status).toBe(200)
    }
  })

  it('starts on all of them or on none, and says which could not be had', async (scope) => {
    const path = join(shortFolder(scope), 'rtmp.sock')
    const port = portOf(await take(scope, { host: '127.0.0.1', port: 0 }))
    const first = portOf(await take(scope, { host: '127.0.0.2', port: 0 }))
    const options = {
      rtmp: { addresses: [{ path }, { host: '127.0.0.3', port: first }] },
      http: { addresses: [{ port: 0 }, { port }] },
    }
    await expect(createServer(options)).rejects.toMatchObject({
      code: 'ERR_LISTEN',
      message: expect.stringContaining(`cannot listen on 127.0.0.1:${port} for HTTP: the port is taken`),
    })
    expect(existsSync(path)).toBe(false)
    const client = connect({ host: '127.0.0.3', port: first })
    await expect(new Promise((_resolve, reject) => client.on('error', reject))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })

  it.each<[string, ServerOptions, RegExp]>([
    [
      'for two protocols',
      { rtmp: { port: 5_000 }, http: { port: 5_000 } },
      /^127\.0\.0\.1:5000 is to be listened on for RTMP and for HTTP: give one of them another address$/,
    ],
    ['of none', { rtmp: { addresses: [] } }, /`addresses` to listen on for RTMP are none/],
  ])('refuses an address %s', async (_name, options, message) => {
    await expect(createServer(options)).rejects.toMatchObject({
      code: 'ERR_CONFIGURATION',
      message: expect.stringMatching(message),
    })
  })
})

describe.concurrent('a Unix socket', () => {
  it('is there for whom its mode allows, serves RTMP and HTTP, and is removed at the end', async (scope) => {
    const folder = shortFolder(scope)
    const [rtmp, http] = [join(folder, 'rtmp.sock'), join(folder, 'http.sock')]
    const asked: string[] = []
    const server = await createServer({
      rtmp: { path: rtmp },
      http: { path: http, mode: 0o600, page: false },
      onPlay: ({ client }) => void asked.push(client.address),
    })
    try {
      expect(server.addresses).toEqual([
        { path: rtmp, purposes: ['rtmp'] },
        { path: http, purposes: ['http', 'api'] },
      ])
      expect([server.rtmpAddress, server.httpAddress]).toEqual([null, null])
      expect([rtmp, http].map((path) => statSync(path).mode & 0o777)).toEqual([0o660, 0o600])
      await publishClip(server)
      expect(await askUnix(http, '/live/demo.flv')).toEqual({ status: 200, type: 'video/x-flv' })
      expect(asked).toEqual(['unix'])
      const socket = connect(rtmp)
      scope.onTestFinished(() => void socket.destroy())
      const { length } = await new Promise<Buffer>((resolve) => {
        socket.once('data', resolve)
        socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(1536)]))
      })
      expect(length).toBeGreaterThan(1536)
      socket.destroy()
    } finally {
      await server.close()
    }
    expect([rtmp, http].map((path) => existsSync(path))).toEqual([false, false])
  })

  it('that a dead program left is taken over', async (scope) => {
    const path = join(shortFolder(scope), 'http.sock')
    const dying = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
    await runProgram(scope, [execPath, '-e', dying])
    expect(existsSync(path)).toBe(true)
    await start(scope, { http: { path, page: false } })
    expect((await askUnix(path, '/api/v1/streams/')).status).toBe(200)
  })

  it('that a living program has is left to it', async (scope) => {
    const path = join(shortFolder(scope), 'http.sock')
    const { server } = await start(scope, { http: { path, page: false } })
    await expect(createServer({ rtmp: { path } })).rejects.toMatchObject({
      code: 'ERR_LISTEN',
      message: `cannot listen on unix:${path} for RTMP: another program listens on it; stop that program or choose another path`,
    })
    expect((await askUnix(path, '/api/v1/streams/')).status).toBe(200)
    await server.close()
    expect(existsSync(path)).toBe(false)
  })

  it('does not take the name of another file, one that is too long, or in a folder that is not there', async (scope) => {
    const folder = shortFolder(scope)
    const file = join(folder, 'notes.txt')
    writeFileSync(file, 'mine')
    for (const [path, problem] of [
      [file, 'another file has that name, and is left alone; remove it or choose another path'],
      [join(folder, 'x'.repeat(100)), 'the path is longer than 90 bytes (MAX_UNIX_PATH_BYTES)'],
      [join(folder, 'missing', 'a.sock'), 'there is no such folder; make it, or choose another path'],
    ]) {
      await expect(createServer({ rtmp: { path: `${path}` } })).rejects.toMatchObject({
        code: 'ERR_LISTEN',
        message: `cannot listen on unix:${path} for RTMP: ${problem}`,
      })
    }
    expect(statSync(file).size).toBe(4)
  })

  it('behind a proxy gives the client its own address', async (scope) => {
    const path = join(shortFolder(scope), 'http.sock')
    const asked: string[] = []
    const { server } = await start(scope, {
      http: { path, page: false, proxyProtocol: { trustedProxies: ['10.0.0.1'] } },
      onPlay: ({ client }) => void asked.push(client.address),
    })
    await publishClip(server)
    const socket = connect(path)
    scope.onTestFinished(() => void socket.destroy())
    socket.write(`${proxyHeader1('203.0.113.7')}GET /live/demo.flv HTTP/1.1\r\nhost: a\r\n\r\n`)
    const [head] = String(await new Promise((resolve) => socket.once('data', resolve))).split('\r\n')
    expect(head).toBe('HTTP/1.1 200 OK')
    expect(asked).toEqual(['203.0.113.7'])
  })
})

describe.concurrent('connections past limits.maxConnections', () => {
  it('are accepted, and closed at once without a byte', async (scope) => {
    const { server, log } = await start(scope, {
      rtmp: { port: 0 },
      http: { port: 0, page: false },
      limits: { maxConnections: 1 },
    })
    const first = await RawClient.connect(scope, server.rtmpUrl)
    await waitFor('a connection', () => server.rtmpConnections === 1)
    for (const url of [server.rtmpUrl, server.httpUrl]) {
      const next = await RawClient.connect(scope, url)
      await next.closedByServer()
      expect(next.received).toHaveLength(0)
    }
    expect(log.withMessage('connection refused').map(({ fields }) => fields.reason)).toEqual([
      'there are 1 connections already (maxConnections)',
      'there are 1 connections already (maxConnections)',
    ])
    first.write('\x03')
    expect(server.rtmpConnections).toBe(1)
  })
})
