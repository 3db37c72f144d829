import { describe, expect, it } from 'vitest'
import type { Ticks90k } from '../../base/index.ts'
import { AUDIO_STREAM_ID, encodePesHeader, pesHeaderBytes, VIDEO_STREAM_ID, wrapTicks } from './pes.ts'

const ticks = (value: number) => value as Ticks90k
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

const headers = [
  {
    name: 'PTS alone',
    id: AUDIO_STREAM_ID,
    pts: 0,
    dts: 0,
    payload: 100,
    header: '000001c0006c8080052100010001',
  },
  {
    name: 'PTS and DTS',
    id: VIDEO_STREAM_ID,
    pts: 3600,
    dts: 0,
    payload: 1,
    header: '000001e0000e80c00a31000 11c21 1100010001',
  },
  {
    name: 'every bit of 33',
    id: AUDIO_STREAM_ID,
    pts: 2 ** 33 - 1,
    dts: 2 ** 33 - 1,
    payload: 0,
    header: '000001c000088080052fffffffff',
  },
  {
    name: 'bit 32, which bit operators lose',
    id: AUDIO_STREAM_ID,
    pts: 2 ** 32,
    dts: 2 ** 32,
    payload: 0,
    header: '000001c000088080052900010001',
  },
  {
    name: 'bit 31 and bit 15',
    id: AUDIO_STREAM_ID,
    pts: 2 ** 31 + 2 ** 15,
    dts: 2 ** 31 + 2 ** 15,
    payload: 0,
    header: '000001c000088080052500030001',
  },
  {
    name: 'a time past the wrap, and one before 0',
    id: VIDEO_STREAM_ID,
    pts: 2 ** 33 + 5,
    dts: -1,
    payload: 0,
    header: '000001e0000d80c00a310001000b1fffffffff',
  },
  {
    name: 'the largest length',
    id: VIDEO_STREAM_ID,
    pts: 0,
    dts: 0,
    payload: 0xffff - 8,
    header: '000001e0ffff8080052100010001',
  },
  {
    name: 'no length for a picture that is larger',
    id: VIDEO_STREAM_ID,
    pts: 0,
    dts: 0,
    payload: 0xffff - 7,
    header: '000001e000008080052100010001',
  },
]

describe('encodePesHeader', () => {
  it.each(headers)('writes $name', ({ id, pts, dts, payload, header }) => {
    const encoded = encodePesHeader(id, ticks(pts), ticks(dts), payload)
    expect(hex(encoded)).toBe(header.replaceAll(' ', ''))
    expect(encoded.length).toBe(pesHeaderBytes(ticks(pts), ticks(dts)))
  })
})

describe('wrapTicks', () => {
  it.each([
    [0, 0],
    [2 ** 33 - 1, 2 ** 33 - 1],
    [2 ** 33, 0],
    [3 * 2 ** 33 + 90, 90],
    [-1, 2 ** 33 - 1],
    [-(2 ** 33), 0],
    [0.4, 0],
    [2 ** 33 - 0.3, 0],
  ])('takes %d to %d', (value, expected) => {
    expect(wrapTicks(ticks(value)) === expected).toBe(true)
  })
})
