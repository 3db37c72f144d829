import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hex, toHex } from '../../../test/support/chunks.ts'
import { ProtocolError } from '../../base/index.ts'
import { type Message, MessageType } from '../chunk/index.ts'
import { decodeAggregate } from './aggregate.ts'

function aggregate(timestamp: number, payload: string | Uint8Array): Message {
  const bytes = typeof payload === 'string' ? hex(payload) : payload
  return { type: MessageType.aggregate, streamId: 3, timestamp, chunkStreamId: 4, payload: bytes }
}

type Part = readonly [type: number, timestamp: number, body: string]

function parts(message: Message): Part[] {
  return decodeAggregate(message).map(({ type, timestamp, payload }) => [type, timestamp, toHex(payload)])
}

const audioAt7 = '08 000002 000007 00 000000 af01 0000000d'
const videoAt47 = '09 000001 00002f 00 000000 27 0000000c'

describe('decodeAggregate', () => {
  it.each<[name: string, timestamp: number, payload: string, parts: Part[]]>([
    ['nothing', 5, '', []],
    ['one part, which has the aggregate’s time', 1000, audioAt7, [[8, 1000, 'af01']]],
    [
      'several, as far apart as their own times',
      1000,
      audioAt7 + videoAt47,
      [
        [8, 1000, 'af01'],
        [9, 1040, '27'],
      ],
    ],
    [
      'a part before the first',
      1000,
      videoAt47 + audioAt7,
      [
        [9, 1000, '27'],
        [8, 960, 'af01'],
      ],
    ],
    [
      'times past 2^24, by their extension byte',
      0,
      '08 000001 fffffe 00 000000 af 0000000c 08 000001 000002 01 000000 ae 0000000c',
      [
        [8, 0, 'af'],
        [8, 4, 'ae'],
      ],
    ],
    [
      'times past 2^32',
      0xfffffffe,
      audioAt7 + videoAt47,
      [
        [8, 0xfffffffe, 'af01'],
        [9, 38, '27'],
      ],
    ],
    [
      'an empty part, which is left out',
      0,
      `09 000000 000007 00 000000 0000000b ${videoAt47}`,
      [[9, 40, '27']],
    ],
  ])('takes apart: %s', (_name, timestamp, payload, expected) => {
    expect(parts(aggregate(timestamp, payload))).toEqual(expected)
  })

  it('keeps the message stream and the chunk stream', () => {
    expect(decodeAggregate(aggregate(0, audioAt7))).toMatchObject([{ streamId: 3, chunkStreamId: 4 }])
  })

  it.each([
    ['a header', '08 000002'],
    ['a body', '08 000002 000007 00 000000 af'],
    ['a back pointer', '08 000002 000007 00 000000 af01 0000'],
    ['a size', `${audioAt7} 09 ffffff 000000 00 000000 27`],
  ])('refuses one whose %s is cut short', (_name, payload) => {
    expect(() => decodeAggregate(aggregate(0, payload))).toThrow(ProtocolError)
  })

  it('takes any bytes apart or refuses them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(0xffffffff), (bytes, timestamp) => {
        try {
          for (const message of decodeAggregate(aggregate(timestamp, bytes))) {
            expect(message.timestamp).toBeGreaterThanOrEqual(0)
            expect(message.timestamp).toBeLessThan(2 ** 32)
            expect(message.payload.length).toBeGreaterThan(0)
          }
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
    )
  })
})
