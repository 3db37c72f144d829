import { createServer as createTcpServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { ServerSettings } from '../../src/index.ts'
import { makeCertificate, writeBeside } from '../support/certificate.ts'
import {
  BOTH,
  changed,
  changesOf,
  expectAudience,
  refuses,
  startWithAudience,
  visitor,
} from '../support/reload-checks.ts'
import { ReloadScene } from '../support/reload-scene.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { waitFor } from '../support/wait.ts'

describe.concurrent('a plan', () => {
  it('says that everything stays when nothing has changed, and a reload leaves it so', async (scope) => {
    const scene = await startWithAudience(scope, BOTH)
    const { addresses } = scene.server
    for (const plan of [await scene.server.planReload(BOTH), await scene.server.reload(BOTH)]) {
      expect(changed(plan)).toEqual([])
      expect(plan).toMatchObject({ cut: [], atNextStart: [] })
      expect(plan.steps.map(({ component }) => component)).toEqual([
        'listener 127.0.0.1:0 (RTMP)',
        'listener 127.0.0.1:0 (HTTP)',
        'virtual host __defaultVhost__',
        'clients of RTMP',
        'connections',
        'access to the API',
        'hooks',
        'heartbeats',
        'metrics',
        'measurements of the machine',
        'programs',
        'streams',
      ])
    }
    expect(scene.server.addresses).toEqual(addresses)
    await expectAudience(scene)
  })

  it('names each setting that changes, and for whom; secrets are not shown, and nothing is done yet', async (scope) => {
    const { server } = await ReloadScene.start(scope, BOTH)
    const secret = 'a secret of thirty-two characters'
    const next: ServerSettings = {
      ...BOTH,
      rtmp: { port: 0, pingIntervalMs: 10_000 },
      limits: { maxConnections: 7 },
      hls: { windowMs: 7_000 },
      streams: { maxStreams: 3 },
      access: { token: { keys: [{ id: 'a', secret }] } },
    }
    const plan = await server.planReload(next)
    expect(changed(plan)).toEqual([
      'update virtual host __defaultVhost__',
      'update clients of RTMP',
      'update connections',
      'update streams',
    ])
    expect(changesOf(plan)).toEqual([
      'access.token null [object Object] for new publishers and players',
      expect.stringMatching(/^hls\.windowMs \d+ 7000 from the next segment on$/),
      'session.pingIntervalMs 30000 10000 for new connections',
      expect.stringMatching(/^maxConnections \d+ 7 for new connections$/),
      'maxStreams 10000 3 for new streams',
    ])
    expect(JSON.stringify(plan)).not.toContain(secret)
    expect(server.settings).toEqual(BOTH)
    expect(changed(await server.planReload(next))).toHaveLength(4)
  })

  it.each<[string, ServerSettings, RegExp]>([
    ['nothing to listen on', {}, /would listen on nothing/],
    ['a time that is none', { ...BOTH, hls: { fragmentMs: 0 } }, /fragmentMs must be more than 0/],
    ['no address', { ...BOTH, limits: { trustedAddresses: ['here'] } }, /trustedAddresses/],
    ['a file that is not there', { ...BOTH, access: { jwt: { jwksFile: '/no/keys.json' } } }, /keys\.json/],
    [
      'a certificate that is not there',
      { ...BOTH, https: { port: 0, certificate: '/no/c.pem', key: '/no/k.pem' } },
      /'\/no\/c\.pem' is not there/,
    ],
  ])('of settings with %s is refused, as is the reload', async (_name, settings, message) => {
    const scope = { onTestFinished: () => {} }
    const { server, log } = await ReloadScene.start(scope, BOTH)
    await expect(server.planReload(settings)).rejects.toThrow(message)
    await expect(server.reload(settings)).rejects.toThrow(message)
    expect(log.withMessage('not reloaded: everything is as it was')).toMatchObject([
      { level: 'warn', fields: { reason: expect.stringMatching(message) } },
    ])
    expect(server.settings).toEqual(BOTH)
    await server.close()
  })
})

describe.concurrent('a reload that fails', () => {
  it.each([
    'a port that is taken',
    'a certificate that is damaged',
    'a port that is taken, when a listener in its way was closed already',
  ])('because of %s changes nothing', async (cause) => {
    const cleaners: (() => Promise<void> | void)[] = []
    const scope = { onTestFinished: (clean: () => Promise<void> | void) => void cleaners.push(clean) }
    const settings = {
      ...BOTH,
      hls: { fragmentMs: 1_000 },
      vhosts: { __defaultVhost__: {}, 'a.example': {} },
    }
    const scene = await startWithAudience(scope, settings)
    const { server } = scene
    const blocker = createTcpServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.9', resolve))
    scope.onTestFinished(() => new Promise((resolve) => blocker.close(() => resolve())))
    const address = blocker.address()
    const taken = typeof address === 'object' && address !== null ? address.port : 0
    const certificate = await makeCertificate(scope)
    await writeBeside(certificate, 'certificate.pem', '-----BEGIN CERTIFICATE-----\nMIIB')
    await server.reload({
      ...settings,
      rtmp: { addresses: [{ port: 0 }, { host: '127.0.0.8', port: taken }] },
    })
    const before = { addresses: server.addresses, settings: server.settings }

    const next: ServerSettings = {
      http: { host: '127.0.0.7', port: 0, page: false },
      hls: { enabled: false },
      flv: { enabled: false },
      vhosts: { 'b.example': {} },
      limits: { maxConnections: 1 },
      ...(cause === 'a certificate that is damaged'
        ? { rtmps: { port: 0, ...certificate } }
        : cause === 'a port that is taken'
          ? { rtmp: { host: '127.0.0.9', port: taken } }
          : { rtmp: { host: '', port: taken } }),
    }
    await expect(server.reload(next)).rejects.toMatchObject({
      code: cause === 'a certificate that is damaged' ? 'ERR_CERTIFICATE' : 'ERR_LISTEN',
    })
    expect({ addresses: server.addresses, settings: server.settings }).toEqual(before)
    await expectAudience(scene)
    // Whoever comes finds everything as it was: every listener, both virtual hosts, FLV and HLS.
    await scene.enter(visitor('publisher', 'a.example', 'another'))
    for (const kind of ['rtmp', 'flv', 'ws', 'hls'] as const) {
      await scene.enter(visitor(kind, 'a.example', `late ${kind}`))
    }
    await (await RtmpClient.connect(`rtmp://127.0.0.8:${taken}`)).destroy()
    for (const clean of cleaners.reverse()) {
      await clean()
    }
  })
})

describe.concurrent('virtual hosts', () => {
  it.each([
    ['removed', { __defaultVhost__: {} }, 'the virtual host a.example is no more'],
    [
      'switched off',
      { __defaultVhost__: {}, 'a.example': { enabled: false } },
      'the virtual host a.example is switched off',
    ],
  ])('that are %s lose their clients, who are told, and nobody else', async (_how, vhosts, reason) => {
    const cleaners: (() => Promise<void> | void)[] = []
    const scope = { onTestFinished: (clean: () => Promise<void> | void) => void cleaners.push(clean) }
    const settings = { ...BOTH, vhosts: { __defaultVhost__: {}, 'a.example': {} } }
    const scene = await startWithAudience(scope, settings)
    const guests = (['publisher', 'rtmp', 'flv', 'ws', 'hls'] as const).map((kind) =>
      visitor(kind, 'a.example', `guest ${kind}`),
    )
    for (const guest of guests) {
      await scene.enter(guest)
    }
    const { cut } = await scene.server.reload({ ...BOTH, vhosts })
    expect(cut.map(({ client, stream }) => `${scene.nameOf(client.id)} of ${stream}`).sort()).toEqual(
      guests.map(({ who }) => `${who} of //a.example/live/demo`).sort(),
    )
    expect(new Set(cut.map((client) => client.reason))).toEqual(new Set([reason]))
    await waitFor('the guests have gone', () => guests.every((guest) => scene.isCut(guest)))
    await expectAudience(scene)
    for (const clean of cleaners.reverse()) {
      await clean()
    }
  })

  it('without HLS let its viewers go, and keep the others', async (scope) => {
    const scene = await startWithAudience(scope, BOTH)
    const { cut } = await scene.server.reload({ ...BOTH, hls: { enabled: false } })
    expect(cut).toMatchObject([
      { role: 'player', client: { protocol: 'hls' }, reason: /^HLS is switched off/ },
    ])
    expect(scene.isCut(visitor('hls'))).toBe(true)
    for (const kind of ['rtmp', 'flv', 'ws'] as const) {
      await scene.goesOn(visitor(kind))
    }
  })

  it('lose a publisher whom nobody has watched for longer than is allowed now, and the plan says so', async (scope) => {
    const scene = await ReloadScene.start(scope, BOTH)
    await scene.enter(visitor('publisher'))
    const settings = { ...BOTH, streams: { unwatchedTimeoutMs: 20 } }
    const plan = await waitFor('a plan that cuts', async () => {
      const next = await scene.server.planReload(settings)
      return next.cut.length > 0 && next
    })
    expect(plan.cut).toMatchObject([{ role: 'publisher', reason: /unwatchedTimeoutMs/ }])
    await scene.server.reload(settings)
    await waitFor('its end', () => scene.isCut(visitor('publisher')))
  })
})

describe.concurrent('a server that is closed', () => {
  it('while it reloads leaves nothing listening, and is not reloaded any more', async (scope) => {
    const { server } = await ReloadScene.start(scope, BOTH)
    const reload = server.reload({ ...BOTH, api: { port: 0, page: false } })
    const [outcome] = await Promise.allSettled([reload, server.close()])
    expect(['fulfilled', 'rejected']).toContain(outcome.status)
    for (const { purposes, ...address } of server.addresses) {
      expect(purposes.length).toBeGreaterThan(0)
      await refuses('port' in address ? address.port : 0)
    }
    await expect(server.reload(BOTH)).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })

  it('does one reload after the other, in the order in which they were asked for', async (scope) => {
    const { server } = await ReloadScene.start(scope, BOTH)
    const fragments = [1_000, 2_000, 3_000]
    await Promise.all(fragments.map((fragmentMs) => server.reload({ ...BOTH, hls: { fragmentMs } })))
    expect(server.settings.hls).toEqual({ fragmentMs: 3_000 })
  })
})
