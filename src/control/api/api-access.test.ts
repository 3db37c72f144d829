import { describe, expect, it } from 'vitest'
import { httpRequest } from '../../../test/support/http-requests.ts'
import { stillClock } from '../../../test/support/live.ts'
import { resolveApiAccess } from './access-options.ts'
import { AddressRates, MAX_REMEMBERED_CALLERS } from './address-rates.ts'
import { ApiAccess, type ApiAccessState } from './api-access.ts'
import { ApiCredentials } from './credentials.ts'
import { bare, type Endpoint } from './endpoint.ts'

const KICK: Endpoint = {
  method: 'DELETE',
  path: '/api/v1/clients/{id}',
  operation: 'kick',
  says: 'Kicks.',
  answer: { kind: 'json', schema: {} },
  changes: true,
  handle: () => bare({}),
}
const LOOK: Endpoint = { ...KICK, method: 'GET', changes: false }

function access(state: Partial<ApiAccessState> = {}): ApiAccess {
  const own = () => ({ ports: new Set<number>(), hosts: [] })
  const made = new ApiAccess({ clock: stillClock, trusts: () => false, own })
  made.use({
    options: resolveApiAccess(),
    credentials: new ApiCredentials(null, []),
    isImplied: false,
    crossOrigin: true,
    ...state,
  })
  return made
}

/** HTTP's status of a refusal; null for who is let in. */
function refusal(of: ApiAccess, endpoint: Endpoint, address: string): number | null {
  const refused = of.refuse(httpRequest('api/v1/clients/c1', { address }), endpoint)
  return refused !== null && 'status' in refused ? refused.status : null
}

describe('An API that nobody asked for', () => {
  it.each([
    ['127.0.0.1', null],
    ['127.1.2.3', null],
    ['::1', null],
    ['unix', null],
    ['192.0.2.1', 403],
    ['2001:db8::1', 403],
  ])('can be changed from this machine only, without a password: from %s', (address, expected) => {
    expect(refusal(access({ isImplied: true }), KICK, address)).toBe(expected)
    expect(refusal(access({ isImplied: true }), LOOK, address)).toBeNull()
    expect(refusal(access(), KICK, address)).toBeNull()
  })
})

describe('A page under a name that was made to point here (DNS rebinding)', () => {
  const reads = (state: Partial<ApiAccessState>, origin: string, agent = 'Mozilla/5.0'): number | null => {
    const request = httpRequest('api/v1/clients/c1', { headers: { 'user-agent': agent }, origin })
    const refused = access(state).refuse(request, LOOK)
    return refused !== null && 'status' in refused ? refused.status : null
  }

  it('reads nothing where pages of other sites may not', () => {
    const state = { crossOrigin: false }
    expect(reads(state, 'http://rebound.evil.example:1985')).toBe(403)
    expect(reads(state, 'http://127.0.0.1:1985')).toBeNull()
    expect(reads(state, 'http://rebound.evil.example:1985', 'curl/8.5.0')).toBeNull()
    const options = resolveApiAccess({ trustedOrigins: ['http://api.example.com:1985'] })
    expect(reads({ ...state, options }, 'http://api.example.com:1985')).toBeNull()
  })

  it('reads what every page may read, and what a password keeps it from', () => {
    expect(reads({ crossOrigin: true }, 'http://rebound.evil.example:1985')).toBeNull()
    const credentials = new ApiCredentials({ username: 'a', password: 'b' }, [])
    expect(reads({ crossOrigin: false, credentials }, 'http://rebound.evil.example:1985')).toBe(401)
  })
})

it('before any settings are in force nobody from elsewhere can change anything', () => {
  const own = () => ({ ports: new Set<number>(), hosts: [] })
  const made = new ApiAccess({ clock: stillClock, trusts: () => false, own })
  expect(refusal(made, KICK, '192.0.2.1')).toBe(403)
})

it('addresses have rates of their own, and no more than MAX_REMEMBERED_CALLERS are remembered', () => {
  const rates = new AddressRates({ burst: 1, perSecond: 0 }, stillClock)
  expect([rates.take('192.0.2.1'), rates.take('192.0.2.1'), rates.has('192.0.2.1')]).toEqual([
    true,
    false,
    false,
  ])
  expect(rates.take('2001:db8::1')).toBe(true)
  expect(rates.take('2001:db8::2'), 'the same /64').toBe(false)
  for (let i = 0; i < MAX_REMEMBERED_CALLERS; i++) {
    rates.take(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
  }
  expect(rates.has('192.0.2.1'), 'forgotten').toBe(true)
})
