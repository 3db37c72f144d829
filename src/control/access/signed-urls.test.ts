import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../base/index.ts'
import type { Decision } from '../../live/index.ts'
import type { AccessAction, TokenKey } from './options.ts'
import { type SignStreamUrlOptions, signStreamUrl } from './sign-stream-url.ts'
import { SignedUrls } from './signed-urls.ts'
import { type Asked, HandClock, NOW_MS, requestOf } from './testing/access-rig.ts'

const OLD: TokenKey = { id: 'k1', secret: 'the first secret of all' }
const NEW: TokenKey = { id: 'k2', secret: 'a second secret, too' }
const HOUR_MS = 3_600_000

const toPublish: SignStreamUrlOptions = { action: 'publish', expires: NOW_MS + HOUR_MS, key: OLD }

function queryOf(options: Partial<SignStreamUrlOptions> = {}, url = 'rtmp://host/live/demo'): string {
  return new URL(signStreamUrl(url, { ...toPublish, ...options })).search.slice(1)
}

async function check(
  asked: Asked,
  {
    action = 'publish',
    keys = [OLD, NEW],
    at = 0,
  }: { action?: AccessAction; keys?: TokenKey[]; at?: number } = {},
): Promise<Decision> {
  const clock = new HandClock()
  clock.advance(at)
  const urls = await SignedUrls.load({ keys, clockSkewMs: 1000 }, 'access.token', {
    clock,
    logger: silentLogger,
  })
  return urls.check(action, requestOf(asked))
}

async function codeOf(...args: Parameters<typeof check>): Promise<string> {
  const decision = await check(...args)
  return decision.allowed ? 'allowed' : (decision.code ?? '')
}

