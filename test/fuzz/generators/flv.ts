import { ByteWriter } from '../../../src/bytes/index.ts'
import { encodeAmf0, FlvTagType } from '../../../src/media/index.ts'
import { encodeFlv, type PlainTag } from '../../support/flv.ts'
import type { Random } from '../lib/random.ts'
import { amf0Values } from './amf0.ts'
import { audioBody, videoBody } from './media.ts'

/** An FLV file of a few tags, with a longer file header or tags of unknown types now and then. */
export function flvFile(random: Random): Uint8Array {
  const tags = random.list(random.small(12), () => flvTag(random))
  const bytes = encodeFlv(tags)
  if (!random.oneIn(6)) {
    return bytes
  }
  const extra = random.bytes(random.small(20))
  const dataOffset = random.oneIn(4) ? random.interesting(0xffffffff) : 9 + extra.length
  const header = new ByteWriter()
    .writeBytes(bytes.subarray(0, 5))
    .writeUint32(dataOffset)
    .writeBytes(extra)
    .bytes()
  return Buffer.concat([header, bytes.subarray(9)])
}

function flvTag(random: Random): PlainTag {
  const timestampMs = random.oneIn(4) ? random.interesting(0xffffffff) : random.small(10_000)
  switch (random.below(4)) {
    case 0:
      return { type: FlvTagType.audio, timestampMs, body: audioBody(random) }
    case 1:
      return { type: FlvTagType.script, timestampMs, body: scriptBody(random) }
    case 2:
      return { type: random.below(32) as PlainTag['type'], timestampMs, body: random.bytes(random.small(50)) }
    default:
      return { type: FlvTagType.video, timestampMs, body: videoBody(random) }
  }
}

/** Metadata as encoders send it, or what only looks like it. */
export function scriptBody(random: Random): Uint8Array {
  const name = random.pick([
    'onMetaData',
    '@setDataFrame',
    'onTextData',
    '@clearDataFrame',
    'onCuePoint',
    '|RtmpSampleAccess',
  ])
  const names = name === '@setDataFrame' ? [name, 'onMetaData'] : [name]
  return Buffer.concat([encodeAmf0(...names), amf0Values(random)])
}
