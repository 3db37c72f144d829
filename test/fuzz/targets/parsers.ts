import {
  type Amf0Value,
  aacCodecString,
  avcCodecString,
  avcLevelName,
  avcProfileName,
  decodeAmf0,
  decodeAmf3,
  encodeAmf0,
  encodeAmf3,
  parseAudioSpecificConfig,
  parseAudioTagBody,
  parseAvcDecoderConfigurationRecord,
  parseSequenceParameterSet,
  parseVideoTagBody,
  splitNalUnits,
} from '../../../src/media/index.ts'
import {
  decodeAggregate,
  decodeCommand,
  decodeControlValue,
  decodeUserControl,
  MessageType,
  parseRtmpStream,
  parseStreamArgument,
  parseTcUrl,
} from '../../../src/rtmp/index.ts'
import { amf0Values } from '../generators/amf0.ts'
import { amf3Values } from '../generators/amf3.ts'
import { accessUnit, audioBody, videoBody } from '../generators/media.ts'
import type { Random } from '../lib/random.ts'
import { attempt, Finding, kindOf, type Target } from '../lib/target.ts'

/** A target that is one function, or several of the same input; `kind` says in a word what it read. */
export function parser(
  name: string,
  generate: (random: Random) => Uint8Array,
  ...parse: ((input: Uint8Array) => string)[]
): Target {
  return {
    name,
    generate,
    check(input): string {
      const before = new Uint8Array(input)
      const kinds = parse.map((each) => {
        const { value, refusal } = attempt(() => each(input))
        return refusal === null ? value : kindOf(refusal)
      })
      if (Buffer.compare(before, input) !== 0) {
        throw new Finding('the parser changed its input')
      }
      return kinds.join(' | ')
    },
  }
}

/** Parsers that get all their bytes at once. */
export const parserTargets: readonly Target[] = [
  parser('amf0', amf0Values, (input) => {
    const values = decodeAmf0(input)
    const once = encodeAmf0(...values)
    const twice = encodeAmf0(...decodeAmf0(once))
    if (Buffer.compare(once, twice) !== 0) {
      throw new Finding('decoded and encoded again, the values are others')
    }
    return values.map(shapeOf).join(' ')
  }),
  parser('amf3', amf3Values, (input) => {
    const values = decodeAmf3(input)
    const once = encodeAmf3(...values)
    const twice = encodeAmf3(...decodeAmf3(once))
    if (Buffer.compare(once, twice) !== 0) {
      throw new Finding('decoded and encoded again, the values are others')
    }
    return values
      .map((value) => (typeof value === 'object' ? `${value?.constructor?.name}` : typeof value))
      .join(' ')
  }),
  parser('aggregate', aggregateBody, (input) => {
    const parts = decodeAggregate({
      type: MessageType.aggregate,
      streamId: 1,
      timestamp: 0xfffffff0,
      chunkStreamId: 4,
      payload: input,
    })
    if (parts.some(({ timestamp }) => !(timestamp >= 0 && timestamp < 2 ** 32))) {
      throw new Finding('a timestamp has more than 32 bits')
    }
    return `${Math.min(5, parts.length)}`
  }),
  parser('command', commandBody, (input) => {
    const type = input[0] === 0 ? MessageType.commandAmf3 : MessageType.commandAmf0
    const { name, args } = decodeCommand({
      type,
      streamId: 0,
      timestamp: 0,
      chunkStreamId: 3,
      payload: input,
    })
    return `${name.slice(0, 8)} ${args.length}`
  }),
  parser(
    'control',
    (random) => random.bytes(random.small(12)),
    (input) => `${Math.min(10, decodeUserControl(input).event)}`,
    (input) => `${decodeControlValue(input) > 0}`,
  ),
  parser(
    'url',
    urlText,
    (input) => {
      const text = Buffer.from(input).toString()
      const { app } = parseTcUrl(text)
      return `${app.split('/').length}`
    },
    (input) => `${parseStreamArgument(Buffer.from(input).toString()).path.split('/').length}`,
    (input) => {
      const [tcUrl = '', argument = ''] = Buffer.from(input).toString().split('%')
      const { app, stream } = parseRtmpStream(tcUrl, argument)
      return `${app.split('/').length} ${stream === ''}`
    },
  ),
  parser('video-body', videoBody, (input) => {
    const { codec, packetType, dataOffset, dataEnd, compositionOffset } = parseVideoTagBody(input)
    checkRange(input, dataOffset, dataEnd)
    if (!Number.isInteger(compositionOffset)) {
      throw new Finding(`composition offset ${compositionOffset}`)
    }
    return `${codec} ${packetType}`
  }),
  parser('audio-body', audioBody, (input) => {
    const { codec, packetType, dataOffset, dataEnd } = parseAudioTagBody(input)
    checkRange(input, dataOffset, dataEnd)
    return `${codec} ${packetType}`
  }),
  parser(
    'avc',
    (random) => (random.oneIn(2) ? videoBody(random).subarray(5) : accessUnit(random)),
    (input) => {
      const record = parseAvcDecoderConfigurationRecord(input)
      const sets = record.sequenceParameterSets.map((each) => attempt(() => describeSps(each)))
      return `${record.nalUnitLengthSize} ${sets.map(({ value }) => value)}`
    },
    describeSps,
    (input) => `${Math.min(3, splitNalUnits(input, 1 + ((input[0] ?? 0) % 4)).length)}`,
  ),
  parser(
    'aac',
    (random) => random.bytes(1 + random.small(12)),
    (input) => {
      const config = parseAudioSpecificConfig(input)
      return `${aacCodecString(config)} ${config.channelCount}`
    },
  ),
]

