import { expect } from 'vitest'
import { ms } from '../../src/base/index.ts'
import { HlsSegmenter, type HlsSegmenterSetup } from '../../src/delivery/hls/index.ts'
import type { Frame } from '../../src/live/index.ts'

export const END = { code: 'unpublished', message: 'done' } as const

export const frame = (given: Partial<Frame> & Pick<Frame, 'kind' | 'codec' | 'body'>): Frame => ({
  timestamp: ms(0),
  compositionOffset: ms(0),
  trackId: 0,
  keyframe: false,
  sequenceHeader: false,
  description: false,
  nanosecondOffset: 0,
  ...given,
})
export const videoHeader = (level = 30): Frame => {
  const avcC = [1, 66, 0, level, 0xff, 0xe1, 0, 2, 0x67, level, 1, 0, 2, 0x68, 0xce]
  const body = Uint8Array.of(0x17, 0, 0, 0, 0, ...avcC)
  return frame({ kind: 'video', codec: 'avc', sequenceHeader: true, body })
}
export const picture = (timestamp: number, keyframe = false, bytes = 8): Frame => {
  const body = new Uint8Array(9 + bytes).fill(0x33)
  body.set([keyframe ? 0x17 : 0x27, 1, 0, 0, 0])
  new DataView(body.buffer).setUint32(5, bytes)
  body[9] = keyframe ? 0x65 : 0x41
  return frame({ kind: 'video', codec: 'avc', timestamp: ms(timestamp), keyframe, body })
}
/** AAC-LC, 44.1 kHz; stereo unless said otherwise. */
export const audioHeader = (channels = 2): Frame =>
  frame({
    kind: 'audio',
    codec: 'aac',
    sequenceHeader: true,
    body: Uint8Array.of(0xaf, 0, 0x12, channels * 8),
  })
export const sound = (timestamp: number, bytes = 6): Frame =>
  frame({
    kind: 'audio',
    codec: 'aac',
    timestamp: ms(timestamp),
    body: new Uint8Array(2 + bytes).fill(0xaf).fill(1, 1, 2),
  })
export const mp3 = (timestamp: number, bytes = 6): Frame =>
  frame({ kind: 'audio', codec: 'mp3', timestamp: ms(timestamp), body: new Uint8Array(1 + bytes).fill(0x2f) })

export type Span = { from?: number; to: number; gop?: number; kinds?: ('video' | 'audio' | 'mp3')[] }

/** A steady stream: 25 pictures a second, audio each 20 ms, in order of time; a picture before the sound. */
export function steady({ from = 0, to, gop = 1000, kinds = ['video', 'audio'] }: Span): Frame[] {
  const frames: Frame[] = []
  for (let time = from; time < to; time += 20) {
    if (kinds.includes('video') && (time - from) % 40 === 0) {
      frames.push(picture(time, (time - from) % gop === 0))
    }
    if (kinds.includes('audio')) {
      frames.push(sound(time))
    }
    if (kinds.includes('mp3')) {
      frames.push(mp3(time))
    }
  }
  return frames
}

export const ALL_HEADERS: readonly Frame[] = [videoHeader(), audioHeader()]

export function segmenterOf(frames: readonly Frame[], setup: Partial<HlsSegmenterSetup> = {}): HlsSegmenter {
  const options = { windowMs: 600_000, ...setup.options }
  const segmenter = new HlsSegmenter({ name: 'demo', ...setup, options })
  push(segmenter, frames)
  return segmenter
}

export function push(segmenter: HlsSegmenter, frames: readonly Frame[]): void {
  for (const next of frames) {
    segmenter.onFrame(next)
  }
}

export type Entry = { duration: number; fileName: string; discontinuity: boolean }

export function entries(segmenter: HlsSegmenter): Entry[] {
  const found: Entry[] = []
  const pattern = /(#EXT-X-DISCONTINUITY\n)?(?:#EXT-X-PROGRAM-DATE-TIME:.*\n)?#EXTINF:([\d.]+),\n(.*)\n/g
  for (const [, tag, duration, uri] of (segmenter.playlist() ?? '').matchAll(pattern)) {
    const fileName = decodeURIComponent(uri ?? '')
    found.push({ duration: Math.round(Number(duration) * 1000), fileName, discontinuity: tag !== undefined })
  }
  return found
}

/** `2000` for a segment of two seconds, `!2000` for one behind a discontinuity. */
export const shape = (segmenter: HlsSegmenter): string =>
  entries(segmenter)
    .map(({ duration, discontinuity }) => (discontinuity ? `!${duration}` : `${duration}`))
    .join(' ')

export function tag(segmenter: HlsSegmenter, name: string): number | null {
  const value = new RegExp(`^#EXT-X-${name}:(\\d+)$`, 'm').exec(segmenter.playlist() ?? '')?.[1]
  return value === undefined ? null : Number(value)
}

export const bytesOf = (segmenter: HlsSegmenter): Uint8Array[] =>
  entries(segmenter).map(({ fileName }) => segmenter.segment(fileName) ?? new Uint8Array())

/** Stream types of each segment's program map. */
export const programs = (segmenter: HlsSegmenter): number[][] =>
  bytesOf(segmenter).map((bytes) => {
    const map = bytes.subarray(188 + 5)
    const length = map[2] ?? 0
    return Array.from({ length: (length - 13) / 5 }, (_, index) => map[12 + 5 * index] ?? 0)
  })

export function expectCountersWithoutGap(segments: Uint8Array[]): void {
  const last = new Map<number, number>()
  const bytes = Buffer.concat(segments)
  expect(bytes.length % 188).toBe(0)
  for (let at = 0; at < bytes.length; at += 188) {
    const pid = bytes.readUInt16BE(at + 1) % 0x2000
    const control = bytes.readUInt8(at + 3)
    const before = last.get(pid)
    const step = control & 0x10 ? 1 : 0
    if (before !== undefined) {
      expect(control % 16).toBe((before + step) % 16)
    }
    last.set(pid, control % 16)
  }
}

export const AVC = 0x1b
export const AAC = 0x0f
export const MP3 = 0x03
