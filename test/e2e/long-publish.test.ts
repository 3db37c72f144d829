import { describe, expect, it } from 'vitest'
import { type Cadence, LongPublish } from '../support/long-publish.ts'

const DAY_MS = 86_400_000
const TWO_TO_24 = 2 ** 24
const TWO_TO_32 = 2 ** 32

/** Pictures as far apart as is still believed to be no jump. */
const SPARSE: Cadence = { stepMs: 9_900, audioEvery: 20, keyframeEvery: 10 }
const USUAL: Cadence = { stepMs: 40, audioEvery: 1, keyframeEvery: 25 }

const DIALECT = { deltas: 'wrapped', extended: 'repeated' } as const
const DIALECTS = (['none', 'standard', 'wrapped'] as const).flatMap((deltas) =>
  (['repeated', 'left out'] as const).map((extended) => ({ deltas, extended })),
)

function expectAllInTime(published: LongPublish, frames: number): void {
  published.end()
  for (const check of [published.rtmp, published.flv]) {
    expect(check).toMatchObject({ firstWrong: null, missing: 0, frames })
  }
  // Only what comes before a keyframe, where a part of the playlist begins, may be missing.
  expect(published.hls.firstWrong).toBeNull()
  expect(published.hls.frames + published.hls.missing).toBe(frames)
  expect(published.wrongClocks).toBe(0)
}

describe('an encoder', () => {
  it('publishes for 60 days, in another dialect each day, and every frame comes out at its time by RTMP, FLV and HLS', async () => {
    const published = await LongPublish.begin({ fragmentMs: 900_000, hlsMayMiss: 12 })
    let time = 1_000
    for (let day = 0; day < 60; day++) {
      const [dialect] = DIALECTS.slice(day % DIALECTS.length)
      time = published.publish(dialect ?? DIALECT, time, (day + 1) * DAY_MS, SPARSE)
    }
    const pictures = Math.ceil((60 * DAY_MS - 1_000) / SPARSE.stepMs)
    expectAllInTime(published, pictures + Math.ceil(pictures / SPARSE.audioEvery))
    // The second picture looks like one behind a hole; then it is known how far apart they are.
    expect(published.discontinuities).toBeLessThanOrEqual(1)
  })

  it.each(DIALECTS)('passes 2^24 and 2^32 ms without a jump, with %o', async (dialect) => {
    for (const wrap of [TWO_TO_24, TWO_TO_32]) {
      const published = await LongPublish.begin({ fragmentMs: 2_000, hlsMayMiss: 0 })
      published.publish(dialect, wrap - 20_000, wrap + 20_000, USUAL)
      expectAllInTime(published, 2_000)
      expect(published.hls.missing).toBe(0)
      expect(published.discontinuities).toBe(0)
    }
  })

  it.each([{ timeJitter: 'off' }, { atc: true }] as const)(
    'has its own time on every wire with %o, also where it jumps and goes back',
    async (options) => {
      // What a player has not got before a jump would count as so far behind.
      const broadcast = { queueLengthMs: 2 ** 50 }
      const published = await LongPublish.begin(
        { fragmentMs: 2_000, hlsMayMiss: 0 },
        { streams: options, broadcast },
      )
      for (const start of [5_000_000, 3_600_000_000, 0, 7_000, 6_999_000, 1_000]) {
        published.publish(DIALECT, start, start + 5_000, USUAL)
      }
      expectAllInTime(published, 6 * 250)
      expect(published.discontinuities).toBe(4)
    },
  )
})
