import { expect, it } from 'vitest'
import { flvTag } from '../../test/support/flv.ts'
import type { MediaPacket } from '../rtmp/index.ts'
import { MediaMeter } from './media-meter.ts'

function video(body: Uint8Array): MediaPacket {
  return { kind: 'video', timestamp: 0, body }
}

it('tells bit rate, frames and codecs since the last look, and of all', () => {
  const meter = new MediaMeter(1000)
  expect(meter.describeProgress(2000)).toBe('    1 s  0.00 Mbit/s  0.0 fps  no media yet  0.0 MB')
  meter.onPacket({ kind: 'data', timestamp: 0, body: new Uint8Array(1000) })
  meter.onPacket(video(flvTag.videoHeader(0).body))
  meter.onPacket({ kind: 'audio', timestamp: 0, body: flvTag.audioHeader(0).body })
  expect(meter.hasMedia).toBe(false)
  for (let frame = 0; frame < 50; frame++) {
    const body = new Uint8Array(20_000)
    body.set(flvTag.inter(0).body)
    meter.onPacket(video(body))
  }
  expect(meter.hasMedia).toBe(true)
  expect(meter.describeProgress(4000)).toBe('    3 s  4.00 Mbit/s  25.0 fps  avc, aac  1.0 MB')
  expect(meter.describeProgress(5000)).toBe('    4 s  0.00 Mbit/s  0.0 fps  avc, aac  1.0 MB')
  expect(meter.describeAll(11_000)).toBe('   10 s  0.80 Mbit/s  5.0 fps  avc, aac  1.0 MB')
})

it('counts what it cannot read', () => {
  const meter = new MediaMeter(0)
  meter.onPacket(video(new Uint8Array(0)))
  meter.onPacket({ kind: 'audio', timestamp: 0, body: new Uint8Array(0) })
  expect(meter.describeAll(1000)).toBe('    1 s  0.00 Mbit/s  0.0 fps  no media yet  0.0 MB  2 unreadable')
  expect(meter.hasMedia).toBe(false)
})
