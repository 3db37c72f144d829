import { createHmac, createPublicKey } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Decision } from '../../live/index.ts'
import { JsonWebTokens, MAX_JWT_LENGTH } from './json-web-tokens.ts'
import { parseKeySet } from './key-set.ts'
import type { AccessAction, JwtOptions } from './options.ts'
import { type Asked, HandClock, requestOf } from './testing/access-rig.ts'
import {
  CLAIMS,
  type Claims,
  KeySetServer,
  makeSigningKey,
  type SigningKey,
  signToken,
} from './testing/jwt-rig.ts'

let key: SigningKey
let rsa: SigningKey
let stranger: SigningKey
beforeAll(async () => {
  ;[key, rsa, stranger] = await Promise.all([
    makeSigningKey('k1'),
    makeSigningKey('r1', 'RS256'),
    makeSigningKey('k1'),
  ])
})

type Given = Asked & { action?: AccessAction; options?: JwtOptions; at?: number; keys?: SigningKey[] }

function check(token: string, given: Given = {}): Promise<Decision> {
  const { action = 'play', options = {}, at = 0, keys = [key, rsa], ...asked } = given
  const clock = new HandClock()
  clock.advance(at)
  const tokens = new JsonWebTokens(parseKeySet(KeySetServer.bodyOf(keys)), options, 'access.jwt', clock)
  return tokens.check(action, requestOf(asked), token)
}

async function codeOf(token: string, given: Given = {}): Promise<string> {
  const decision = await check(token, given)
  return decision.allowed ? 'allowed' : `${decision.link} ${decision.code}`
}

