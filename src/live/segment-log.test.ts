import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ms } from '../base/index.ts'
import { SEGMENT_OVERHEAD_BYTES, SegmentLog } from './segment-log.ts'
import { emptyStreamState } from './stream-state.ts'

const SPAN_MS = 1000
const SEGMENT_BYTES = 100
const COST = SEGMENT_BYTES + SEGMENT_OVERHEAD_BYTES

/** A segment of `length` ms from `at` on. */
function append(log: SegmentLog, at: number, entry: boolean = false, length: number = 40): void {
  log.append({
    bytes: new Uint8Array(SEGMENT_BYTES),
    frames: 1,
    firstTimestamp: ms(at),
    lastTimestamp: ms(at + length),
    mediaFromMs: at,
    mediaToMs: at + length,
    entry,
    state: emptyStreamState,
  })
}

/** The sequences it holds. */
function held(log: SegmentLog): number[] {
  return Array.from({ length: log.end }, (_, sequence) => sequence).filter((each) => log.at(each) !== null)
}

describe('a segment log', () => {
  it('is empty at first', () => {
    const log = new SegmentLog(SPAN_MS, 10_000)
    expect([log.end, log.bytes, log.newest, log.newestEntry, log.at(0)]).toEqual([0, 0, null, null, null])
    log.trim(0)
    expect(log.end).toBe(0)
  })

  it('counts its segments up and finds them', () => {
    const log = new SegmentLog(SPAN_MS, 10_000)
    append(log, 0, true)
    append(log, 40)
    append(log, 80, true)
    append(log, 120)
    expect(log.end).toBe(4)
    expect(log.bytes).toBe(4 * COST)
    expect(log.newest).toMatchObject({ sequence: 3, firstTimestamp: 120 })
    expect(log.newestEntry).toMatchObject({ sequence: 2, firstTimestamp: 80 })
    expect(log.at(1)).toMatchObject({ sequence: 1, firstTimestamp: 40 })
    expect(log.at(-1)).toBeNull()
    expect(log.at(4)).toBeNull()
  })

  it('lets go of what is before the newest entry and before every player', () => {
    const log = new SegmentLog(SPAN_MS, 10_000)
    append(log, 0, true)
    append(log, 40)
    append(log, 80, true)
    append(log, 120)
    log.trim(1)
    expect(held(log)).toEqual([1, 2, 3])
    log.trim(2)
    expect(held(log)).toEqual([2, 3])
    log.trim(4)
    expect(held(log)).toEqual([2, 3])
    expect(log.at(1)).toBeNull()
    expect(log.at(2)).toMatchObject({ sequence: 2 })
    expect(log.bytes).toBe(2 * COST)
  })

  it('keeps what a slow player needs up to the span, and not a millisecond longer', () => {
    const log = new SegmentLog(SPAN_MS, 10_000)
    append(log, 0, true)
    append(log, 10, false, 0)
    append(log, 500, true)
    append(log, SPAN_MS - 40)
    log.trim(0)
    expect(held(log)).toEqual([0, 1, 2, 3])
    append(log, SPAN_MS + 10, false, 0)
    log.trim(0)
    expect(held(log)).toEqual([1, 2, 3, 4])
    append(log, SPAN_MS + 11, false, 0)
    log.trim(0)
    expect(held(log)).toEqual([2, 3, 4, 5])
  })

  it('keeps a GOP that is longer than the span, for who comes now', () => {
    const log = new SegmentLog(SPAN_MS, 10_000)
    append(log, 0, true)
    append(log, 5000)
    log.trim(2)
    expect(held(log)).toEqual([0, 1])
  })

  it('gives the entry up when its GOP has more than maxBytes', () => {
    const log = new SegmentLog(SPAN_MS, 3 * COST)
    append(log, 0, true)
    append(log, 40)
    append(log, 80)
    log.trim(3)
    expect(held(log)).toEqual([0, 1, 2])
    expect(log.newestEntry?.sequence).toBe(0)
    append(log, 120)
    log.trim(4)
    expect(held(log)).toEqual([1, 2, 3])
    expect(log.newestEntry).toBeNull()
    // Nobody can begin there any more, so what no player needs may go.
    log.trim(3)
    expect(held(log)).toEqual([3])
    append(log, 160, true)
    expect(log.newestEntry?.sequence).toBe(4)
  })

  it('holds no segment that alone is larger than maxBytes', () => {
    const log = new SegmentLog(SPAN_MS, COST - 1)
    append(log, 0, true)
    log.trim(0)
    expect(held(log)).toEqual([])
    expect([log.bytes, log.end, log.newestEntry]).toEqual([0, 1, null])
  })

  it('counts what a segment costs beside its bytes, so that tiny ones are bounded', () => {
    const log = new SegmentLog(SPAN_MS, 100 * SEGMENT_OVERHEAD_BYTES)
    append(log, 0, true)
    for (let i = 0; i < 10_000; i++) {
      log.append({
        bytes: new Uint8Array(1),
        frames: 1,
        firstTimestamp: ms(0),
        lastTimestamp: ms(0),
        mediaFromMs: 0,
        mediaToMs: 0,
        entry: false,
        state: emptyStreamState,
      })
    }
    log.trim(0)
    expect(held(log).length).toBeLessThanOrEqual(100)
  })

  it('needs nothing for newcomers once the entry is forgotten', () => {
    const log = new SegmentLog(SPAN_MS, 10_000)
    append(log, 0, true)
    append(log, 40)
    log.forgetEntry()
    expect(log.newestEntry).toBeNull()
    expect(held(log)).toEqual([0, 1])
    log.trim(1)
    expect(held(log)).toEqual([1])
    log.trim(2)
    expect(held(log)).toEqual([])
  })

  it('lets a segment go if and only if there is a reason to, oldest first', () => {
    const maxSegments = 6
    const steps = fc.array(
      fc.oneof(
        fc.record({ entry: fc.boolean(), after: fc.nat({ max: 400 }) }),
        fc.record({ cursor: fc.nat({ max: 80 }) }),
        fc.constant('forget' as const),
      ),
      { maxLength: 80 },
    )
    fc.assert(
      fc.property(steps, (list) => {
        const log = new SegmentLog(SPAN_MS, maxSegments * COST)
        const times: number[] = []
        let entry: number | null = null
        for (const step of list) {
          if (step === 'forget') {
            log.forgetEntry()
            entry = null
          } else if ('entry' in step) {
            const at = (times.at(-1) ?? 0) + step.after
            entry = step.entry ? log.end : entry
            times.push(at)
            append(log, at, step.entry, 0)
          } else {
            const newcomer = entry ?? log.end
            const cursor = Math.min(step.cursor, log.end)
            const hasReasonToGo = (sequence: number): boolean =>
              sequence < Math.min(newcomer, cursor) ||
              (sequence < newcomer && (times.at(-1) ?? 0) - (times[sequence] ?? 0) > SPAN_MS) ||
              log.end - sequence > maxSegments
            const before = held(log)
            const stays = before.findIndex((sequence) => !hasReasonToGo(sequence))
            log.trim(cursor)
            expect(held(log)).toEqual(stays < 0 ? [] : before.slice(stays))
            expect(log.bytes).toBe(held(log).length * COST)
            entry = entry !== null && log.at(entry) === null ? null : entry
            expect(log.newestEntry?.sequence ?? null).toBe(entry)
          }
        }
      }),
    )
  })
})
