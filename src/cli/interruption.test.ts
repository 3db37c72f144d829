import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { waitFor } from '../../test/support/wait.ts'
import { Presses, SAME_PRESS_MS } from './interruption.ts'

describe('Presses', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('takes what comes soon after the first signal for the same press, and what comes later for another', async () => {
    const presses = new Presses()
    expect(presses.next()).toBe('first')
    await vi.advanceTimersByTimeAsync(SAME_PRESS_MS - 1)
    expect(presses.next()).toBe('same')
    await vi.advanceTimersByTimeAsync(2)
    expect(presses.next()).toBe('again')
  })

  it('counts what waited while the event loop was busy by when it came', async () => {
    vi.useRealTimers()
    const presses = new Presses(50)
    const told: string[] = []
    const onSignal = (): void => {
      told.push(presses.next())
      if (told.length === 1) {
        process.kill(process.pid, 'SIGUSR2')
        // The event loop is busy until the time is over by far.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150)
      }
    }
    process.on('SIGUSR2', onSignal)
    try {
      process.kill(process.pid, 'SIGUSR2')
      await waitFor('both', () => told.length === 2)
      expect(told).toEqual(['first', 'same'])
    } finally {
      process.off('SIGUSR2', onSignal)
    }
  })
})
