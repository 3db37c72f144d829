import { describe, expect, it } from 'vitest'
import { Places } from './index.ts'

describe('Places', () => {
  const setup = {
    takers: 'guests',
    limit: { name: 'MAX_GUESTS', value: 4 },
    limitPerAddress: { name: 'MAX_GUESTS_PER_ADDRESS', value: 2 },
    trusts: () => false,
  }

  it('are shared by the addresses of one IPv6 network, and given back once', () => {
    const places = new Places(setup)
    const place = places.take('2001:db8::1')
    places.take('2001:db8:0:0:ffff::1')
    const reason = '2 guests are from 2001:db8:0:0::/64 already (MAX_GUESTS_PER_ADDRESS)'
    expect(places.take('2001:db8::2')).toBe(reason)
    expect(places.take('2001:db8:0:1::1')).not.toBeTypeOf('string')
    if (typeof place !== 'string') {
      place.release()
      place.release()
    }
    expect(places.take('2001:db8::2')).not.toBeTypeOf('string')
    expect(places.take('2001:db8::2')).toBe(reason)
    places.take('192.0.2.1')
    expect(places.take('192.0.2.1')).toBe('there are 4 guests already (MAX_GUESTS)')
  })
})
