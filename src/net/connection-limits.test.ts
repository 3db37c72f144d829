import { describe, expect, it } from 'vitest'
import { type Clock, ms } from '../base/index.ts'
import {
  type ConnectionLimitOptions,
  ConnectionLimits,
  defaultConnectionLimits,
  MAX_REMEMBERED_ADDRESSES,
  type Place,
} from './index.ts'

const UNLIMITED: ConnectionLimitOptions = {
  maxConnections: Number.POSITIVE_INFINITY,
  maxConnectionsPerAddress: Number.POSITIVE_INFINITY,
  connectRatePerAddress: 1,
  connectBurstPerAddress: Number.POSITIVE_INFINITY,
  trustedAddresses: [],
}

class Rig {
  #now = 5000
  readonly limits: ConnectionLimits

  constructor(options: Partial<ConnectionLimitOptions>) {
    const clock: Clock = { now: () => ms(this.#now), wallTime: () => ms(0) }
    this.limits = new ConnectionLimits({ ...UNLIMITED, ...options }, clock)
  }

  pass(timeMs: number): void {
    this.#now += timeMs
  }

  /** Places taken of so many asked for; null for those that are not counted. */
  take(count: number, address = '192.0.2.1'): (Place | null)[] {
    const answers = Array.from({ length: count }, () => this.limits.takePlaceOf(address))
    return answers.filter((answer) => typeof answer !== 'string')
  }

  /** Why there is no place. */
  refusal(address = '192.0.2.1'): string {
    const answer = this.limits.takePlaceOf(address)
    return typeof answer === 'string' ? answer : 'it is taken'
  }
}

describe('maxConnections', () => {
  it('bounds the connections of everybody, and frees a place once for each that closes', () => {
    const { limits } = new Rig({ maxConnections: 2 })
    const first = limits.takePlace()
    limits.takePlace()
    expect(limits.takePlace()).toBe('there are 2 connections already (maxConnections)')
    if (typeof first !== 'string') {
      first.release()
      first.release()
    }
    expect(limits.connections).toBe(1)
    expect(typeof limits.takePlace()).not.toBe('string')
    expect(typeof limits.takePlace()).toBe('string')
  })
})

describe('maxConnectionsPerAddress', () => {
  it('bounds the connections of one address, and of no other', () => {
    const rig = new Rig({ maxConnectionsPerAddress: 3 })
    const places = rig.take(5)
    expect(places).toHaveLength(3)
    expect(rig.refusal()).toBe('3 connections are from 192.0.2.1 already (maxConnectionsPerAddress)')
    expect(rig.take(1, '192.0.2.2')).toHaveLength(1)
    places[0]?.release()
    places[0]?.release()
    expect(rig.take(5)).toHaveLength(1)
  })

  it('counts an IPv4 address within IPv6 as the same, and a /64 of IPv6 as one', () => {
    const rig = new Rig({ maxConnectionsPerAddress: 1 })
    expect(rig.take(1, '::ffff:192.0.2.1')).toHaveLength(1)
    expect(rig.take(1, '192.0.2.1')).toHaveLength(0)
    expect(rig.take(1, '2001:db8::1')).toHaveLength(1)
    expect(rig.take(1, '2001:0DB8:0:0:ffff::2')).toHaveLength(0)
    expect(rig.refusal('2001:db8::5%eth0')).toContain('are from 2001:db8:0:0::/64 already')
    expect(rig.take(1, '2001:db8:0:1::1')).toHaveLength(1)
    expect(rig.take(1, 'fe80::1:2:3:4:5')).toHaveLength(1)
    expect(rig.take(1, '64:ff9b::192.0.2.1')).toHaveLength(1)
  })
})

describe('connectRatePerAddress', () => {
  it('lets connectBurstPerAddress come at once, then so many a second', () => {
    const rig = new Rig({ connectRatePerAddress: 2, connectBurstPerAddress: 5 })
    for (const place of rig.take(9)) {
      place?.release()
    }
    expect(rig.take(1)).toHaveLength(0)
    expect(rig.refusal()).toBe(
      '192.0.2.1 connects more often than 2 times a second (connectRatePerAddress) after 5 at once (connectBurstPerAddress)',
    )
    expect(rig.take(1, '192.0.2.2')).toHaveLength(1)
    rig.pass(499)
    expect(rig.take(1)).toHaveLength(0)
    rig.pass(1)
    expect(rig.take(2)).toHaveLength(1)
    rig.pass(1500)
    expect(rig.take(9)).toHaveLength(3)
    rig.pass(1_000_000)
    expect(rig.take(9)).toHaveLength(5)
  })
})

describe('trusted addresses', () => {
  it('are not limited, except by maxConnections', () => {
    const rig = new Rig({
      maxConnectionsPerAddress: 1,
      connectRatePerAddress: 1,
      connectBurstPerAddress: 1,
      trustedAddresses: ['10.0.0.0/8'],
    })
    expect(rig.take(50, '10.1.2.3')).toHaveLength(50)
    expect(rig.take(50, '192.0.2.1')).toHaveLength(1)
  })

  it('are those of this machine by default', () => {
    const rig = new Rig({ ...defaultConnectionLimits, maxConnectionsPerAddress: 1 })
    expect(rig.take(9, '127.0.0.1')).toHaveLength(9)
    expect(rig.take(9, '::1')).toHaveLength(9)
    expect(rig.take(9, '192.0.2.1')).toHaveLength(1)
  })
})

describe('the memory of addresses', () => {
  it('is empty when nobody is connected and every rate has recovered', () => {
    const rig = new Rig({ connectRatePerAddress: 1, connectBurstPerAddress: 2 })
    const places = rig.take(1)
    expect(rig.limits.rememberedAddresses).toBe(1)
    rig.pass(1000)
    places[0]?.release()
    expect(rig.limits.rememberedAddresses).toBe(0)
  })

  it('is bounded: the oldest that have no connection are forgotten first', () => {
    const rig = new Rig({ connectRatePerAddress: 0.001, connectBurstPerAddress: 1 })
    const address = (index: number): string =>
      `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
    // Connected, so never forgotten.
    rig.take(1, '192.0.2.1')
    for (let index = 0; index < MAX_REMEMBERED_ADDRESSES + 10; index++) {
      rig.take(1, address(index))[0]?.release()
    }
    expect(rig.limits.rememberedAddresses).toBe(MAX_REMEMBERED_ADDRESSES)
    expect(rig.take(1, address(MAX_REMEMBERED_ADDRESSES))).toHaveLength(0)
    expect(rig.take(1, address(0))).toHaveLength(1)
    expect(rig.take(1, '192.0.2.1')).toHaveLength(0)
  })
})
