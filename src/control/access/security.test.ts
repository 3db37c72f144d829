import { describe, expect, it } from 'vitest'
import type { AccessAction, SecurityRule } from './options.ts'
import { compileSecurity } from './security.ts'
import { requestOf } from './testing/access-rig.ts'

function rule(text: string): SecurityRule {
  const [effect, action, address = ''] = text.split(' ')
  return { effect: effect as SecurityRule['effect'], action: action as AccessAction, address }
}

describe('security', () => {
  it.each<[string[], AccessAction, string, number | null]>([
    [[], 'play', '192.0.2.1', 1052],
    [[], 'publish', '192.0.2.1', 1052],
    [['deny play all'], 'play', '192.0.2.1', 1053],
    [['deny play all'], 'publish', '192.0.2.1', null],
    [['allow play all'], 'play', '192.0.2.1', null],
    [['allow play all'], 'publish', '192.0.2.1', null],
    [['allow play 192.0.2.1'], 'play', '192.0.2.1', null],
    [['allow play 192.0.2.1'], 'play', '192.0.2.2', 1054],
    [['allow play 192.0.2.1', 'allow play 192.0.2.2'], 'play', '192.0.2.2', null],
    [['deny play 192.0.2.1'], 'play', '192.0.2.2', null],
    [['allow play all', 'deny play 192.0.2.0/24'], 'play', '192.0.2.9', 1053],
    [['deny play 192.0.2.0/24', 'allow play all'], 'play', '198.51.100.1', null],
    [['allow play 192.0.2.9', 'deny play 192.0.2.0/24'], 'play', '192.0.2.9', 1053],
    [['allow publish 10.0.0.0/8'], 'publish', '10.255.255.255', null],
    [['allow publish 10.0.0.0/8'], 'publish', '11.0.0.0', 1054],
    [['allow publish 10.0.0.0/8'], 'play', '11.0.0.0', null],
    [['allow publish 2001:db8::/32'], 'publish', '2001:db8:ffff::1', null],
    [['allow publish 2001:db8::/32'], 'publish', '2001:db9::1', 1054],
    [['deny publish ::1'], 'publish', '0:0:0:0:0:0:0:1', 1053],
    [['deny publish 192.0.2.1'], 'publish', '::ffff:192.0.2.1', 1053],
    [['deny publish ::ffff:192.0.2.1'], 'publish', '192.0.2.1', 1053],
    [['deny publish ::ffff:192.0.2.0/120'], 'publish', '192.0.2.77', 1053],
    [['allow publish 192.0.2.0/24'], 'publish', 'unknown', 1054],
    [['deny publish all'], 'publish', 'unknown', 1053],
  ])('with the rules %j answers %s from %s with %s', async (rules, action, address, srsCode) => {
    const check = compileSecurity({ rules: rules.map(rule) }, 'access')
    const decision = await check(action, requestOf({ address }))
    expect(decision.allowed ? null : decision.srsCode).toBe(srsCode)
  })

  it('says which rule denied', async () => {
    const check = compileSecurity({ rules: [rule('deny play 192.0.2.0/24')] }, 'access')
    expect(await check('play', requestOf())).toEqual({
      allowed: false,
      link: 'security',
      code: 'security_denied',
      srsCode: 1053,
      reason: "192.0.2.1 is denied by 'deny play 192.0.2.0/24'",
    })
  })

  it.each([
    ['allow play 192.0.2.0/33', "access.security.rules[0]: '192.0.2.0/33' is no IP address or network"],
    ['allow play example.com', "access.security.rules[0]: 'example.com' is no IP address or network"],
    ['permit play all', "access.security.rules[0]: 'permit play' is no rule"],
    ['allow watch all', "access.security.rules[0]: 'allow watch' is no rule"],
  ])('does not take %j', (text, message) => {
    expect(() => compileSecurity({ rules: [rule(text)] }, 'access')).toThrow(message)
  })
})
