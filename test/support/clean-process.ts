import { afterAll, vi } from 'vitest'

/** Unit tests of many files run in one process: a file that leaves the clock stopped would stop the next one. */
afterAll(() => {
  if (vi.isFakeTimers()) {
    vi.useRealTimers()
    throw new Error(
      'timers are still fake after the last test of this file: call vi.useRealTimers() in afterEach',
    )
  }
})
