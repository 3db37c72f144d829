import { beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../base/index.ts'
import type { Decision, StreamRequest } from '../../live/index.ts'
import { AccessAdmission, loadAccessRules } from './access-admission.ts'
import type { AccessAction, AccessOptions } from './options.ts'
import { RemoteKeySets } from './remote-key-sets.ts'
import { signStreamUrl } from './sign-stream-url.ts'
import { type Asked, HandClock, NOW_MS, requestOf } from './testing/access-rig.ts'
import { KeySetServer, makeSigningKey, type SigningKey, signToken } from './testing/jwt-rig.ts'

const KEY = { id: 'k1', secret: 'the secret of this key' }
const VHOST = '__defaultVhost__'
const clock = new HandClock()
const setup = { clock, logger: silentLogger, keySets: new RemoteKeySets(clock, silentLogger) }

async function admissionOf(access: AccessOptions): Promise<AccessAdmission> {
  const admission = new AccessAdmission()
  admission.use(await loadAccessRules([{ name: VHOST, access }], setup))
  return admission
}

function describeDecision(decision: Decision): string {
  return decision.allowed ? 'allowed' : `${decision.link} ${decision.code}`
}

async function answer(access: AccessOptions, action: AccessAction, asked: Asked = {}): Promise<string> {
  const admission = await admissionOf(access)
  const request = requestOf(asked)
  return describeDecision(
    await (action === 'publish' ? admission.mayPublish(request) : admission.mayPlay(request)),
  )
}

function signed(action: AccessAction): string {
  const url = signStreamUrl('rtmp://host/live/demo', { action, expires: NOW_MS + 60_000, key: KEY })
  return new URL(url).search.slice(1)
}

describe('access rules', () => {
  const security = { rules: [{ effect: 'deny', action: 'play', address: '192.0.2.1' }] } as const
  const refer = { all: ['example.com'] }
  const token = { keys: [KEY] }

  it.each<[AccessOptions, AccessAction, Asked, string]>([
    [{}, 'publish', {}, 'allowed'],
    [{}, 'play', {}, 'allowed'],
    [{ refer, security, token }, 'play', {}, 'refer refer_no_page'],
    [{ refer, security, token }, 'play', { pageUrl: 'http://example.com/' }, 'security security_denied'],
    [
      { refer, security, token },
      'play',
      { pageUrl: 'http://example.com/', address: '192.0.2.2' },
      'token token_missing',
    ],
    [{ refer: { ...refer, enabled: false } }, 'play', {}, 'allowed'],
    [{ security: { ...security, enabled: false } }, 'play', {}, 'allowed'],
    [{ security: {} }, 'play', {}, 'security security_no_rule'],
    [{ token: { ...token, enabled: false } }, 'play', {}, 'allowed'],
    [{ token: { enabled: false } }, 'play', {}, 'allowed'],
    [{ token }, 'publish', { query: signed('publish') }, 'allowed'],
    [{ token }, 'publish', { query: signed('play') }, 'token token_signature'],
    [{ token: { ...token, require: ['publish'] } }, 'play', {}, 'allowed'],
    [{ token: { ...token, require: ['publish'] } }, 'publish', {}, 'token token_missing'],
    [{ token: { ...token, require: [] } }, 'publish', {}, 'allowed'],
  ])('%j, asked to %s by %j, say %s', async (access, action, asked, expected) => {
    expect(await answer(access, action, asked)).toBe(expected)
  })

  it.each<[AccessOptions, string]>([
    [{ refer: { all: ['a b'] } }, "access.refer.all: 'a b' is no host name"],
    [{ token: {} }, 'access.token: there are 0 keys'],
    [{ token: { ...token, require: ['watch' as 'play'] } }, "access.token.require: 'watch' is neither"],
    [
      { token: { ...token, clockSkewMs: Number.NaN } },
      'access.token.clockSkewMs must be 0 ms or more, is NaN',
    ],
    [{ token: { ...token, clockSkewMs: Number.POSITIVE_INFINITY } }, 'access.token.clockSkewMs must be 0 ms'],
    [{ jwt: { staleMs: -1 } }, 'access.jwt.staleMs must be 0 ms or more, is -1'],
    [{ jwt: {} }, 'access.jwt needs its keys: either jwksFile or jwksUrl'],
    [
      { jwt: { jwksFile: 'a', jwksUrl: 'http://b' } },
      'access.jwt needs its keys: either jwksFile or jwksUrl',
    ],
  ])('are not read from %j', async (access, message) => {
    await expect(admissionOf(access)).rejects.toThrow(message)
  })

  it('of a virtual host are named by it in errors, and hold for it alone', async () => {
    const vhosts = [
      { name: 'a.example', access: { token } },
      { name: 'b.example', access: { token: {} } },
    ]
    await expect(loadAccessRules(vhosts, setup)).rejects.toThrow(
      'virtual host b.example: access.token: there are 0',
    )
    const admission = new AccessAdmission()
    admission.use(await loadAccessRules([{ name: 'a.example', access: {} }], setup))
    await expect(admission.mayPlay(requestOf())).rejects.toThrow(
      `there are no rules for the virtual host ${VHOST}`,
    )
  })

  it('let nobody in before they are read, and can be replaced at any time', async () => {
    const admission = new AccessAdmission()
    await expect(admission.mayPlay(requestOf())).rejects.toThrow('there are no rules')
    admission.use(await loadAccessRules([{ name: VHOST, access: {} }], setup))
    expect(describeDecision(await admission.mayPlay(requestOf()))).toBe('allowed')
    admission.use(await loadAccessRules([{ name: VHOST, access: { token } }], setup))
    expect(describeDecision(await admission.mayPlay(requestOf()))).toBe('token token_missing')
  })

  it('are not for what runs in this process', async () => {
    const admission = await admissionOf({ security: {} })
    const request: StreamRequest = {
      ...requestOf(),
      client: { id: 'c1', protocol: 'file', address: 'local' },
    }
    expect(describeDecision(await admission.mayPublish(request))).toBe('allowed')
  })
})

describe('a signed URL and a JSON Web Token', () => {
  let key: SigningKey
  let access: AccessOptions
  beforeAll(async () => {
    key = await makeSigningKey('k1')
    const server = await KeySetServer.start([key])
    access = { token: { keys: [KEY] }, jwt: { jwksUrl: server.url, require: ['play'] } }
    await answer(access, 'play', { query: `token=${await signToken(key)}` })
    await server.close()
  })

  it('are each enough where both are asked for', async () => {
    expect(await answer(access, 'play', { query: signed('play') })).toBe('allowed')
    expect(await answer(access, 'play', { query: `token=${await signToken(key)}` })).toBe('allowed')
    expect(await answer(access, 'play', { authorization: `Bearer ${await signToken(key)}` })).toBe('allowed')
  })

  it('are asked for by name if there is neither', async () => {
    const admission = await admissionOf(access)
    expect(await admission.mayPlay(requestOf())).toMatchObject({
      code: 'token_missing',
      reason: 'who wants to play needs a signed URL or a token',
    })
  })

  it('are judged by the one that is there', async () => {
    expect(await answer(access, 'play', { query: 'sig=a' })).toBe('token token_malformed')
    expect(await answer(access, 'play', { query: 'token=a' })).toBe('jwt jwt_malformed')
    expect(await answer(access, 'publish', { query: `token=${await signToken(key)}` })).toBe(
      'token token_missing',
    )
  })
})
