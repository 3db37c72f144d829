import { LimitError, ProtocolError } from '../../base/index.ts'
import { ByteReader, ByteWriter } from '../../bytes/index.ts'
import { type Box, boxesIn, readFullBox, within } from './box.ts'
import { parseElementaryStreamDescriptor } from './elementary-stream-descriptor.ts'
import { MAX_MP4_SAMPLE_DESCRIPTIONS } from './limits.ts'

/** Codecs of video tracks. */
export type Mp4VideoCodec = 'avc' | 'hevc' | 'av1' | 'vp9'

/** Codecs of audio tracks. */
export type Mp4AudioCodec = 'aac' | 'mp3' | 'opus' | 'flac' | 'ac3' | 'eac3'

/** How the samples of a video track are coded. */
export type Mp4VideoDescription = Readonly<{
  /** Which of the two descriptions it is. */
  kind: 'video'
  /** What a decoder is chosen by. */
  codec: Mp4VideoCodec
  /** What a decoder needs first, as sequence headers of FLV have it: the payload of "avcC", "hvcC", "av1C" or "vpcC". */
  configuration: Uint8Array
  /** Pixels. */
  width: number
  /** Pixels. */
  height: number
}>

/** How the samples of an audio track are coded. */
export type Mp4AudioDescription = Readonly<{
  /** Which of the two descriptions it is. */
  kind: 'audio'
  /** What a decoder is chosen by. */
  codec: Mp4AudioCodec
  /** What a decoder needs first, as sequence headers of FLV have it: AudioSpecificConfig, "OpusHead", "fLaC"; empty where nothing is needed. */
  configuration: Uint8Array
  /** Hz, as the container says; of HE-AAC it may be either rate. */
  sampleRate: number
  /** As the container says. */
  channelCount: number
}>

/** How samples are coded that can be played. */
export type Mp4SampleDescription = Mp4VideoDescription | Mp4AudioDescription

/** One entry of a sample description box: what it says, or why it can't be played. */
export type Mp4SampleEntry = Readonly<{
  /** Its four characters, e.g. 'avc1'. */
  format: string
  /** Null if it can't be played. */
  description: Mp4SampleDescription | null
  /** Why it can't be played, e.g. "mp4v is not supported"; empty if it can. */
  problem: string
}>

/** Bytes of a visual sample entry before its boxes: ISO/IEC 14496-12, 12.1.3. */
const VISUAL_SAMPLE_ENTRY_BYTES = 78
/** Bytes of an audio sample entry before its boxes: ISO/IEC 14496-12, 12.2.3. */
const AUDIO_SAMPLE_ENTRY_BYTES = 28
/** What versions 1 and 2 of QuickTime's sound description have more. */
const QUICKTIME_SOUND_BYTES = [0, 16, 36]

const VIDEO_FORMATS: Readonly<Record<string, readonly [codec: Mp4VideoCodec, configuration: string]>> = {
  avc1: ['avc', 'avcC'],
  avc3: ['avc', 'avcC'],
  hvc1: ['hevc', 'hvcC'],
  hev1: ['hevc', 'hvcC'],
  av01: ['av1', 'av1C'],
  vp09: ['vp9', 'vpcC'],
}

/** Object type indications of AAC: that of MPEG-4, and MPEG-2's Main, Low Complexity and Scalable Sampling Rate. */
const AAC_OBJECT_TYPES = [0x40, 0x66, 0x67, 0x68]
/** Of MPEG-2's and MPEG-1's part 3. */
const MP3_OBJECT_TYPES = [0x69, 0x6b]

/**
 * Reads a sample description box: ISO/IEC 14496-12, 8.5.2.
 * @param stsd configurations are views into it
 * @throws ProtocolError if the list of entries itself can't be read; what is wrong within an entry becomes its `problem`
 * @throws LimitError if there are more than `MAX_MP4_SAMPLE_DESCRIPTIONS`
 */
export function parseSampleDescriptions(stsd: Box, kind: 'audio' | 'video'): Mp4SampleEntry[] {
  const { version, offset } = readFullBox(stsd, ({ version, reader }) => {
    reader.readUint32() // entry_count
    return { version, offset: reader.offset }
  })
  const entries: Mp4SampleEntry[] = []
  for (const entry of boxesIn(stsd.payload.subarray(offset), stsd.payloadOffset + offset)) {
    if (entries.length === MAX_MP4_SAMPLE_DESCRIPTIONS) {
      throw new LimitError('MAX_MP4_SAMPLE_DESCRIPTIONS', MAX_MP4_SAMPLE_DESCRIPTIONS, entries.length + 1)
    }
    entries.push(parseEntry(entry, kind, version))
  }
  return entries
}

function parseEntry(entry: Box, kind: 'audio' | 'video', version: number): Mp4SampleEntry {
  const format = entry.type
  try {
    const description = within(entry, () =>
      kind === 'video' ? parseVideoEntry(entry) : parseAudioEntry(entry, version),
    )
    return { format, description, problem: '' }
  } catch (error) {
    if (!(error instanceof ProtocolError)) {
      throw error
    }
    return { format, description: null, problem: error.message }
  }
}

function parseVideoEntry(entry: Box): Mp4VideoDescription {
  const format = Object.hasOwn(VIDEO_FORMATS, entry.type) ? VIDEO_FORMATS[entry.type] : undefined
  const [codec, configurationType] = format ?? notSupported(entry.type)
  const reader = new ByteReader(entry.payload)
  reader.skip(24) // reserved, data_reference_index, pre_defined
  const width = reader.readUint16()
  const height = reader.readUint16()
  const configuration = requireBox(entry, VISUAL_SAMPLE_ENTRY_BYTES, configurationType).payload
  return { kind: 'video', codec, configuration, width, height }
}

