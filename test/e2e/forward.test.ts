import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RtmpPlayer, RtmpPublisher, type ServerSettings } from '../../src/index.ts'
import { decodeAmf0, isAmf0Object } from '../../src/media/index.ts'
import { makeCertificate } from '../support/certificate.ts'
import { mediaOf, readLike, readPacketsOf } from '../support/clip.ts'
import { startHookServer } from '../support/hook-server.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask } from '../support/web.ts'

const fileScope = new FileScope()
let first: TestServer
let middle: TestServer
let last: TestServer
beforeAll(async () => {
  const tls = await makeCertificate(fileScope)
  first = await startServer(fileScope)
  middle = await startServer(fileScope)
  last = await startServer(fileScope, { tls: { certificate: tls.certificate, key: tls.key } })
  const [toFirst, toMiddle, toLast] = [first, middle, last].map(({ rtmpUrl }) =>
    rtmpUrl.replace('rtmp://', ''),
  )
  const toLastSecured = last.server.rtmpsUrl
  await forward(first, { chain: toMiddle, pair: toMiddle, ring: toMiddle, secured: toLastSecured })
  await forward(middle, { chain: toLast, pair: toFirst, ring: toLast })
  await forward(last, { ring: toFirst })
})
afterAll(() => fileScope.clean())

/** Has a server send what comes to virtual hosts elsewhere. */
async function forward(
  { server }: TestServer,
  destinations: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const vhosts = Object.entries(destinations).map(([name, destination = '']) => [
    `${name}.example`,
    { forward: { destinations: [destination], verifyCertificate: false } },
  ])
  await server.reload({ ...server.settings, vhosts: { __defaultVhost__: {}, ...Object.fromEntries(vhosts) } })
}

/** Waits until a server sends a stream to another. */
async function forwarded({ log }: TestServer, stream: string): Promise<void> {
  await waitFor(
    () => `${stream} is forwarded: ${JSON.stringify(log.lines.slice(-5))}`,
    () => log.withMessage('forward started').some(({ fields }) => fields.stream === stream),
    20_000,
  )
}

/** The streams on their way, as the API tells. */
async function relaysOf({ httpUrl }: TestServer): Promise<Record<string, unknown>[]> {
  const { body } = await ask(`${httpUrl}/api/v1/relays/`)
  return (JSON.parse(body ?? '') as { relays: Record<string, unknown>[] }).relays
}

