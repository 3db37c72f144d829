import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest'
import { type HookServer, sayYes, startHookServer } from '../../../test/support/hook-server.ts'
import { FileScope, RecordingLogger } from '../../../test/support/server.ts'
import { createServerIdentity, systemClock } from '../../base/index.ts'
import type { ClientProtocol, StreamRequest } from '../../live/index.ts'
import { HookAdmission } from './hook-admission.ts'
import { HookBodies } from './hook-bodies.ts'
import { HookClient } from './hook-client.ts'
import type { HookDeliveryOptions, HookOptions } from './options.ts'

const scope = new FileScope()
let hooks: HookServer
beforeAll(async () => {
  hooks = await startHookServer(scope)
})
beforeEach(() => {
  hooks.respond(sayYes)
  hooks.requests.length = 0
})
afterAll(() => scope.clean())

function requestBy(protocol: ClientProtocol = 'rtmp'): StreamRequest {
  return {
    name: { vhost: 'a.example', app: 'live', stream: 'demo' },
    client: { id: 'c1', protocol, address: '192.0.2.1' },
    vhost: '',
    parameters: new URLSearchParams(),
    param: '?token=swordfish',
    tcUrl: 'rtmp://a.example/live',
    pageUrl: '',
  }
}

type Made = { admission: HookAdmission; log: RecordingLogger; settled: string[]; connected: StreamRequest[] }

function createAdmission(
  test: TestContext,
  options: HookOptions,
  whenUnavailable: HookDeliveryOptions['whenUnavailable'] = 'refuse',
): Made {
  const log = new RecordingLogger()
  const client = new HookClient(systemClock)
  test.onTestFinished(() => client.close())
  const settled: string[] = []
  const connected: StreamRequest[] = []
  const admission = new HookAdmission({
    client,
    bodies: new HookBodies(createServerIdentity()),
    hooksOf: (vhost) => (vhost === 'a.example' ? options : {}),
    whenUnavailable: () => whenUnavailable,
    settle: async (url) => void settled.push(url),
    onConnected: (request) => connected.push(request),
    logger: log,
  })
  return { admission, log, settled, connected }
}

const paths = (): string[] => hooks.requests.map(({ path }) => path)

describe('hook admission', () => {
  it('asks the URLs of each event in order, and lets in who all of them let in', async (test) => {
    const { admission, settled, connected } = createAdmission(test, {
      onConnect: [`${hooks.url}/connect`],
      onPublish: [`${hooks.url}/first`, `${hooks.url}/second?key=1`],
      onPlay: [`${hooks.url}/play`],
    })
    const request = requestBy()
    expect(await admission.mayConnect(request)).toEqual({ allowed: true })
    expect(connected).toEqual([request])
    expect(await admission.mayPublish(request)).toEqual({ allowed: true })
    expect(await admission.mayPlay(request)).toEqual({ allowed: true })
    expect(paths()).toEqual(['/connect', '/first', '/second?key=1', '/play'])
    expect(hooks.requests.map(({ body }) => body.action)).toEqual([
      'on_connect',
      'on_publish',
      'on_publish',
      'on_play',
    ])
    expect(settled).toEqual([`${hooks.url}/first`, `${hooks.url}/second?key=1`])
  })

  it('asks no further once one has said no, and says why without the address', async (test) => {
    const { admission, log, connected } = createAdmission(test, {
      onConnect: [`${hooks.url}/secret-path?key=1`, `${hooks.url}/second`],
    })
    hooks.respond((_request, response) => response.end('{"code":403,"msg":"unpaid"}'))
    expect(await admission.mayConnect(requestBy())).toEqual({
      allowed: false,
      reason: 'hook on_connect: it answered code 403: {"code":403,"msg":"unpaid"}',
      link: 'hook',
      code: 'hook_refused',
    })
    expect(paths()).toEqual(['/secret-path?key=1'])
    expect(connected).toEqual([])
    expect(log.lines.map(({ message, fields }) => [message, fields.url])).toEqual([
      ['a hook said no yes', `${hooks.url}/secret-path`],
    ])
  })

  it.each(['refuse', 'allow'] as const)('does what is set if a server is down: %s', async (policy) => {
    const gone = await startHookServer(scope)
    await gone.close()
    const test = {
      onTestFinished: (clean: () => Promise<void>) => scope.onTestFinished(clean),
    } as TestContext
    const options = { onPlay: [gone.url, `${hooks.url}/next`] }
    const { admission, log } = createAdmission(test, options, policy)
    const decision = await admission.mayPlay(requestBy())
    if (policy === 'allow') {
      expect(decision).toEqual({ allowed: true })
      expect(paths()).toEqual(['/next'])
      expect(log.lines[0]?.message).toBe('a hook is unavailable: the client is let in')
    } else {
      expect(decision).toMatchObject({
        reason: "hook on_play: it can't be reached (ECONNREFUSED)",
        code: 'hook_unavailable',
      })
      expect(paths()).toEqual([])
    }
  })

  it('refuses by an answer that is no yes, whatever holds for servers that are down', async (test) => {
    const { admission } = createAdmission(test, { onPlay: [hooks.url] }, 'allow')
    hooks.respond((_request, response) => response.writeHead(500).end())
    expect(await admission.mayPlay(requestBy())).toMatchObject({ allowed: false, code: 'hook_refused' })
  })

  it('lets in whom no hook is about', async (test) => {
    const url = [hooks.url]
    const { admission } = createAdmission(test, { onPublish: url, onConnect: url, onPlay: url })
    for (const protocol of ['file', 'library', 'edge', 'forward'] as const) {
      expect(await admission.mayPublish(requestBy(protocol))).toEqual({ allowed: true })
    }
    expect(paths()).toEqual([])
    const ingested = { ...requestBy('file'), isIngested: true } as const
    hooks.respond((_request, response) => response.writeHead(403).end())
    expect(await admission.mayPublish(ingested)).toMatchObject({ allowed: false, code: 'hook_refused' })
    hooks.requests.length = 0
    const elsewhere = { ...requestBy(), name: { vhost: 'b.example', app: 'live', stream: 'demo' } }
    expect(await admission.mayPublish(elsewhere)).toEqual({ allowed: true })
    const off = createAdmission(test, { enabled: false, onPlay: url })
    expect(await off.admission.mayPlay(requestBy())).toEqual({ allowed: true })
    expect(paths()).toEqual([])
  })
})
