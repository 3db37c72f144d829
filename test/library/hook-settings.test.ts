import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type HookServer, sayYes, startHookServer } from '../support/hook-server.ts'
import { playRtmp } from '../support/players.ts'
import { FileScope, startServer } from '../support/server.ts'

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

describe('the settings of hooks', () => {
  it('count at once when the server is reloaded, of one virtual host and of all', async (test) => {
    const settings = {
      vhosts: { 'a.example': {}, __defaultVhost__: { hooks: { onPlay: [`${hooks.url}/other`] } } },
    }
    const { server, rtmpUrl } = await startServer(scope, {
      ...settings,
      hooks: { onPlay: [`${hooks.url}/all`] },
    })
    const listeners = { rtmp: { port: 0 }, http: { port: 0, page: false } }
    const play = async (): Promise<unknown> => {
      await playRtmp(test, `${rtmpUrl}/live/a?vhost=a.example`)
      await playRtmp(test, `${rtmpUrl}/live/a`)
      return hooks.requests.splice(0).map(({ path }) => path)
    }
    expect(await play()).toEqual(['/all', '/other'])
    const secret = 'a text that nobody can guess'
    const plan = await server.reload({
      ...listeners,
      ...settings,
      hooks: { onPlay: [`${hooks.url}/new`] },
      hookDelivery: { connections: 1, timeoutMs: 5000, secret, folder: '/nowhere' },
    })
    expect(plan.cut).toEqual([])
    expect(plan.atNextStart.map(({ setting }) => setting)).toEqual(['hookDelivery.folder'])
    expect(
      plan.steps.find(({ component }) => component === 'hooks')?.changes.map(({ setting }) => setting),
    ).toEqual(['connections', 'timeoutMs', 'secret'])
    expect(JSON.stringify(plan)).not.toContain(secret)
    expect(await play()).toEqual(['/new', '/other'])
    hooks.respond((request, response) =>
      response.end(`{"code":${'webhook-signature' in request.headers ? 0 : 1}}`),
    )
    expect(await play()).toEqual(['/new', '/other'])
    await server.reload({ ...listeners, ...settings })
    await expect(play()).rejects.toThrow('hook on_play: it answered code 1')
    hooks.respond(sayYes)
    expect(await play()).toEqual(['/other', '/other'])
  })

  it.each([
    [
      { hooks: { onPlay: ['ftp://me:secret@a.example/?token=x'] } },
      "hooks.onPlay: 'ftp://***@a.example/?token=***' is no http or https URL",
    ],
    [{ hookDelivery: { connections: 0 } }, 'hookDelivery.connections is 0: must be 1 at least'],
    [
      { hookDelivery: { timeoutMs: Number.POSITIVE_INFINITY } },
      'hookDelivery.timeoutMs is Infinity: must be 2147483647 at most',
    ],
    [
      { hookDelivery: { retryMaxMs: 2 ** 31 } },
      'hookDelivery.retryMaxMs is 2147483648: must be 2147483647 at most',
    ],
    [
      { hookDelivery: { secret: 'too short' } },
      'a secret has 9 characters, fewer than MIN_HOOK_SECRET_LENGTH (24)',
    ],
    [
      { hookDelivery: { secret: 'whsec_not%base64_not%base64' } },
      'begins with whsec_ and is no base64 behind that',
    ],
    [
      { hookDelivery: { secretFile: '/no/such/file' } },
      "hookDelivery.secretFile: /no/such/file can't be read",
    ],
    [{ hookDelivery: { secretVariable: 'NO_SUCH' } }, "the environment has no variable 'NO_SUCH'"],
    [{ hookDelivery: { folder: '/dev/null/x' } }, "hookDelivery.folder: '/dev/null/x' can't be used"],
  ])('are refused as %j', async (options, message) => {
    await expect(startServer({ onTestFinished: () => {} }, options)).rejects.toThrow(message)
  })
})
