import { ms } from '../../src/base/index.ts'
import type { Frame, FrameKind } from '../../src/live/index.ts'

const CODECS = { audio: 'aac', video: 'avc', data: 'amf0' } as const

/** A frame with these bytes as its body. */
export function frame(
  kind: FrameKind,
  timestamp: number,
  body: readonly number[] | Uint8Array,
  changes: Partial<Frame> = {},
): Frame {
  return {
    kind,
    timestamp: ms(timestamp),
    compositionOffset: ms(0),
    codec: CODECS[kind],
    trackId: 0,
    keyframe: false,
    sequenceHeader: false,
    description: false,
    nanosecondOffset: 0,
    body: Uint8Array.from(body),
    ...changes,
  }
}
