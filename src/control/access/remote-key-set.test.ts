import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../../../test/support/wait.ts'
import { JsonWebTokens } from './json-web-tokens.ts'
import { MAX_KEY_SET_BYTES } from './key-set.ts'
import {
  DEFAULT_KEY_SET_REFRESH_MS,
  DEFAULT_KEY_SET_STALE_MS,
  KEY_SET_COOLDOWN_MS,
  KEY_SET_RETRY_MS,
} from './remote-key-set.ts'
import { RemoteKeySets } from './remote-key-sets.ts'
import { HandClock, requestOf, WarningLogger } from './testing/access-rig.ts'
import { KeySetServer, makeSigningKey, type SigningKey, signToken } from './testing/jwt-rig.ts'

/** Far enough from the tests' clock that no token expires. */
const EXP = 4_000_000_000

let old: SigningKey
let fresh: SigningKey
beforeAll(async () => {
  ;[old, fresh] = await Promise.all([makeSigningKey('old'), makeSigningKey('fresh')])
})

describe('keys at a URL', () => {
  let server: KeySetServer
  let clock: HandClock
  let logger: WarningLogger
  let sets: RemoteKeySets
  beforeEach(async () => {
    server = await KeySetServer.start([old])
    clock = new HandClock()
    logger = new WarningLogger()
    sets = new RemoteKeySets(clock, logger)
  })
  afterEach(async () => {
    sets.close()
    await server.close()
  })

  async function codeOf(key: SigningKey): Promise<string> {
    const tokens = new JsonWebTokens(sets.open(server.url, {}, 'access.jwt.jwksUrl'), {}, 'access.jwt', clock)
    const decision = await tokens.check('play', requestOf(), await signToken(key, { exp: EXP }))
    return decision.allowed ? 'allowed' : (decision.code ?? '')
  }

  it('are fetched once, for however many tokens', async () => {
    expect(await Promise.all(Array.from({ length: 20 }, () => codeOf(old)))).toEqual(
      Array(20).fill('allowed'),
    )
    clock.advance(DEFAULT_KEY_SET_REFRESH_MS)
    expect(await codeOf(old)).toBe('allowed')
    expect(server.asked).toBe(1)
  })

  it('that are older than refreshMs are used, and meanwhile fetched anew', async () => {
    expect(await codeOf(old)).toBe('allowed')
    server.body = KeySetServer.bodyOf([fresh])
    clock.advance(DEFAULT_KEY_SET_REFRESH_MS + 1)
    expect(await codeOf(old)).toBe('allowed')
    await waitFor('the keys are fetched again', async () => (await codeOf(old)) === 'jwt_unknown_key')
    expect(await codeOf(fresh)).toBe('allowed')
    expect(server.asked).toBe(2)
  })

  it('are fetched at once for a token with an unknown key, but seldom', async () => {
    expect(await codeOf(old)).toBe('allowed')
    server.body = KeySetServer.bodyOf([old, fresh])
    expect(await codeOf(fresh)).toBe('jwt_unknown_key')
    clock.advance(KEY_SET_COOLDOWN_MS)
    expect(await codeOf(fresh)).toBe('allowed')
    const stranger = await makeSigningKey('stranger')
    for (let i = 0; i < 10; i++) {
      expect(await codeOf(stranger)).toBe('jwt_unknown_key')
    }
    expect(server.asked).toBe(2)
  })

  it('are used while the URL does not answer, until they are staleMs old', async () => {
    expect(await codeOf(old)).toBe('allowed')
    server.status = 503
    clock.advance(DEFAULT_KEY_SET_REFRESH_MS + 1)
    expect(await codeOf(old)).toBe('allowed')
    await waitFor('the failure is logged', () => logger.warnings.length === 1)
    expect(logger.warnings[0]).toEqual({
      message: 'keys could not be fetched',
      fields: { url: server.url, reason: 'it answers HTTP 503', hasOlderKeys: true },
    })
    clock.advance(DEFAULT_KEY_SET_STALE_MS)
    expect(await codeOf(old)).toBe('jwt_keys_unavailable')
    server.status = 200
    clock.advance(KEY_SET_RETRY_MS)
    expect(await codeOf(old)).toBe('allowed')
  })

  it('that could not be had at the start are asked for again, but not for every token', async () => {
    server.status = 500
    expect(await codeOf(old)).toBe('jwt_keys_unavailable')
    expect(await codeOf(old)).toBe('jwt_keys_unavailable')
    expect(server.asked).toBe(1)
    server.status = 200
    clock.advance(KEY_SET_RETRY_MS)
    expect(await codeOf(old)).toBe('allowed')
  })

  it.each<[string, Partial<Pick<KeySetServer, 'status' | 'body'>>, RegExp]>([
    ['an error', { status: 404 }, /it answers HTTP 404/],
    ['a redirect', { status: 302 }, /redirect/],
    ['no JSON', { body: '<html>' }, /not valid JSON/],
    ['no key set', { body: '{"keys":1}' }, /it is no JSON Web Key Set/],
    ['no key', { body: '{"keys":[]}' }, /it has no public key/],
    ['shared secrets', { body: '{"keys":[{"kty":"oct","k":"AAAA"}]}' }, /it has no public key/],
    ['too much', { body: ' '.repeat(MAX_KEY_SET_BYTES + 1) }, /more than \d+ bytes \(MAX_KEY_SET_BYTES\)/],
    [
      'too many keys',
      { body: JSON.stringify({ keys: Array(101).fill({}) }) },
      /at most 100 \(MAX_KEY_SET_KEYS\)/,
    ],
  ])('are not there if it answers with %s', async (_name, answer, reason) => {
    Object.assign(server, answer)
    expect(await codeOf(old)).toBe('jwt_keys_unavailable')
    expect(logger.warnings[0]?.fields).toMatchObject({ reason: expect.stringMatching(reason) })
  })

  it.each(['', 'keys.json', 'file:///etc/passwd', 'ftp://host/keys'])('are not at %j', (url) => {
    expect(() => sets.open(url, {}, 'access.jwt.jwksUrl')).toThrow(
      `access.jwt.jwksUrl: '${url}' is no http or https URL`,
    )
  })

  it('tell no secrets of their URL in the log or in an error', async () => {
    server.status = 404
    sets.open(`${server.url}?token=swordfish`, {}, 'access.jwt.jwksUrl')
    await waitFor('the failure is logged', () => logger.warnings.length === 1)
    expect(logger.warnings[0]?.fields).toMatchObject({ url: `${server.url}?token=***` })
    const withPassword = server.url.replace('//', '//admin:swordfish@')
    expect(() => sets.open(withPassword, {}, 'access.jwt.jwksUrl')).toThrow(
      `'${server.url.replace('//', '//***@')}' has a name or a password`,
    )
  })
})
