import { describe, expect, it } from 'vitest'
import { ms } from '../base/index.ts'
import { SAMPLE_INTERVAL_MS, TrafficAverage } from './traffic.ts'

describe('the average of a connection', () => {
  const at = (seconds: number): ReturnType<typeof ms> => ms(seconds * 1000)
  const totals = (bytes: number): { bytesReceived: number; bytesSent: number } => ({
    bytesReceived: bytes,
    bytesSent: 2 * bytes,
  })

  it('is 0 within the first second, then that since the start', () => {
    const average = new TrafficAverage(at(100))
    expect(average.rates(at(100.9), totals(1e6))).toEqual({ receivedKbps: 0, sentKbps: 0 })
    expect(average.rates(at(105), totals(625_000))).toEqual({ receivedKbps: 1000, sentKbps: 2000 })
  })

  it('goes back 30 to 40 s, and forgets what was before', () => {
    const average = new TrafficAverage(at(0))
    let bytes = 1e9
    for (let second = 10; second <= 100; second += SAMPLE_INTERVAL_MS / 1000) {
      average.sample(at(second), totals(bytes))
      bytes += 1_250_000
    }
    expect(average.rates(at(105), totals(bytes - 625_000))).toEqual({ receivedKbps: 1000, sentKbps: 2000 })
  })

  it('is 0 when the counters stand still, and takes no look from too long ago', () => {
    const average = new TrafficAverage(at(0))
    average.sample(at(10), totals(5000))
    expect(average.rates(at(20), totals(5000)).receivedKbps).toBe(2)
    expect(average.rates(at(45), totals(5000)).receivedKbps).toBe(0)
    expect(average.rates(at(900), totals(9999)).receivedKbps).toBe(0)
  })
})
