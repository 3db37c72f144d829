import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { makeCertificate } from '../support/certificate.ts'
import { Events } from '../support/events.ts'
import { RawClient } from '../support/raw-client.ts'
import {
  BOTH,
  changed,
  changesOf,
  expectAudience,
  portOf,
  refuses,
  startWithAudience,
} from '../support/reload-checks.ts'
import { ReloadScene } from '../support/reload-scene.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { waitFor } from '../support/wait.ts'
import { ask } from '../support/web.ts'

describe.concurrent('listeners', () => {
  it('come and go without those who are connected', async (scope) => {
    const scene = await startWithAudience(scope, BOTH)
    const { server } = scene
    const [rtmpPort, httpPort] = [portOf(server.rtmpUrl), portOf(server.httpUrl)]
    const folder = mkdtempSync(join(tmpdir(), 's-'))
    scope.onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'u')
    const plan = await server.reload({
      rtmp: { addresses: [{ path }, { host: '127.0.0.2', port: 0 }] },
      http: { host: '127.0.0.2', port: 0, page: false },
      api: { port: 0, page: false },
    })
    expect(changed(plan)).toEqual([
      `add listener unix:${path} (RTMP)`,
      'add listener 127.0.0.2:0 (RTMP)',
      'add listener 127.0.0.2:0 (HTTP)',
      'add listener 127.0.0.1:0 (the API)',
      'remove listener 127.0.0.1:0 (RTMP)',
      'remove listener 127.0.0.1:0 (HTTP)',
    ])
    expect(existsSync(path)).toBe(true)
    await refuses(rtmpPort)
    await refuses(httpPort)
    const player = await RtmpClient.connect(`${server.rtmpUrl}/live/demo`)
    scope.onTestFinished(() => player.destroy())
    await player.play()
    expect((await ask(`${server.httpUrl}/live/demo.flv`)).status).toBe(200)
    expect((await ask(`${server.httpUrl}/api/v1/streams/`)).status).toBe(404)
    expect((await ask(`http://127.0.0.1:${server.apiAddress?.port}/api/v1/streams/`)).status).toBe(200)
    await expectAudience(scene)

    await server.reload(BOTH)
    expect(existsSync(path)).toBe(false)
    await expectAudience(scene)
  })

  it('of the API alone end with their connections, of streams with none', async (scope) => {
    const scene = await startWithAudience(scope, { ...BOTH, api: { port: 0, page: false } })
    const { server } = scene
    const url = `http://127.0.0.1:${server.apiAddress?.port}`
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    scope.onTestFinished(() => agent.destroy())
    const ended = new Promise((resolve) => {
      request(`${url}/api/v1/versions`, { agent }, (response) => {
        response.resume().socket.once('close', resolve)
      }).end()
    })
    await waitFor('the connection to be kept', () => Object.keys(agent.freeSockets).length === 1)
    const { events } = await Events.open(scope, url)
    await server.reload({ ...BOTH, api: { host: '127.0.0.2', port: 0, page: false } })
    await Promise.all([ended, events.ended])
    await expectAudience(scene)
  })

  it('on the same port are exchanged: all interfaces for one, another backlog, another protocol', async (scope) => {
    const scene = await startWithAudience(scope, BOTH)
    const { server } = scene
    const port = portOf(server.rtmpUrl)
    const { http } = BOTH
    for (const [rtmp, rest, plan] of [
      [{ port }, {}, [`add listener 127.0.0.1:${port} (RTMP)`, 'remove listener 127.0.0.1:0 (RTMP)']],
      [{ port, backlog: 5 }, {}, [`restart listener 127.0.0.1:${port} (RTMP)`]],
      [{ host: '', port }, {}, [`add listener *:${port} (RTMP)`, `remove listener 127.0.0.1:${port} (RTMP)`]],
      [
        { host: '127.0.0.2', port },
        { api: { port, page: false } },
        [
          `add listener 127.0.0.2:${port} (RTMP)`,
          `add listener 127.0.0.1:${port} (the API)`,
          `remove listener *:${port} (RTMP)`,
        ],
      ],
    ] as const) {
      const done = await server.reload({ rtmp, ...(http === undefined ? {} : { http }), ...rest })
      expect(changed(done).filter((step) => step.includes(`:${port}`) || step.includes('RTMP)'))).toEqual(
        plan,
      )
      const client = await RtmpClient.connect(server.rtmpUrl.replace('localhost', '127.0.0.1'))
      await client.destroy()
    }
    expect((await ask(`http://127.0.0.1:${port}/api/v1/streams/`)).status).toBe(200)
    await expectAudience(scene)
  })

  it('serve something else from the next request on, on connections that are there already', async (scope) => {
    const { server } = await ReloadScene.start(scope, BOTH)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    scope.onTestFinished(() => agent.destroy())
    const get = (): Promise<[number | undefined, string | undefined, number | undefined]> =>
      new Promise((resolve, reject) => {
        request(`${server.httpUrl}/api/v1/streams/`, { agent }, (response) => {
          const { localPort } = response.socket
          const origin = response.headers['access-control-allow-origin']
          response.resume().on('end', () => resolve([response.statusCode, origin, localPort]))
        })
          .on('error', reject)
          .end()
      })
    const first = await get()
    expect(first.slice(0, 2)).toEqual([200, '*'])
    const crossed = await server.reload({ ...BOTH, http: { port: 0, page: false, crossOrigin: false } })
    expect(changesOf(crossed)).toEqual(['http.crossOrigin true false at once'])
    const second = await get()
    expect(second).toEqual([200, undefined, first[2]])
    await server.reload({ ...BOTH, api: false })
    expect(await get()).toEqual([404, '*', first[2]])
  })
})

