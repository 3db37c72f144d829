import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Ms, ms } from '../base/index.ts'
import { AVERAGE_MS, SAMPLE_INTERVAL_MS, TrafficTable } from './traffic.ts'

const at = (seconds: number): Ms => ms(seconds * 1000)
const totals = (bytes: number): { bytesReceived: number; bytesSent: number } => ({
  bytesReceived: bytes,
  bytesSent: 2 * bytes,
})

describe('the averages of a row', () => {
  it('are 0 within the first second, then those since the start', () => {
    const table = new TrafficTable()
    const row = table.add(at(100))
    expect(table.rates(row, at(100.9), totals(1e6))).toEqual({ receivedKbps: 0, sentKbps: 0 })
    expect(table.rates(row, at(105), totals(625_000))).toEqual({ receivedKbps: 1000, sentKbps: 2000 })
  })

  it('go back 30 to 40 s, and forget what was before', () => {
    const table = new TrafficTable()
    const row = table.add(at(0))
    let bytes = 1e9
    for (let second = 10; second <= 100; second += SAMPLE_INTERVAL_MS / 1000) {
      table.sample(row, at(second), totals(bytes))
      bytes += 1_250_000
    }
    const rates = { receivedKbps: 1000, sentKbps: 2000 }
    expect(table.rates(row, at(105), totals(bytes - 625_000))).toEqual(rates)
  })

  it('are 0 when the counters stand still, and take no look from too long ago', () => {
    const table = new TrafficTable()
    const row = table.add(at(0))
    table.sample(row, at(10), totals(5000))
    expect(table.receivedKbps(row, at(20), 5000)).toBe(2)
    expect(table.receivedKbps(row, at(45), 5000)).toBe(0)
    expect(table.receivedKbps(row, at(900), 9999)).toBe(0)
  })
})

it('rows come, are looked at and go in any order, and each has the averages that it would have alone', () => {
  const step = fc.record({
    what: fc.constantFrom('add', 'add', 'sample', 'sample', 'remove'),
    which: fc.nat(),
    ms: fc.nat(20_000),
    bytes: fc.nat(1e7),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const table = new TrafficTable()
      const rows: { row: number; bytes: number; looks: { at: number; bytes: number }[] }[] = []
      let now = 0
      for (const { what, which, ms: passed, bytes } of steps) {
        now += passed
        const chosen = rows[which % Math.max(rows.length, 1)]
        if (what === 'add') {
          rows.push({ row: table.add(ms(now)), bytes: 0, looks: [{ at: now, bytes: 0 }] })
        } else if (chosen !== undefined && what === 'sample') {
          chosen.bytes += bytes
          chosen.looks.push({ at: now, bytes: chosen.bytes })
          table.sample(chosen.row, ms(now), totals(chosen.bytes))
        } else if (chosen !== undefined) {
          rows.splice(rows.indexOf(chosen), 1)
          table.remove(chosen.row)
        }
      }
      now += 1_500
      for (const each of rows) {
        const since = each.looks.slice(-4).find((look) => now - look.at <= AVERAGE_MS + SAMPLE_INTERVAL_MS)
        const kbps = (factor: number): number =>
          since === undefined ? 0 : Math.round(((each.bytes - since.bytes) * factor * 8) / (now - since.at))
        const rates = { receivedKbps: kbps(1), sentKbps: kbps(2) }
        expect(table.rates(each.row, ms(now), totals(each.bytes))).toEqual(rates)
      }
      expect(new Set(rows.map(({ row }) => row)).size).toBe(rows.length)
    }),
    { numRuns: 50 },
  )
})
