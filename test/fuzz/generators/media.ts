import { ByteWriter } from '../../../src/bytes/index.ts'
import type { Random } from '../lib/random.ts'

const VIDEO_FOURCCS = ['avc1', 'hvc1', 'av01', 'vp08', 'vp09', 'vvc1', 'none'] as const
const AUDIO_FOURCCS = ['mp4a', 'Opus', 'fLaC', 'ac-3', 'ec-3', '.mp3', 'none'] as const

/** A baseline record of 160x120 with both parameter sets. */
const AVC_RECORD = Buffer.from(
  '0142c00dffe1001a6742c00dd90283f420000003002000000300c08000000128000000000100056 8cb83cb20'.replace(
    / /g,
    '',
  ),
  'hex',
)
const AAC_CONFIGS = ['1210', '1190', '119056e500', '2b920800', 'f8e64000', '0000'] as const

/** The body of a video tag, classic or enhanced. */
export function videoBody(random: Random): Uint8Array {
  const writer = new ByteWriter()
  if (random.oneIn(2)) {
    const frameType = random.pick([1, 2, 1, 2, 5, 3, 0])
    const packetType = random.pick([0, 1, 1, 1, 2, 7])
    writer.writeUint8((frameType << 4) + random.pick([7, 7, 7, 12, 2, 4, 13]))
    writer
      .writeUint8(packetType)
      .writeUint24(random.oneIn(4) ? random.interesting(0xffffff) : random.small(200))
    writer.writeBytes(packetType === 0 ? AVC_RECORD : accessUnit(random))
    return writer.bytes()
  }
  writeEnhanced(writer, random, 0x80 + (random.pick([1, 2, 5]) << 4), 6, VIDEO_FOURCCS)
  return writer.bytes()
}

/** The body of an audio tag, classic or enhanced. */
export function audioBody(random: Random): Uint8Array {
  const writer = new ByteWriter()
  if (random.oneIn(2)) {
    const packetType = random.pick([0, 1, 1, 1, 2])
    writer
      .writeUint8(random.pick([0xaf, 0xaf, 0xae, 0x2f, 0x7e, 0xb2, random.below(256)]))
      .writeUint8(packetType)
    writer.writeBytes(
      packetType === 0 ? Buffer.from(random.pick(AAC_CONFIGS), 'hex') : random.bytes(random.small(200)),
    )
    return writer.bytes()
  }
  writeEnhanced(writer, random, 0x90, 5, AUDIO_FOURCCS)
  return writer.bytes()
}

/** An enhanced body of many tracks, of one, or of none; of codecs that have a classic form more often than chance would have it. */
export function enhancedBody(random: Random, kind: 'audio' | 'video'): Uint8Array {
  const isVideo = kind === 'video'
  const writer = new ByteWriter()
  const frameType = random.oneIn(20) ? random.below(8) : random.pick([1, 2, 5])
  const firstBits = isVideo ? 0x80 + (frameType << 4) : 0x90
  const classic = isVideo ? ['avc1'] : ['mp4a', '.mp3']
  const all = isVideo ? VIDEO_FOURCCS : AUDIO_FOURCCS
  writeEnhanced(writer, random, firstBits, isVideo ? 6 : 5, random.oneIn(2) ? classic : all)
  return writer.bytes()
}

/** NAL units behind their lengths, nearly all of them right. */
export function accessUnit(random: Random): Uint8Array {
  const writer = new ByteWriter()
  const count = random.oneIn(100) ? 5000 : random.small(6)
  for (let i = 0; i < count; i++) {
    const nalUnit = Buffer.concat([
      Uint8Array.of(random.pick([0x65, 0x41, 0x67, 0x68, 0x06, 0x09, 0])),
      random.bytes(random.small(60)),
    ])
    writer.writeUint32(random.oneIn(20) ? random.interesting(0xffffffff) : nalUnit.length).writeBytes(nalUnit)
  }
  return writer.bytes()
}

/** Enhanced RTMP: ModEx prefixes, tracks, and one payload or several. */
function writeEnhanced(
  writer: ByteWriter,
  random: Random,
  firstBits: number,
  multitrackType: number,
  fourCcs: readonly string[],
): void {
  let packetType = random.pick([0, 1, 1, 3, 2, 4, 5, 6, 7])
  writer.writeUint8(firstBits + packetType)
  while (packetType === 7) {
    const size = random.oneIn(5) ? 256 : 1 + random.small(4)
    if (size === 256) {
      writer.writeUint8(255).writeUint16(random.small(20)).writeBytes(random.bytes(20))
    } else {
      writer.writeUint8(size - 1).writeBytes(random.bytes(size))
    }
    packetType = random.pick([0, 1, 3, 5, 6, 7])
    writer.writeUint8(packetType)
  }
  const fourCc = Buffer.from(random.pick(fourCcs))
  if (packetType !== multitrackType) {
    writer
      .writeBytes(fourCc)
      .writeBytes(random.oneIn(2) ? accessUnit(random) : random.bytes(random.small(40)))
    return
  }
  const layout = random.pick([0, 1, 2, 3])
  writer.writeUint8((layout << 4) + random.pick([0, 1, 3]))
  const tracks = layout === 0 ? 1 : 1 + random.small(4)
  for (let track = 0; track < tracks; track++) {
    if (track === 0 || layout === 2) {
      writer.writeBytes(fourCc)
    }
    writer.writeUint8(random.small(3))
    const payload = random.bytes(random.small(30))
    if (layout !== 0) {
      writer.writeUint24(random.oneIn(15) ? random.interesting(0xffffff) : payload.length)
    }
    writer.writeBytes(payload)
  }
}