/** Parts as FLV tags, cut short now and then. */
function aggregateBody(random: Random): Uint8Array {
  const parts: Uint8Array[] = []
  for (let i = random.small(4); i >= 0; i--) {
    const body = random.bytes(random.small(20))
    const header = Buffer.alloc(11)
    header[0] = random.pick([8, 9, 18, 22])
    header.writeUIntBE(random.oneIn(20) ? random.interesting(0xffffff) : body.length, 1, 3)
    header.writeUInt32BE(random.interesting(0xffffffff), 4)
    parts.push(header, body, Buffer.alloc(random.oneIn(20) ? 3 : 4))
  }
  return Buffer.concat(parts)
}

function commandBody(random: Random): Uint8Array {
  const begin = encodeAmf0(
    random.pick(['connect', 'publish', 'onStatus', '']),
    random.pick([1, 0, NaN]),
    null,
  )
  return Buffer.concat([new Uint8Array(random.below(2)), begin, amf0Values(random)])
}

const URL_PARTS = [
  'rtmp://',
  'RTMPS://',
  'host',
  '[::1]',
  ':1935',
  ':',
  '/',
  'live',
  '?vhost=v',
  '...vhost...v',
  '#',
  '&',
  '%',
  '\u0000',
  '..',
  '?',
  '=',
] as const

function urlText(random: Random): Uint8Array {
  const parts = random.oneIn(200)
    ? ['rtmp://h/', '/'.repeat(5000)]
    : random.list(random.small(10), () => random.pick(URL_PARTS))
  return Buffer.from(`${random.oneIn(3) ? '' : 'rtmp://host/'}${parts.join('')}`)
}

function checkRange(input: Uint8Array, from: number, to: number): void {
  if (from > to || to > input.length) {
    throw new Finding(`payload from ${from} to ${to} of ${input.length} bytes`)
  }
}

function describeSps(nalUnit: Uint8Array): string {
  const sps = parseSequenceParameterSet(nalUnit)
  const { profileIdc, levelIdc } = sps
  return `${avcProfileName(profileIdc)} ${avcLevelName(levelIdc).length} ${avcCodecString(sps).length}`
}

function shapeOf(value: Amf0Value): string {
  return Array.isArray(value)
    ? `array${Math.min(2, value.length)}`
    : (value?.constructor?.name ?? typeof value)
}
