import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_SHOWN_ANSWER_LENGTH, readHookAnswer } from './hook-answer.ts'

// What each kind of answer means stands in hook-client.test.ts, where real ones are read.

/** Whether today's SRS, or that of 2014, takes it. */
function isYes(status: number, text: string): boolean {
  try {
    const value = JSON.parse(text)
    return [200, 201].includes(status) && (value === 0 || value?.code === 0)
  } catch {
    return false
  }
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc
    .record({ code: fc.oneof(fc.constant(0), fc.jsonValue()), data: fc.jsonValue() })
    .map((value) => JSON.stringify(value)),
  fc.constantFrom('0', ' 0 ', '-0', '0.0', '"0"', '{"code":0}', '{"code":1}', '[0]', 'null', ''),
)

describe('an answer', () => {
  it('is a yes only if SRS takes it for one, whatever it is, and is explained in one short line else', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(200, 201), fc.integer({ min: 100, max: 599 })),
        anyText,
        (status, text) => {
          const answer = readHookAnswer(status, text)
          expect(answer.outcome === 'allowed').toBe(isYes(status, text))
          if (answer.outcome !== 'allowed') {
            expect(answer.reason).toMatch(/^it answered [^\n\r]+$/u)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('is shown at its beginning only, without secrets', () => {
    const [long, secret] = ['x'.repeat(1000), 'no entry?token=swordfish&a=1'].map((text) =>
      readHookAnswer(403, text),
    )
    expect(long).toMatchObject({ reason: `it answered HTTP 403: ${'x'.repeat(MAX_SHOWN_ANSWER_LENGTH)}...` })
    expect(secret).toMatchObject({ reason: 'it answered HTTP 403: no entry?token=***&a=1' })
  })
})