describe('a signed URL', () => {
  it('holds, however the client writes what is not signed', async () => {
    expect(await codeOf({ query: queryOf() })).toBe('allowed')
    expect(await codeOf({ query: `vhost=x&${queryOf()}&more=1` })).toBe('allowed')
    expect(await codeOf({ query: queryOf({ key: NEW }) })).toBe('allowed')
    expect(await codeOf({ query: queryOf({ action: 'play' }) }, { action: 'play' })).toBe('allowed')
  })

  it('is made as the documentation says, so that any program can make one', () => {
    const text = ['srs-url-1', 'publish', '__defaultVhost__', 'stream', 'live/demo', '1700003600', ''].join(
      '\n',
    )
    const signature = createHmac('sha256', OLD.secret).update(text).digest('base64url')
    expect(queryOf()).toBe(`expires=1700003600&key=k1&sig=${signature}`)
  })

  it('ends when it says, and as much later as clocks may differ', async () => {
    const query = queryOf()
    expect(await codeOf({ query }, { at: HOUR_MS + 1000 })).toBe('allowed')
    expect(await check({ query }, { at: HOUR_MS + 1001 })).toEqual({
      allowed: false,
      link: 'token',
      code: 'token_expired',
      reason: 'the signed URL has expired 2 s ago',
    })
  })

  it('is for one stream, or with wholeApp for all of an application', async () => {
    expect(await codeOf({ query: queryOf(), path: 'live/other' })).toBe('token_signature')
    const query = queryOf({ wholeApp: true })
    expect(await codeOf({ query, path: 'live/other' })).toBe('allowed')
    expect(await codeOf({ query, path: 'live/a/other' })).toBe('token_signature')
    expect(await codeOf({ query, path: 'other/demo' })).toBe('token_signature')
    expect(await codeOf({ query: query.replace('&scope=app', ''), path: 'live/demo' })).toBe(
      'token_signature',
    )
  })

  it('for another action says so', async () => {
    expect(await check({ query: queryOf({ action: 'play' }) })).toMatchObject({
      code: 'token_signature',
      reason: 'the URL is signed to play, not to publish',
    })
  })

  it('is for one address or network, if it names one, and so is the permission', async () => {
    const query = queryOf({ address: '192.0.2.1' })
    const decision = await check({ query })
    expect(decision.allowed && decision.holdsFor?.('192.0.2.1')).toBe(true)
    expect(decision.allowed && decision.holdsFor?.('192.0.2.2')).toBe(false)
    expect(await codeOf({ query, address: '::ffff:192.0.2.1' })).toBe('allowed')
    expect(await codeOf({ query, address: '192.0.2.2' })).toBe('token_address')
    expect(await codeOf({ query: queryOf({ address: '2001:db8::/64' }), address: '2001:db8::7' })).toBe(
      'allowed',
    )
    expect(await codeOf({ query: queryOf({ address: '2001:db8::/64' }), address: '2001:db8:1::7' })).toBe(
      'token_address',
    )
  })

  it('is no more once its key is taken out, and goes on while the key stays beside a new one', async () => {
    const query = queryOf()
    expect(await codeOf({ query }, { keys: [NEW, OLD] })).toBe('allowed')
    expect(await codeOf({ query }, { keys: [NEW] })).toBe('token_unknown_key')
    expect(await codeOf({ query }, { keys: [{ ...NEW, id: 'k1' }] })).toBe('token_signature')
  })

  it.each([
    ['expires', 'token_malformed'],
    ['key', 'token_unknown_key'],
    ['sig', 'token_malformed'],
  ])('without %s is refused', async (name, code) => {
    const parameters = new URLSearchParams(queryOf())
    parameters.delete(name)
    expect(await codeOf({ query: `${parameters}` })).toBe(code)
  })

  it.each([
    ['expires', '', 'token_malformed'],
    ['expires', '-1', 'token_malformed'],
    ['expires', '1e12', 'token_malformed'],
    ['expires', '999999999999', 'token_malformed'],
    ['expires', '99999999999', 'token_signature'],
    ['scope', 'all', 'token_malformed'],
    ['address', 'x', 'token_signature'],
    ['sig', 'abc', 'token_malformed'],
    ['sig', 'A'.repeat(43), 'token_signature'],
    ['key', '__proto__', 'token_unknown_key'],
  ])('with %s=%s is refused', async (name, value, code) => {
    const parameters = new URLSearchParams(queryOf())
    parameters.set(name, value)
    expect(await codeOf({ query: `${parameters}` })).toBe(code)
  })

  it('is refused whenever anything is changed that it is bound to', async () => {
    const name = fc.stringMatching(/^[a-z0-9]{1,8}$/)
    const grant = fc.record({
      action: fc.constantFrom<AccessAction>('publish', 'play'),
      app: name,
      stream: name,
      expires: fc.integer({ min: NOW_MS, max: NOW_MS + HOUR_MS }),
      key: fc.constantFrom(OLD, NEW),
      address: fc.constantFrom('', '192.0.2.1', '192.0.2.0/24'),
      wholeApp: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(grant, grant, async (one, other) => {
        const query = (given: typeof one): string =>
          queryOf(given, `rtmp://host/${given.app}/${given.stream}`)
        const path = `${one.app}/${one.stream}`
        expect(await codeOf({ query: query(one), path }, { action: one.action })).toBe('allowed')
        // The signature of one with what the other says.
        const signature = new URLSearchParams(query(one)).get('sig') ?? ''
        const mixed = new URLSearchParams(query(other))
        const isSame = mixed.get('sig') === signature
        mixed.set('sig', signature)
        const asked = { query: `${mixed}`, path: `${other.app}/${other.stream}` }
        expect(await codeOf(asked, { action: other.action })).toBe(isSame ? 'allowed' : 'token_signature')
      }),
    )
  })

  it('is refused if any character of its signature is changed', async () => {
    const signed = new URLSearchParams(queryOf())
    const signature = signed.get('sig') ?? ''
    for (let index = 0; index < signature.length - 1; index++) {
      const changed = signature[index] === 'A' ? 'B' : 'A'
      signed.set('sig', `${signature.slice(0, index)}${changed}${signature.slice(index + 1)}`)
      expect(await codeOf({ query: `${signed}` })).toBe('token_signature')
    }
  })

  it('whatever its parameters are, is answered', async () => {
    const parameter = fc.constantFrom('expires', 'key', 'sig', 'address', 'scope')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(parameter, fc.string())), async (pairs) => {
        const parameters = new URLSearchParams(queryOf())
        for (const [name, value] of pairs) {
          parameters.set(name, value)
        }
        expect(await codeOf({ query: `${parameters}` })).toMatch(/^(allowed|token_\w+)$/)
      }),
    )
  })
})