function parseAudioEntry(entry: Box, stsdVersion: number): Mp4AudioDescription {
  const reader = new ByteReader(entry.payload)
  reader.skip(8) // reserved, data_reference_index
  const entryVersion = reader.readUint16()
  reader.skip(6)
  const channelCount = reader.readUint16()
  reader.skip(6) // samplesize, pre_defined, reserved
  const sampleRate = reader.readUint32() / 0x10000
  // A version 1 within a box of version 1 is that of ISO, which has no bytes more.
  const more = stsdVersion === 0 ? (QUICKTIME_SOUND_BYTES[entryVersion] ?? 0) : 0
  const coding = parseAudioCoding(entry, AUDIO_SAMPLE_ENTRY_BYTES + more)
  return { kind: 'audio', sampleRate, channelCount, ...coding }
}

type AudioCoding = Pick<Mp4AudioDescription, 'codec' | 'configuration'>

function parseAudioCoding(entry: Box, boxesAt: number): AudioCoding {
  switch (entry.type) {
    case 'mp4a':
      return parseMpegAudio(entry, boxesAt)
    case '.mp3':
      return { codec: 'mp3', configuration: NOTHING }
    case 'ac-3':
      return { codec: 'ac3', configuration: NOTHING }
    case 'ec-3':
      return { codec: 'eac3', configuration: NOTHING }
    case 'Opus':
      return { codec: 'opus', configuration: toOpusHead(requireBox(entry, boxesAt, 'dOps')) }
    case 'fLaC':
      return { codec: 'flac', configuration: toFlacHeader(requireBox(entry, boxesAt, 'dfLa')) }
    default:
      return notSupported(entry.type)
  }
}

const NOTHING: Uint8Array = new Uint8Array(0)

function parseMpegAudio(entry: Box, boxesAt: number): AudioCoding {
  const wave = findBox(entry, boxesAt, 'wave')
  const esds = wave === null ? requireBox(entry, boxesAt, 'esds') : requireBox(wave, 0, 'esds')
  const { objectTypeIndication, decoderSpecificInfo } = readFullBox(esds, ({ reader }) =>
    parseElementaryStreamDescriptor(reader.readBytes(reader.remaining)),
  )
  if (MP3_OBJECT_TYPES.includes(objectTypeIndication)) {
    return { codec: 'mp3', configuration: NOTHING }
  }
  if (!AAC_OBJECT_TYPES.includes(objectTypeIndication)) {
    throw new ProtocolError(`mp4a of object type 0x${objectTypeIndication.toString(16)} is not supported`)
  }
  if (decoderSpecificInfo.length === 0) {
    throw new ProtocolError('AAC without an AudioSpecificConfig')
  }
  return { codec: 'aac', configuration: decoderSpecificInfo }
}

/** The identification header of RFC 7845, 5.1, which has the same fields as "dOps" (Opus in ISOBMFF, 4.3.2), with the other byte order. */
function toOpusHead(dOps: Box): Uint8Array {
  return within(dOps, () => {
    const reader = new ByteReader(dOps.payload)
    reader.skip(1) // Version: 0, and 1 in the header
    const channelCount = reader.readUint8()
    const preSkip = reader.readUint16()
    const inputSampleRate = reader.readUint32()
    const outputGain = reader.readUint16()
    return new ByteWriter(32)
      .writeBytes(Buffer.from('OpusHead', 'latin1'))
      .writeUint8(1)
      .writeUint8(channelCount)
      .writeUint8(preSkip & 0xff)
      .writeUint8(preSkip >> 8)
      .writeUint32LittleEndian(inputSampleRate)
      .writeUint8(outputGain & 0xff)
      .writeUint8(outputGain >> 8)
      .writeBytes(reader.readBytes(reader.remaining)) // ChannelMappingFamily and its table
      .bytes()
  })
}

/** "fLaC" and the metadata blocks of "dfLa" (FLAC in ISOBMFF, 3.3.2). */
function toFlacHeader(dfLa: Box): Uint8Array {
  return readFullBox(dfLa, ({ reader }) =>
    Buffer.concat([Buffer.from('fLaC', 'latin1'), reader.readBytes(reader.remaining)]),
  )
}

function findBox(entry: Box, boxesAt: number, type: string): Box | null {
  const boxes = boxesIn(entry.payload.subarray(boxesAt), entry.payloadOffset + boxesAt)
  for (const box of boxes) {
    if (box.type === type) {
      return box
    }
  }
  return null
}

function requireBox(entry: Box, boxesAt: number, type: string): Box {
  const box = findBox(entry, boxesAt, type)
  if (box === null) {
    throw new ProtocolError(`there is no '${type}'`)
  }
  return box
}

/** Formats that people have, and know by another name. */
const FORMAT_NAMES: Readonly<Record<string, string>> = {
  mp4v: 'MPEG-4 Visual',
  s263: 'H.263',
  vvc1: 'H.266',
  apch: 'ProRes',
  apcn: 'ProRes',
  apcs: 'ProRes',
  jpeg: 'Motion JPEG',
  mjpa: 'Motion JPEG',
  alac: 'Apple Lossless',
  samr: 'AMR',
  sowt: 'PCM',
  twos: 'PCM',
  lpcm: 'PCM',
}

function notSupported(format: string): never {
  if (format === 'encv' || format === 'enca') {
    throw new ProtocolError(`${format} is encrypted`)
  }
  const name = Object.hasOwn(FORMAT_NAMES, format) ? ` (${FORMAT_NAMES[format]})` : ''
  throw new ProtocolError(`${format}${name} is not supported`)
}
