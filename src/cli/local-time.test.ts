import { afterEach, describe, expect, it } from 'vitest'
import { localIsoTime } from './local-time.ts'

describe('a local time', () => {
  const zone = process.env.TZ
  afterEach(() => {
    if (zone === undefined) {
      delete process.env.TZ
    } else {
      process.env.TZ = zone
    }
  })

  it.each([
    ['UTC', '2026-07-01T10:20:30.004+00:00'],
    ['Europe/Berlin', '2026-07-01T12:20:30.004+02:00'],
    ['America/St_Johns', '2026-07-01T07:50:30.004-02:30'],
    ['Asia/Kathmandu', '2026-07-01T16:05:30.004+05:45'],
  ])('in %s is the same moment, with the offset', (name, text) => {
    process.env.TZ = name
    const date = new Date('2026-07-01T10:20:30.004Z')
    expect(localIsoTime(date)).toBe(text)
    expect(new Date(text)).toEqual(date)
  })
})
