import { describe, expect, it } from 'vitest'
import {
  AcknowledgementWindow,
  DEFAULT_ACKNOWLEDGEMENT_WINDOW_BYTES,
  MIN_ACKNOWLEDGEMENT_WINDOW_BYTES,
} from './acknowledgement-window.ts'
import { decodeControlValue, encodeAcknowledgement } from './message/index.ts'

describe('AcknowledgementWindow', () => {
  it('asks for an acknowledgement every half window', () => {
    const window = new AcknowledgementWindow()
    const half = DEFAULT_ACKNOWLEDGEMENT_WINDOW_BYTES / 2
    expect([half - 1, half, half + 1, 2 * half, 5 * half].map((bytes) => window.due(bytes))).toEqual([
      null,
      half,
      null,
      2 * half,
      5 * half,
    ])
  })

  it('takes the window that the peer names, but none that is too small', () => {
    const window = new AcknowledgementWindow()
    window.windowBytes = 100_000
    expect([49_999, 50_000].map((bytes) => window.due(bytes))).toEqual([null, 50_000])
    window.windowBytes = 0
    const half = MIN_ACKNOWLEDGEMENT_WINDOW_BYTES / 2
    expect([50_000 + half - 1, 50_000 + half].map((bytes) => window.due(bytes))).toEqual([
      null,
      50_000 + half,
    ])
  })

  it('keeps to a window of its own where the peer names a larger one, and to none of its own for 0', () => {
    const window = new AcknowledgementWindow()
    window.ownBytes = 100_000
    expect([49_999, 50_000].map((bytes) => window.due(bytes))).toEqual([null, 50_000])
    window.windowBytes = 60_000
    expect([79_999, 80_000].map((bytes) => window.due(bytes))).toEqual([null, 80_000])
    window.windowBytes = 5_000_000
    expect([129_999, 130_000].map((bytes) => window.due(bytes))).toEqual([null, 130_000])
    window.ownBytes = 0
    expect([2_629_999, 2_630_000].map((bytes) => window.due(bytes))).toEqual([null, 2_630_000])
  })

  it('goes on past 2^32 bytes with numbers that wrap and can be written', () => {
    const window = new AcknowledgementWindow()
    const numbers: number[] = []
    for (let bytes = 2 ** 32 - 3_000_000; bytes < 2 ** 32 + 3_000_000; bytes += 700_000) {
      const due = window.due(bytes)
      if (due !== null) {
        expect(decodeControlValue(encodeAcknowledgement(due).payload)).toBe(due)
        numbers.push(due)
      }
    }
    const start = 2 ** 32 - 3_000_000
    expect(numbers).toEqual([start, start + 1_400_000, start + 2_800_000, 1_200_000, 2_600_000])
    expect(window.due(3 * 2 ** 32 + 5)).toBe(5)
  })
})
