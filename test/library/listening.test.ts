import { createServer as createTcpServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createServer, type IngestSettings, type ServerOptions } from '../../src/index.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { type Scope, startServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask, publishClip } from '../support/web.ts'

/** Takes a port that is free; it is given back after the test. */
async function takePort(scope: Scope): Promise<number> {
  const blocker = createTcpServer()
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
  scope.onTestFinished(() => new Promise((resolve) => blocker.close(() => resolve())))
  const address = blocker.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Listening sockets of this process; a closed one counts until the event loop has come round. */
function listeners(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length
}

async function expectListeners(atMost: number): Promise<void> {
  await waitFor(
    () => `${listeners()} listening sockets become ${atMost}`,
    () => listeners() <= atMost,
  )
}

async function failureOf(options: ServerOptions): Promise<unknown> {
  try {
    const server = await createServer(options)
    await server.close()
    return 'it started'
  } catch (error) {
    return error
  }
}

describe('port 0', () => {
  it('takes a free port of this machine only, and tells which', async (scope) => {
    const { server } = await startServer(scope)
    expect(server.rtmpAddress).toEqual({ host: '127.0.0.1', port: expect.any(Number) })
    expect(server.rtmpAddress?.port).toBeGreaterThan(0)
    expect(server.rtmpUrl).toBe(`rtmp://127.0.0.1:${server.rtmpAddress?.port}`)
    expect(server.httpUrl).toBe(`http://127.0.0.1:${server.httpAddress?.port}`)
  })

  it('shows a host that can be connected to when every interface is listened on', async (scope) => {
    const server = await createServer({ rtmp: { host: '', port: 0 }, http: { host: '0.0.0.0', port: 0 } })
    scope.onTestFinished(() => server.close())
    expect(server.rtmpUrl).toBe(`rtmp://localhost:${server.rtmpAddress?.port}`)
    const client = await RtmpClient.connect(server.rtmpUrl.replace('localhost', '127.0.0.1'))
    await client.destroy()
    expect((await ask(`${server.httpUrl}/api/v1/streams/`)).status).toBe(200)
  })
})

describe('several servers in one process', () => {
  it('have streams, events and clients of their own', async (scope) => {
    const [first, second] = await Promise.all([startServer(scope), startServer(scope)])
    const told: string[] = []
    first.server.on('publish', ({ name }) => told.push(`first ${name.stream}`))
    second.server.on('publish', ({ name }) => told.push(`second ${name.stream}`))
    await publishClip(first.server, 'live/one')
    await publishClip(second.server, 'live/two')

    expect(told).toEqual(['first one', 'second two'])
    expect(first.server.streams.map((stream) => stream.key)).toEqual(['live/one'])
    expect(second.server.streams.map((stream) => stream.key)).toEqual(['live/two'])
    expect((await ask(`${first.httpUrl}/live/two.flv`)).status).toBe(404)
    expect((await ask(`${second.httpUrl}/live/two.flv`)).status).toBe(200)
  })

  it('go on when one of them closes', async (scope) => {
    const [first, second] = await Promise.all([startServer(scope), startServer(scope)])
    await publishClip(second.server)
    await first.server.close()
    expect((await ask(`${second.httpUrl}/live/demo.flv`)).status).toBe(200)
  })
})

describe('a server with one of the two listeners', () => {
  it('has no address for the other', async (scope) => {
    const server = await createServer({ http: { port: 0, page: false } })
    scope.onTestFinished(() => server.close())
    expect(server.rtmpAddress).toBeNull()
    expect(() => server.rtmpUrl).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIGURATION', message: 'rtmp is not listened on' }),
    )
    await publishClip(server)
    expect((await ask(`${server.httpUrl}/live/demo.flv`)).status).toBe(200)
  })
})

