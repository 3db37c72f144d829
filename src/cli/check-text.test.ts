import { describe, expect, it } from 'vitest'
import { describeCheck, describeProbe } from './check-text.ts'

const probe = { id: 'chunk.abort', title: 'Abort', reference: 'Adobe RTMP 1.0, 5.4.2', milliseconds: 7 }

describe('the text of a check', () => {
  it('has a line for a probe that passed', () => {
    expect(describeProbe({ ...probe, outcome: 'pass', reason: '' })).toBe(
      'ok    chunk.abort                    Abort',
    )
  })

  it('says why a probe failed or is unknown, and who asks for it', () => {
    for (const [outcome, mark] of [
      ['fail', 'FAIL'],
      ['unknown', '?   '],
    ] as const) {
      expect(describeProbe({ ...probe, outcome, reason: 'closed' }).split('\n')).toEqual([
        `${mark}  chunk.abort                    Abort`,
        '      closed',
        '      asked for by: Adobe RTMP 1.0, 5.4.2',
      ])
    }
  })

  it('ends with how many of each there were', () => {
    const counts = { pass: 1, fail: 2, unknown: 0 }
    const results = [1, 2, 3].map(() => ({ ...probe, outcome: 'pass' as const, reason: '' }))
    const report = { url: 'rtmp://h/a', counts, probes: results, bytesSent: 2 ** 20, bytesReceived: 0 }
    expect(describeCheck(report)).toBe(
      '3 probes: 1 passed, 2 failed, 0 unknown; 1.0 MiB sent, 0.0 MiB received',
    )
  })
})
