import { describe, expect, it } from 'vitest'
import { AddressList, LOOPBACK_ADDRESSES, plainAddress } from './index.ts'

describe('an address list', () => {
  it.each([
    ['192.0.2.1', ['192.0.2.1'], true],
    ['192.0.2.2', ['192.0.2.1'], false],
    ['10.1.2.3', ['10.0.0.0/8'], true],
    ['11.1.2.3', ['10.0.0.0/8'], false],
    ['11.1.2.3', ['10.0.0.0/8', '0.0.0.0/0'], true],
    ['2001:db8:1::7', ['2001:db8::/32'], true],
    ['2001:db9::7', ['2001:db8::/32'], false],
    ['::ffff:10.1.2.3', ['10.0.0.0/8'], true],
    ['127.3.2.1', LOOPBACK_ADDRESSES, true],
    ['::1', LOOPBACK_ADDRESSES, true],
    ['::ffff:127.0.0.1', LOOPBACK_ADDRESSES, true],
    ['unknown', ['0.0.0.0/0', '::/0'], false],
  ])('says whether %s is in %j', (address, entries, expected) => {
    expect(new AddressList(entries, 'trustedProxies').has(address)).toBe(expected)
  })

  it.each(['localhost', '10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1', ''])(
    'refuses %j and names the option',
    (entry) => {
      expect(() => new AddressList(['::1', entry], 'trustedProxies')).toThrow(
        expect.objectContaining({
          code: 'ERR_CONFIGURATION',
          message: expect.stringContaining(`trustedProxies: '${entry}' is no IP address or network`),
        }),
      )
    },
  )
})

describe('plainAddress', () => {
  it.each([
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:1:2', '::ffff:1:2'],
  ])('of %s is %s', (address, plain) => {
    expect(plainAddress(address)).toBe(plain)
  })
})
