import {
  av1CodecString,
  av1LevelName,
  findAv1PictureSize,
  hevcCodecString,
  hevcLevelName,
  hevcNalUnitTypeOf,
  parseAc3SyncFrame,
  parseAv1CodecConfigurationRecord,
  parseFlacStreamInfo,
  parseHevcDecoderConfigurationRecord,
  parseHevcPictureSize,
  parseMp3FrameHeader,
  parseOpusChannelCount,
  parseVp8KeyframeSize,
  parseVp9KeyframeSize,
  parseVpCodecConfigurationRecord,
  vp9CodecString,
} from '../../../src/media/index.ts'
import type { Random } from '../lib/random.ts'
import { Finding, type Target } from '../lib/target.ts'
import { parser } from './parsers.ts'

/** A sequence parameter set of 1920x1080, main profile. */
const HEVC_SPS = '420101016000000300900000030000030078a003c08010e5965669924caf01010000030001000003001e08'

/** Parsers of the codecs that came after H.264 and AAC. */
export const codecTargets: readonly Target[] = [
  parser(
    'hevc',
    hevcRecord,
    (input) => {
      const record = parseHevcDecoderConfigurationRecord(input)
      return `${hevcCodecString(record).length} ${hevcLevelName(record.levelIdc).length}`
    },
    (input) => sizeOf(parseHevcPictureSize(input)),
    (input) => `${hevcNalUnitTypeOf(input)}`,
  ),
  parser(
    'av1',
    startingWith('81050c000a0b000000042aa7f7e5f95404', '0a0b000000042aa7f7e5f95404'),
    (input) => {
      const record = parseAv1CodecConfigurationRecord(input)
      return `${av1CodecString(record).length} ${av1LevelName(record.levelIndex).length}`
    },
    (input) => sizeOf(findAv1PictureSize(input)),
  ),
  parser(
    'vp',
    startingWith('0100000000288202020000', '824983420009f00775', '1002009d012a40018000'),
    (input) => vp9CodecString(parseVpCodecConfigurationRecord(input)).slice(0, 5),
    (input) => sizeOf(parseVp9KeyframeSize(input)),
    (input) => sizeOf(parseVp8KeyframeSize(input)),
  ),
  parser(
    'audio-header',
    startingWith(
      '4f707573486561640102380180bb0000000000',
      '664c6143800000221000100000000000000fac442f0',
      '0b77ffff143040',
      'fffb9064',
    ),
    (input) => `${parseOpusChannelCount(input)}`,
    (input) => audioOf(parseFlacStreamInfo(input)),
    (input) => audioOf(parseAc3SyncFrame(input)),
    (input) => audioOf(parseMp3FrameHeader(input)),
  ),
]

function hevcRecord(random: Random): Uint8Array {
  const sps = Buffer.from(HEVC_SPS, 'hex')
  if (random.oneIn(3)) {
    return sps
  }
  const header = Buffer.from('01016000000090000000000078f000fcfdf8f800000f', 'hex')
  const arrays = random.list(random.small(3), () =>
    Buffer.concat([Uint8Array.of(0xa0 + random.pick([0, 1, 2]), 0, 1, 0, sps.length), sps]),
  )
  return Buffer.concat([
    header,
    Uint8Array.of(random.oneIn(5) ? random.below(256) : arrays.length),
    ...arrays,
  ])
}

function startingWith(...hexadecimal: readonly string[]): (random: Random) => Uint8Array {
  return (random) =>
    Buffer.concat([Buffer.from(random.pick(hexadecimal), 'hex'), random.bytes(random.small(20))])
}

function sizeOf(size: Readonly<{ width: number; height: number }> | null): string {
  if (size !== null && !(isCount(size.width) && isCount(size.height))) {
    throw new Finding(`a picture of ${size.width} x ${size.height}`)
  }
  return size === null ? 'none' : 'size'
}

function audioOf({
  sampleRate,
  channelCount,
}: Readonly<{ sampleRate: number; channelCount: number }>): string {
  if (!isCount(sampleRate) || !isCount(channelCount)) {
    throw new Finding(`${channelCount} channels at ${sampleRate} Hz`)
  }
  return `${channelCount}`
}

function isCount(number: number): boolean {
  return Number.isInteger(number) && number >= 0 && number <= 0xffffffff
}