describe('a stream that is forwarded', () => {
  it.each([
    ['over two hops', 'chain', 'chain.example', () => [first, middle]],
    ['within TLS', 'secured', '__defaultVhost__', () => [first]],
  ])('comes %s as it was published, times and all', async (_name, name, vhost, ways) => {
    const clip = await readPacketsOf(4)
    const path = `live/${name}`
    const player = await RtmpPlayer.play(`${last.rtmpUrl}/${path}?vhost=${vhost}`, { idleTimeoutMs: 0 })
    const reading = readLike(player, clip)
    const publisher = await RtmpPublisher.publish(`${first.rtmpUrl}/${path}?vhost=${name}.example`)
    for (const server of ways()) {
      await forwarded(server, `//${name}.example/${path}`)
    }
    for (const packet of clip) {
      await publisher.write(packet)
    }
    const sent = await waitFor('all is sent', async () =>
      (await relaysOf(first)).find(
        ({ stream, frames }) => stream === `//${name}.example/${path}` && Number(frames) > 100,
      ),
    )
    expect(sent).toMatchObject({ kind: 'forward', state: 'running', failures: 0, last_error: null, skips: 0 })
    // No viewers: nobody watches here.
    expect(first.server.stream(`//${name}.example/${path}`)?.viewers.size).toBe(0)
    await publisher.close()
    expect(mediaOf(await reading)).toEqual(mediaOf(clip))
    expect(await relaysOf(first)).toEqual([])
  })

  it.each([
    ['two', 'pair', () => middle],
    ['three', 'ring', () => last],
  ])('does not come back in a loop of %s servers', async (_name, name, refused) => {
    const path = `//${name}.example/live/loop`
    const publisher = await RtmpPublisher.publish(`${first.rtmpUrl}/live/loop?vhost=${name}.example`)
    const status = await waitFor('it is refused', async () =>
      (await relaysOf(refused())).find(({ stream, state }) => stream === path && state === 'waiting'),
    )
    expect(status.last_error).toContain('a loop: it comes from this very server')
    const refusals = first.log.withMessage('publish refused').filter(({ fields }) => fields.stream === path)
    expect(refusals[0]?.fields).toMatchObject({ link: 'relay', code: 'relay_loop' })
    // Who publishes is not disturbed.
    expect(first.server.stream(path)?.publication?.client.address).toBe('127.0.0.1')
    await publisher.write({
      kind: 'video',
      timestamp: 0,
      body: Uint8Array.of(0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1e),
    })
    await publisher.close()
  })

  it('tells servers that pull it where it comes from, and nobody else', async () => {
    const publisher = await RtmpPublisher.publish(`${first.rtmpUrl}/live/pulled?vhost=chain.example`)
    await forwarded(first, '//chain.example/live/pulled')
    const url = `${middle.rtmpUrl}/live/pulled?vhost=chain.example`
    const players = await Promise.all([
      RtmpPlayer.play(url, { relayTrail: ['puller'] }),
      RtmpPlayer.play(url),
    ])
    for (const packet of await readPacketsOf(1)) {
      await publisher.write(packet)
    }
    const told = await Promise.all(
      players.map(async (player) => {
        const { value } = await player.next()
        await player.close()
        const [, properties] = decodeAmf0(value?.body ?? new Uint8Array(0))
        return isAmf0Object(properties) ? { ...properties } : {}
      }),
    )
    expect(told).toEqual([
      expect.objectContaining({ srs_relay_trail: expect.stringMatching(/^[\w-]{12},[\w-]{12}$/) }),
      expect.not.objectContaining({ srs_relay_trail: expect.anything() }),
    ])
    // One that the stream has come through is refused.
    const [, origin = ''] =
      /^([\w-]+),/.exec(String((told[0] as { srs_relay_trail?: string }).srs_relay_trail)) ?? []
    await expect(RtmpPlayer.play(url, { relayTrail: [origin] })).rejects.toThrow('a loop')
    await publisher.close()
  })

  it('goes to where a backend says, who is asked as SRS asks; if it fails, the publisher is refused', async (scope) => {
    const hooks = await startHookServer(scope, (_request, response) => {
      const urls = ['', `${last.rtmpUrl}/app/KEY-OF-BACKEND`]
      response.end(JSON.stringify({ code: 0, data: { urls } }))
    })
    const backend = `${hooks.url}/api/v1/forward`
    const { server, rtmpUrl, log } = await startServer(scope, {
      vhosts: { __defaultVhost__: { forward: { backend } } },
    })
    const publisher = await RtmpPublisher.publish(`${rtmpUrl}/live/demo?token=1`)
    await waitFor('it is there', () => last.server.stream('app/KEY-OF-BACKEND')?.publication != null)
    const [asked] = hooks.requests
    expect(Object.keys(asked?.body ?? {})).toEqual([
      'action',
      'server_id',
      'service_id',
      'client_id',
      'ip',
      'vhost',
      'app',
      'tcUrl',
      'stream',
      'param',
    ])
    expect(asked).toMatchObject({
      path: '/api/v1/forward',
      body: { action: 'on_forward', app: 'live', stream: 'demo', param: '?token=1' },
    })
    await publisher.close()
    await waitFor('it is gone', () => last.server.stream('app/KEY-OF-BACKEND')?.publication == null)
    for (const answer of ['{"code":1}', '{"code":0}', 'nonsense']) {
      hooks.respond((_request, response) => response.end(answer))
      await expect(RtmpPublisher.publish(`${rtmpUrl}/live/demo`)).rejects.toThrow(
        /the backend of forward failed: it answered/,
      )
    }
    const codes = log.withMessage('publish refused').map(({ fields }) => fields.code)
    expect(codes).toEqual(Array(3).fill('forward_backend'))
    expect(server.streams.filter(({ publication }) => publication !== null)).toEqual([])
  })

  it('goes on undisturbed where a reload changes nothing; the plan names what begins and ends', async () => {
    const publisher = await RtmpPublisher.publish(`${first.rtmpUrl}/live/reload?vhost=chain.example`)
    const path = '//chain.example/live/reload'
    await forwarded(first, path)
    const publication = first.server.stream(path)?.publication
    const [kept] = await relaysOf(first)
    const [before] = first.server.settings.vhosts?.['chain.example']?.forward?.destinations ?? []
    const withOther = (destinations: readonly string[]): ServerSettings => ({
      ...first.server.settings,
      vhosts: { ...first.server.settings.vhosts, 'chain.example': { forward: { destinations } } },
    })
    const key = `${last.rtmpUrl}/app/SECRET-KEY`
    const plan = await first.server.reload(withOther([before ?? '', key]))
    const steps = plan.steps.filter(({ component }) => component.startsWith('forward of'))
    expect(steps.map(({ action, component }) => `${action} ${component}`)).toEqual([
      expect.stringMatching(/^keep forward of \/\/chain\.example\/live\/reload to rtmp:\/\/127\.0\.0\.1/),
      expect.stringMatching(/^add forward of .* to rtmp:\/\/127\.0\.0\.1:\d+\/app\/\*\*\*$/),
    ])
    expect(JSON.stringify(plan)).not.toContain('SECRET')
    await waitFor('it is there', () => last.server.stream('app/SECRET-KEY')?.publication != null)
    const [now] = await relaysOf(first)
    expect([now?.id, now?.since_ms, now?.failures]).toEqual([kept?.id, kept?.since_ms, 0])
    await first.server.reload(withOther([before ?? '']))
    await waitFor('it is gone', () => last.server.stream('app/SECRET-KEY')?.publication == null)
    expect(first.server.stream(path)?.publication).toBe(publication)
    expect(JSON.stringify(first.log.lines)).not.toContain('SECRET')
    await publisher.close()
  })
})