describe('a port that is taken', () => {
  it.each([
    ['rtmp', 'RTMP'],
    ['http', 'HTTP'],
  ] as const)(
    'fails for %s, names the address and the purpose, and leaves nothing listening',
    async (kind, purpose) => {
      const cleaners: (() => Promise<void> | void)[] = []
      const port = await takePort({ onTestFinished: (clean) => void cleaners.push(clean) })
      const before = listeners()
      const error = await failureOf({ rtmp: { port: 0 }, http: { port: 0 }, [kind]: { port } })
      expect(error).toMatchObject({
        name: 'ServerError',
        code: 'ERR_LISTEN',
        message: `cannot listen on 127.0.0.1:${port} for ${purpose}: the port is taken by another program; stop that program or choose another port`,
        cause: { code: 'EADDRINUSE' },
      })
      await expectListeners(before)
      for (const clean of cleaners) {
        await clean()
      }
    },
  )
})

describe('an address or option that cannot be used', () => {
  it.each<[string, ServerOptions, { code: string; message: RegExp }]>([
    ['nothing to listen on', {}, { code: 'ERR_CONFIGURATION', message: /give `rtmp`, `http` or both/ }],
    [
      'an address of another machine',
      { rtmp: { host: '192.0.2.1', port: 0 } },
      { code: 'ERR_LISTEN', message: /192\.0\.2\.1:0 for RTMP: this machine has no such address/ },
    ],
    [
      'a port above 65535',
      { http: { port: 65_536 } },
      { code: 'ERR_LISTEN', message: /65536 for HTTP: .*port/ },
    ],
    ['a negative port', { rtmp: { port: -1 } }, { code: 'ERR_LISTEN', message: /:-1 for RTMP: .*port/ }],
    ['no number', { rtmp: { port: Number.NaN } }, { code: 'ERR_LISTEN', message: /NaN for RTMP: .*port/ }],
    [
      'segments without length',
      { http: { port: 0 }, hls: { fragmentMs: 0 } },
      { code: 'ERR_CONFIGURATION', message: /fragmentMs must be more than 0, is 0/ },
    ],
  ])('%s is refused with a code', async (_name, options, { code, message }) => {
    const before = listeners()
    expect(await failureOf(options)).toMatchObject({ code, message: expect.stringMatching(message) })
    await expectListeners(before)
  })
})

describe('listeners that FFmpeg can not use', () => {
  const copy = { videoCodec: 'copy', audioCodec: 'copy' }
  const own = { ...copy, output: 'rtmp://127.0.0.1:[port]/live/made' }
  const other = { ...copy, output: 'rtmp://192.0.2.1/live/made' }
  const vhosts = {
    'a.com': { transcode: [{ scope: 'live', engines: [{ ...other, name: 'ld' }] }] },
    'b.com': { enabled: false, transcode: [{ engines: [own] }] },
    'c.com': { ingest: [ingestOf('here', own), ingestOf('elsewhere', other)] },
  }

  function ingestOf(id: string, engine: typeof own): IngestSettings {
    return { id, type: 'stream', url: 'udp://127.0.0.1:1', ffmpeg: '/bin/true', engines: [engine] }
  }

  it('are told at the start and with each reload, with all that does not run because of them', async (scope) => {
    const message = 'FFmpeg can not connect to this server: the rest works'
    const { server, log } = await startServer(scope, { rtmp: { proxyProtocol: true }, vhosts })
    const told = {
      reason: expect.stringContaining('its RTMP listener expects the PROXY protocol'),
      without: 'transcode live ld of a.com, ingest here of c.com',
    }
    expect(log.withMessage(message).map(({ fields }) => fields)).toEqual([told])
    await server.reload({ http: { port: 0, page: false }, vhosts: { 'a.com': vhosts['a.com'] } })
    expect(log.withMessage(message).map(({ fields }) => fields)).toEqual([
      told,
      { reason: expect.stringContaining('it listens for no RTMP'), without: 'transcode live ld of a.com' },
    ])
    await server.reload({ rtmp: { port: 0 }, vhosts: { 'a.com': vhosts['a.com'] } })
    await server.reload({ http: { port: 0, page: false } })
    expect(log.withMessage(message)).toHaveLength(2)
  })
})