/** A token put together by hand. */
function forge(header: object, claims: object, sign: (text: string) => string): string {
  const text = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${text}.${sign(text)}`
}

describe('a JSON Web Token', () => {
  it.each<[Claims, Given, string]>([
    [{}, {}, 'allowed'],
    [{}, { action: 'publish' }, 'allowed'],
    [{ actions: 'play' }, {}, 'allowed'],
    [{ actions: 'play' }, { action: 'publish' }, 'jwt jwt_action'],
    [{ actions: [] }, {}, 'jwt jwt_action'],
    [{ actions: undefined }, {}, 'jwt jwt_malformed'],
    [{ actions: [1] }, {}, 'jwt jwt_malformed'],
    [{ stream: undefined }, {}, 'jwt jwt_malformed'],
    [{ stream: undefined, sub: 'live/demo' }, {}, 'jwt jwt_malformed'],
    [{ stream: { live: 'demo' } }, {}, 'jwt jwt_malformed'],
    [{ stream: Array(101).fill('live/demo') }, {}, 'jwt jwt_malformed'],
    [{ stream: 'live/other' }, {}, 'jwt jwt_stream'],
    [{ stream: 'live/dem' }, {}, 'jwt jwt_stream'],
    [{ stream: 'live/dem*' }, {}, 'jwt jwt_stream'],
    [{ stream: 'live/*' }, {}, 'allowed'],
    [{ stream: 'live/*' }, { path: 'live/a/b' }, 'allowed'],
    [{ stream: 'live/*' }, { path: 'live2/demo' }, 'jwt jwt_stream'],
    [{ stream: '*' }, { path: 'any/thing' }, 'allowed'],
    [{ stream: ['live/a', 'live/demo'] }, {}, 'allowed'],
    [{ vhost: '__defaultVhost__' }, {}, 'allowed'],
    [{ vhost: ['a.example'] }, {}, 'jwt jwt_stream'],
    [{ address: '192.0.2.1' }, {}, 'allowed'],
    [{ address: ['198.51.100.1', '192.0.2.0/24'] }, {}, 'allowed'],
    [{ address: '192.0.2.2' }, {}, 'jwt jwt_address'],
    [{ address: 'home' }, {}, 'jwt jwt_malformed'],
    [{ address: 5 }, {}, 'jwt jwt_malformed'],
    [{ exp: undefined }, {}, 'jwt jwt_malformed'],
    [{}, { at: 3_600_000 + 29_000 }, 'allowed'],
    [{}, { at: 3_600_000 + 31_000 }, 'jwt jwt_expired'],
    [{ nbf: CLAIMS.exp - 3570 }, {}, 'allowed'],
    [{ nbf: CLAIMS.exp - 3500 }, {}, 'jwt jwt_claim'],
    [{ iss: 'a' }, { options: { issuer: ['a', 'b'] } }, 'allowed'],
    [{ iss: 'c' }, { options: { issuer: ['a', 'b'] } }, 'jwt jwt_claim'],
    [{}, { options: { issuer: ['a'] } }, 'jwt jwt_claim'],
    [{ aud: ['x', 'b'] }, { options: { audience: ['a', 'b'] } }, 'allowed'],
    [{ aud: 'x' }, { options: { audience: ['a', 'b'] } }, 'jwt jwt_claim'],
    [{}, { options: { audience: ['a'] } }, 'jwt jwt_claim'],
    [
      { 'https://id.example/s': 'live/demo', stream: 'no' },
      { options: { streamClaim: 'https://id.example/s' } },
      'allowed',
    ],
    [{ does: 'play', actions: 'no' }, { options: { actionsClaim: 'does' } }, 'allowed'],
  ])('with %j, asked with %j, is answered %s', async (claims, given, expected) => {
    expect(await codeOf(await signToken(key, claims), given)).toBe(expected)
  })

  it('is taken from every algorithm that is listed, and from no other', async () => {
    expect(await codeOf(await signToken(rsa))).toBe('allowed')
    const options = { algorithms: ['ES256'] }
    expect(await codeOf(await signToken(rsa), { options })).toBe('jwt jwt_algorithm')
    expect(await codeOf(await signToken(key), { options })).toBe('allowed')
  })

  it('without a signature, or with one made of a public key, is refused', async () => {
    expect(await codeOf(forge({ alg: 'none' }, CLAIMS, () => ''))).toBe('jwt jwt_algorithm')
    const pem = createPublicKey({ key: rsa.publicJwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
    const confused = forge({ alg: 'HS256', kid: 'r1' }, CLAIMS, (text) =>
      createHmac('sha256', pem).update(text).digest('base64url'),
    )
    expect(await codeOf(confused)).toBe('jwt jwt_algorithm')
  })

  it('whose header brings or points to its own key is judged by ours', async () => {
    const header = { jwk: stranger.publicJwk, jku: 'http://127.0.0.1:9/', x5u: 'http://127.0.0.1:9/' }
    expect(await codeOf(await signToken(stranger, {}, header))).toBe('jwt jwt_signature')
  })

  it('of a stranger, or changed, is refused', async () => {
    expect(await codeOf(await signToken(stranger))).toBe('jwt jwt_signature')
    expect(await codeOf(await signToken(key, {}, { kid: 'k9' }))).toBe('jwt jwt_unknown_key')
    const [header, , signature] = (await signToken(key)).split('.')
    const claims = Buffer.from(JSON.stringify({ ...CLAIMS, stream: '*' })).toString('base64url')
    expect(await codeOf(`${header}.${claims}.${signature}`)).toBe('jwt jwt_signature')
    expect(await codeOf(`${header}.${claims}.`)).toBe('jwt jwt_signature')
  })

  it('that does not name its key is tried with all that fit', async () => {
    const second = await makeSigningKey('k2')
    const token = await signToken(second, {}, { kid: undefined })
    expect(await codeOf(token, { keys: [key, second] })).toBe('allowed')
    expect(await codeOf(token, { keys: [key, stranger] })).toBe('jwt jwt_signature')
    const expired = await signToken(second, { exp: 1 }, { kid: undefined })
    expect(await codeOf(expired, { keys: [key, second] })).toBe('jwt jwt_expired')
  })

  it.each(['', 'secret', 'a.b.c', '..', '\u0000'])('that is %j is none', async (text) => {
    expect(await codeOf(text)).toBe('jwt jwt_malformed')
  })

  it('longer than MAX_JWT_LENGTH is refused unread', async () => {
    expect(await check(`${await signToken(key)}${'A'.repeat(MAX_JWT_LENGTH)}`)).toMatchObject({
      code: 'jwt_malformed',
      reason: expect.stringContaining(`more than MAX_JWT_LENGTH (${MAX_JWT_LENGTH})`),
    })
  })

  it('for an address gives a permission for that address', async () => {
    const decision = await check(await signToken(key, { address: '192.0.2.0/24' }))
    expect(decision.allowed && decision.holdsFor?.('192.0.2.200')).toBe(true)
    expect(decision.allowed && decision.holdsFor?.('198.51.100.1')).toBe(false)
  })

  it.each<[Asked, string | null]>([
    [{}, null],
    [{ query: 'token=' }, null],
    [{ query: 'token=a' }, 'a'],
    [{ query: 'jwt=b&token=a' }, 'b'],
    [{ authorization: 'Bearer c' }, 'c'],
    [{ authorization: 'bearer  c' }, 'c'],
    [{ authorization: 'Basic c' }, null],
    [{ query: 'token=a', authorization: 'Bearer c' }, 'a'],
  ])('of a request with %j is %j', (asked, token) => {
    const tokens = new JsonWebTokens(
      parseKeySet(KeySetServer.bodyOf([key])),
      {},
      'access.jwt',
      new HandClock(),
    )
    expect(tokens.tokenOf(requestOf(asked))).toBe(token)
  })

  it.each([[['none']], [['HS256']], [['es256']], [[]]])(
    'is not checked with the algorithms %j',
    (algorithms) => {
      const make = (): unknown =>
        new JsonWebTokens(
          parseKeySet(KeySetServer.bodyOf([key])),
          { algorithms },
          'access.jwt',
          new HandClock(),
        )
      expect(make).toThrow(`access.jwt.algorithms: '${algorithms[0] ?? ''}' is none of RS256, `)
    },
  )
})
