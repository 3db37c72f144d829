import { describe, expect, it } from 'vitest'
import {
  formatAudioDetail,
  formatBitRate,
  formatFrameRate,
  formatSeconds,
  formatSize,
  formatVideoCodec,
} from './format.ts'

describe('formatting', () => {
  it.each([
    [null, '–'],
    [0, '0 kb/s'],
    [812_400, '812 kb/s'],
    [999_600, '1.0 Mb/s'],
    [2_449_000, '2.4 Mb/s'],
    [9_960_000, '10 Mb/s'],
    [25_400_000, '25 Mb/s'],
  ])('shows a bit rate of %s', (value, expected) => {
    expect(formatBitRate(value)).toBe(expected)
  })

  it.each([
    [null, '–'],
    [29.97, '30 fps'],
    [23.976, '24 fps'],
    [12.5, '12.5 fps'],
  ])('shows a frame rate of %s', (value, expected) => {
    expect(formatFrameRate(value)).toBe(expected)
  })

  it('never shows a negative time', () => {
    expect(formatSeconds(-0.2)).toBe('0.0 s')
  })

  it('shows no size before both sides are known', () => {
    expect(formatSize(0, 720)).toBe('–')
    expect(formatSize(1280, 720)).toBe('1280 × 720')
  })

  it('names codecs as people do', () => {
    expect(formatVideoCodec({ codec: 'H264', profile: 'High', level: '3.1', width: 1, height: 1 })).toBe(
      'H.264 High 3.1',
    )
    expect(formatVideoCodec(null)).toBe('')
    expect(formatAudioDetail({ codec: 'AAC', sample_rate: 44100, channel: 2, profile: 'LC' })).toBe(
      '44.1 kHz · stereo',
    )
    expect(formatAudioDetail({ codec: 'Speex', sample_rate: 0, channel: 0, profile: '' })).toBe('')
  })
})