describe.concurrent('what is read live', () => {
  it('counts for who comes: limits, rules, sizes', async (scope) => {
    const scene = await startWithAudience(scope, BOTH)
    const { server } = scene
    await server.reload({
      ...BOTH,
      rtmp: { port: 0, maxConnections: 3, chunkSize: 1_234 },
      access: { security: { rules: [{ effect: 'deny', action: 'play', address: 'all' }] } },
    })
    const third = await RtmpClient.connect(server.rtmpUrl)
    scope.onTestFinished(() => third.destroy())
    await third.connectApp('live')
    expect(
      third.messages.some(({ type, payload }) => type === 1 && Buffer.from(payload).readUInt32BE() === 1_234),
    ).toBe(true)
    const fourth = await RawClient.connect(scope, server.rtmpUrl)
    await fourth.closedByServer()
    expect((await ask(`${server.httpUrl}/live/demo.flv`)).status).toBe(403)
    await expectAudience(scene)
  })

  it('includes certificates, also when nothing else has changed', async (scope) => {
    const files = await makeCertificate(scope, 'old')
    const settings = { ...BOTH, https: { port: 0, page: false, ...files } }
    const { server, log } = await ReloadScene.start(scope, settings)
    expect(changed(await server.reload(settings))).toEqual([])
    expect(log.withMessage('certificate reloaded')).toEqual([])
    const renewed = await makeCertificate(scope, 'new')
    await writeFile(files.certificate, await readFile(renewed.certificate))
    await writeFile(files.key, await readFile(renewed.key))
    const plan = await server.reload(settings)
    expect(changed(plan)).toEqual(['update certificate of HTTPS'])
    expect(changesOf(plan)).toEqual([
      expect.stringMatching(/^certificate CN=old, valid to \S+ CN=new, valid to \S+ for new connections$/),
    ])
    expect(log.withMessage('certificate reloaded')).toMatchObject([{ fields: { subject: 'CN=new' } }])
    const socket = connectTls({ port: portOf(server.httpsUrl), host: '127.0.0.1', rejectUnauthorized: false })
    scope.onTestFinished(() => void socket.destroy())
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    expect(socket.getPeerCertificate().subject.CN).toBe('new')
  })
})
