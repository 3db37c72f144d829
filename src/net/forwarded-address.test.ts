import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AddressList } from './address-list.ts'
import { forwardedAddress, MAX_FORWARDED_ADDRESSES } from './forwarded-address.ts'
import { UNIX_PEER } from './peer.ts'

const PROXIES = new AddressList(['127.0.0.0/8', '::1', '10.0.0.0/8', '2001:db8:1::/48'], 'trustedAddresses')

function trusts(address: string): boolean {
  return address === UNIX_PEER.address || PROXIES.has(address)
}

function clientOf(address: string, forwardedFor: string, realIp = ''): string {
  return forwardedAddress(address, { forwardedFor, realIp }, trusts)
}

describe('the address of the client for whom a proxy asks', () => {
  it.each([
    ['the one that a proxy says', '127.0.0.1', '203.0.113.1', '203.0.113.1'],
    ['the one said through a Unix socket', 'unix', '203.0.113.1', '203.0.113.1'],
    [
      'the last one, whatever the client said before',
      '10.0.0.1',
      '127.0.0.1, 192.0.2.9,203.0.113.1',
      '203.0.113.1',
    ],
    [
      'the one before proxies that are trusted',
      '127.0.0.1',
      '192.0.2.9, 203.0.113.1, 10.0.0.2, 10.0.0.1',
      '203.0.113.1',
    ],
    ['that of a trusted one that asks for itself', '127.0.0.1', '10.0.0.7', '10.0.0.7'],
    ['this machine’s, said by a proxy on this machine', '127.0.0.1', '127.0.0.2', '127.0.0.2'],
    ['this machine’s, said through a Unix socket', 'unix', '::1', '::1'],
    ['an IPv6 address in its one form', '::1', '2001:DB8:0:0::0001', '2001:db8::1'],
    ['an IPv4 address within IPv6', '2001:db8:1::5', '::ffff:203.0.113.1', '203.0.113.1'],
    ['an IPv4 address within IPv6, written in hex', '127.0.0.1', '0:0:0:0:0:FFFF:cb00:7101', '203.0.113.1'],
    ['one with a port', '127.0.0.1', '203.0.113.1:40000', '203.0.113.1'],
    ['one in brackets', '127.0.0.1', '[2001:db8::1]', '2001:db8::1'],
    ['one in brackets with a port', '127.0.0.1', '[2001:db8::1]:40000', '2001:db8::1'],
  ])('is %s', (_what, address, forwardedFor, client) => {
    expect(clientOf(address, forwardedFor)).toBe(client)
  })

  it.each([
    ['nobody says another', '127.0.0.1', ''],
    ['the one connected is not trusted', '203.0.113.1', '192.0.2.9'],
    ['the one connected is not known any more', 'unknown', '192.0.2.9'],
    ['a proxy elsewhere says that its own machine asks', '10.0.0.1', '127.0.0.1'],
    ['a proxy elsewhere says so in IPv6', '10.0.0.1', '::ffff:7f00:1'],
    ['a proxy says that it does not know', '127.0.0.1', '203.0.113.1, unknown'],
    ['a proxy says nothing at the end', '127.0.0.1', '203.0.113.1,'],
    ['a proxy says a name', '127.0.0.1', 'client.example.com'],
    ['a proxy says that a socket asks', '127.0.0.1', 'unix'],
    ['a proxy says a network', '127.0.0.1', '203.0.113.0/24'],
    ['a proxy says a link-local address with its zone', '127.0.0.1', 'fe80::1%eth0'],
    ['a proxy says IPv4 in brackets', '127.0.0.1', '[203.0.113.1]'],
    ['a proxy says four numbers that are none', '127.0.0.1', '203.0.113.256'],
  ])('is the one connected if %s', (_why, address, forwardedFor) => {
    expect(clientOf(address, forwardedFor)).toBe(address)
  })

  it('is the last one that could be read, if what a trusted proxy was told is no address', () => {
    expect(clientOf('127.0.0.1', 'rubbish, 10.0.0.1')).toBe('10.0.0.1')
  })

  it('is that of X-Real-IP only where X-Forwarded-For is not said', () => {
    expect(clientOf('127.0.0.1', '', '203.0.113.2')).toBe('203.0.113.2')
    expect(clientOf('127.0.0.1', '203.0.113.1', '203.0.113.2')).toBe('203.0.113.1')
    expect(clientOf('127.0.0.1', 'unknown', '203.0.113.2')).toBe('127.0.0.1')
    expect(clientOf('203.0.113.1', '', '203.0.113.2')).toBe('203.0.113.1')
    expect(clientOf('127.0.0.1', '', '203.0.113.1, 203.0.113.2')).toBe('127.0.0.1')
    expect(clientOf('10.0.0.1', '', '127.0.0.1')).toBe('10.0.0.1')
  })

  it('is looked for behind so many proxies, and no more', () => {
    const proxies = (count: number): string => ['203.0.113.1', ...Array(count).fill('10.0.0.1')].join(',')
    expect(clientOf('127.0.0.1', proxies(MAX_FORWARDED_ADDRESSES - 1))).toBe('203.0.113.1')
    expect(clientOf('127.0.0.1', proxies(MAX_FORWARDED_ADDRESSES))).toBe('10.0.0.1')
  })

  it('is an address, and what the last untrusted one connected from, whatever is said before', () => {
    const said = fc.array(
      fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.constantFrom('10.0.0.1', '[::1]:1', '::')),
    )
    fc.assert(
      fc.property(said, (before) => {
        expect(isIP(clientOf('127.0.0.1', before.join(',')))).not.toBe(0)
        expect(clientOf('127.0.0.1', [...before, '203.0.113.1', '10.0.0.1'].join(','))).toBe('203.0.113.1')
      }),
    )
  })
})
