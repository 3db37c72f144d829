import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { silentLogger } from '../base/index.ts'
import {
  BUSY_UTILISATION,
  defaultFlushOptions,
  FLUSH_INTERVALS_MS,
  type FlushOptions,
  FlushPacer,
  IDLE_SAMPLES,
  IDLE_UTILISATION,
  MANY_BROADCASTS,
  MIN_FLUSH_SHARE,
  PACER_SAMPLE_MS,
  READ_LATENESS_MS,
} from './flush-pacer.ts'
import { FakeClock } from './testing/fake-clock.ts'

/** @param holder options of who holds it; null for nobody */
function newPacer(holder: FlushOptions | null = defaultFlushOptions): {
  pacer: FlushPacer
  sampleAt: (load: number, times?: number, flushShare?: number) => void
} {
  let load = 0
  const clock = new FakeClock()
  const pacer = new FlushPacer({
    logger: silentLogger,
    clock,
    utilisation: () => load,
  })
  if (holder !== null) {
    onTestFinished(pacer.hold(holder))
  }
  return {
    pacer,
    sampleAt(utilisation, times = 1, flushShare = utilisation) {
      load = utilisation
      for (let i = 0; i < times; i++) {
        pacer.countFlush(PACER_SAMPLE_MS * flushShare)
        clock.advance(PACER_SAMPLE_MS)
        pacer.sample()
      }
    },
  }
}

describe('a flush pacer', () => {
  it('begins with a write at every video frame and grows step by step while the event loop is busy', () => {
    const { pacer, sampleAt } = newPacer()
    const seen = [pacer.intervalMs]
    for (let i = 0; i < FLUSH_INTERVALS_MS.length + 2; i++) {
      sampleAt(BUSY_UTILISATION + 0.1)
      seen.push(pacer.intervalMs)
    }
    const last = FLUSH_INTERVALS_MS.at(-1)
    expect(seen).toEqual([...FLUSH_INTERVALS_MS, last, last, last])
    expect(pacer.changes).toBe(FLUSH_INTERVALS_MS.length - 1)
  })

  it('does not grow while what keeps the event loop busy is not the writing', () => {
    const { pacer, sampleAt } = newPacer()
    sampleAt(1, 5, MIN_FLUSH_SHARE - 0.1)
    expect(pacer.intervalMs).toBe(0)
    sampleAt(1, 1, MIN_FLUSH_SHARE + 0.1)
    expect(pacer.intervalMs).toBe(FLUSH_INTERVALS_MS[1])
  })

  it('shrinks only after a run of idle samples, one step a run', () => {
    const { pacer, sampleAt } = newPacer()
    sampleAt(1, 2)
    const busy = pacer.intervalMs
    sampleAt(IDLE_UTILISATION - 0.1, IDLE_SAMPLES - 1)
    expect(pacer.intervalMs).toBe(busy)
    sampleAt(IDLE_UTILISATION - 0.1)
    expect(pacer.intervalMs).toBe(FLUSH_INTERVALS_MS[1])
    sampleAt(IDLE_UTILISATION - 0.1, IDLE_SAMPLES)
    expect(pacer.intervalMs).toBe(0)
  })

  it('stays where it is between the two thresholds, and a sample there breaks a run of idle ones', () => {
    const { pacer, sampleAt } = newPacer()
    sampleAt(1)
    const interval = pacer.intervalMs
    sampleAt(IDLE_UTILISATION - 0.1, IDLE_SAMPLES - 1)
    sampleAt((IDLE_UTILISATION + BUSY_UTILISATION) / 2, 3)
    sampleAt(IDLE_UTILISATION - 0.1, IDLE_SAMPLES - 1)
    expect(pacer.intervalMs).toBe(interval)
  })

  it('writes every frame with minLatency, whatever else is set, and keeps a given mergeWriteMs', () => {
    const { pacer, sampleAt } = newPacer()
    sampleAt(1, 5)
    expect(pacer.intervalFor(defaultFlushOptions)).toBe(FLUSH_INTERVALS_MS.at(-1))
    expect(pacer.intervalFor({ minLatency: true, mergeWriteMs: 350 })).toBe(0)
    expect(pacer.intervalFor({ minLatency: false, mergeWriteMs: 120 })).toBe(120)
  })

  it('lets publishers be read later, step by step, while the event loop is busy and there are many broadcasts', () => {
    const options = { minLatency: false, mergeWriteMs: 350 }
    const { pacer, sampleAt } = newPacer(options)
    for (let count = 1; count < MANY_BROADCASTS; count++) {
      onTestFinished(pacer.hold(options))
    }
    const seen = [pacer.mayBeLateMs]
    for (let i = 0; i < READ_LATENESS_MS.length; i++) {
      sampleAt(1, 1, 0)
      seen.push(pacer.mayBeLateMs)
    }
    expect(seen).toEqual([...READ_LATENESS_MS, READ_LATENESS_MS.at(-1)])
    expect(pacer.intervalMs).toBe(0)
    sampleAt(IDLE_UTILISATION - 0.1, IDLE_SAMPLES, 0)
    expect(pacer.mayBeLateMs).toBe(READ_LATENESS_MS.at(-2))
  })

  it('has publishers read at once while there are few broadcasts, whatever keeps the event loop busy', () => {
    const few = newPacer()
    few.sampleAt(1, 5)
    expect(few.pacer.mayBeLateMs).toBe(0)
  })

  it('keeps its interval while nobody is left who leaves that to it', () => {
    const { pacer, sampleAt } = newPacer({ minLatency: false, mergeWriteMs: 120 })
    const release = pacer.hold(defaultFlushOptions)
    sampleAt(1)
    expect(pacer.intervalMs).toBe(FLUSH_INTERVALS_MS[1])
    release()
    sampleAt(1, 3)
    expect(pacer.intervalMs).toBe(FLUSH_INTERVALS_MS[1])
    expect(pacer.changes).toBe(1)
  })

  it('has a timer only while somebody holds it who is not served at once anyway', () => {
    vi.useFakeTimers()
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const { pacer } = newPacer(null)
    const releases = [pacer.hold(defaultFlushOptions), pacer.hold(defaultFlushOptions)]
    expect(vi.getTimerCount()).toBe(1)
    releases[0]?.()
    expect(vi.getTimerCount()).toBe(1)
    releases[1]?.()
    expect(vi.getTimerCount()).toBe(0)
    const release = pacer.hold({ minLatency: true, mergeWriteMs: null })
    expect(vi.getTimerCount()).toBe(0)
    pacer.hold({ minLatency: false, mergeWriteMs: 80 })
    release()
    expect(vi.getTimerCount()).toBe(1)
  })
})
