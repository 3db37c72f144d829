import { describe, expect, it } from 'vitest'
import {
  bitRate,
  byteCount,
  count,
  counted,
  duration,
  frameRate,
  memory,
  milliseconds,
  percent,
  text,
  timeOfDay,
} from './format.ts'

describe('numbers with units', () => {
  it.each([
    [null, '–'],
    [0, '0 kb/s'],
    [499, '0.50 kb/s'],
    [812_000, '812 kb/s'],
    [999_400, '999 kb/s'],
    [999_600, '1.00 Mb/s'],
    [2_413_000, '2.41 Mb/s'],
    [12_340_000, '12.3 Mb/s'],
    [1_204_000_000, '1.20 Gb/s'],
  ])('say %s bits a second as %s', (value, said) => {
    expect(text(bitRate(value))).toBe(said)
  })

  it.each([
    [0, '0 B'],
    [17, '17 B'],
    [1_500, '1.50 kB'],
    [7.3e15, '7.30 PB'],
    [9e20, '900000 PB'],
  ])('say %s bytes as %s', (value, said) => {
    expect(text(byteCount(value))).toBe(said)
  })

  it.each([
    [0.42, '0.42 ms'],
    [4, '4 ms'],
    [12.34, '12.3 ms'],
    [812, '812 ms'],
    [2_140, '2.1 s'],
    [-310, '-310 ms'],
  ])('say %s ms as %s', (value, said) => {
    expect(text(milliseconds(value))).toBe(said)
  })

  it('say counts, shares, memory and frame rates', () => {
    expect(text(count(12_345))).toBe('12,345')
    expect(text(percent(0.1234))).toBe('12.3 %')
    expect(text(percent(1))).toBe('100 %')
    expect(text(memory(201.3))).toBe('201 MiB')
    expect(text(memory(1536))).toBe('1.50 GiB')
    expect(text(frameRate(29.97))).toBe('30 fps')
    expect(text(frameRate(12.5))).toBe('12.5 fps')
    expect(counted(1, 'player')).toBe('1 player')
    expect(counted(2_000, 'player')).toBe('2,000 players')
  })
})

describe('times', () => {
  it.each([
    [null, '–'],
    [0.4, '0 s'],
    [59.9, '59 s'],
    [200, '3 min 20 s'],
    [14_520, '4 h 2 min'],
    [273_600, '3 d 4 h'],
  ])('say %s s as %s', (value, said) => {
    expect(duration(value)).toBe(said)
  })

  it('have the day in front only if it is not today', () => {
    const at = new Date(2026, 10, 26, 14, 3, 20).getTime()
    expect(timeOfDay(at, at + 1000)).toBe('14:03:20')
    expect(timeOfDay(at, at + 86_400_000)).toBe('Nov 26, 14:03:20')
  })
})
