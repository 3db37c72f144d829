import { describe, expect, it } from 'vitest'
import { stillClock } from '../../../test/support/live.ts'
import type { Refusal } from '../../live/index.ts'
import {
  MAX_COUNTED_REFUSAL_CODES,
  MAX_KEPT_REFUSALS,
  MAX_REFUSAL_TEXT_LENGTH,
  Refusals,
} from './refusals.ts'

function refusal(changes: Partial<Refusal> = {}): Refusal {
  return {
    action: 'play',
    request: {
      name: { vhost: '__defaultVhost__', app: 'live', stream: 'demo' },
      client: { id: 'c1', protocol: 'hls', address: '192.0.2.1' },
      vhost: 'host',
      parameters: new URLSearchParams('sig=abc'),
      param: '?sig=abc',
      tcUrl: 'http://host/live',
      pageUrl: 'http://page.example/?token=abc',
    },
    link: 'token',
    code: 'token_signature',
    reason: 'the signature is wrong',
    ...changes,
  }
}

describe('refusals', () => {
  it('are shown with all that tells one from another, and without a token', () => {
    const refusals = new Refusals(stillClock)
    refusals.add(refusal({ code: 'security_denied', srsCode: 1053 }))
    expect(refusals.newest).toEqual([
      {
        at_ms: 1_700_000_000_000,
        action: 'play',
        protocol: 'hls',
        address: '192.0.2.1',
        client: 'c1',
        vhost: 'host',
        app: 'live',
        stream: 'demo',
        page_url: 'http://page.example/?token=***',
        link: 'token',
        code: 'security_denied',
        srs_code: 1053,
        reason: 'the signature is wrong',
      },
    ])
    expect(JSON.stringify(refusals.newest)).not.toContain('abc')
  })

  it('are kept up to MAX_KEPT_REFUSALS, newest first, and all counted', () => {
    const refusals = new Refusals(stillClock)
    for (let i = 0; i < MAX_KEPT_REFUSALS + 3; i++) {
      refusals.add(refusal({ reason: `reason ${i}`, code: i % 2 === 0 ? 'even' : 'odd' }))
    }
    expect(refusals.newest).toHaveLength(MAX_KEPT_REFUSALS)
    expect(refusals.newest[0]?.reason).toBe(`reason ${MAX_KEPT_REFUSALS + 2}`)
    expect(refusals.newest.at(-1)?.reason).toBe('reason 3')
    expect(refusals.total).toBe(MAX_KEPT_REFUSALS + 3)
    expect(refusals.counts).toEqual({ even: MAX_KEPT_REFUSALS / 2 + 2, odd: MAX_KEPT_REFUSALS / 2 + 1 })
  })

  it('past MAX_COUNTED_REFUSAL_CODES kinds are counted together', () => {
    const refusals = new Refusals(stillClock)
    for (let i = 0; i < MAX_COUNTED_REFUSAL_CODES + 5; i++) {
      refusals.add(refusal({ code: `code_${i}` }))
    }
    refusals.add(refusal({ code: 'code_0' }))
    expect(Object.keys(refusals.counts)).toHaveLength(MAX_COUNTED_REFUSAL_CODES + 1)
    expect(refusals.counts).toMatchObject({ code_0: 2, other: 5 })
  })

  it('show MAX_REFUSAL_TEXT_LENGTH characters of a longer text', () => {
    const refusals = new Refusals(stillClock)
    refusals.add(refusal({ reason: 'x'.repeat(10_000) }))
    expect(refusals.newest[0]?.reason).toHaveLength(MAX_REFUSAL_TEXT_LENGTH)
  })
})
