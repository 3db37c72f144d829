import { describe, expect, it } from 'vitest'
import { formatBytes, formatDuration, formatRate } from './quantities.ts'

describe('quantities for people', () => {
  it.each([
    [0, '0s'],
    [59.9, '59s'],
    [723, '12m03s'],
    [18_720, '5h12m'],
    [273_600, '3d04h'],
    [-5, '0s'],
  ])('a time of %d s is %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text))

  it.each([
    [0, '0'],
    [840, '840k'],
    [12_500, '12.5M'],
    [250_000, '250M'],
    [3_200_000, '3.2G'],
    [9_900_000_000, '9900G'],
  ])('a rate of %d kbit/s is %s', (kbps, text) => expect(formatRate(kbps)).toBe(text))

  it.each([
    [512, '512B'],
    [3400, '3.4K'],
    [12_000_000, '12.0M'],
    [1.5e9, '1.5G'],
    [2e13, '20.0T'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))
})
