import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hex, toHex } from '../../../test/support/chunks.ts'
import { ProtocolError } from '../../base/index.ts'
import { type Message, MessageType } from '../chunk/index.ts'
import {
  decodeControlValue,
  decodeUserControl,
  encodeAcknowledgement,
  encodeSetBufferLength,
  encodeSetChunkSize,
  encodeSetPeerBandwidth,
  encodeUserControl,
  encodeWindowAcknowledgementSize,
  UserControlEvent,
} from './index.ts'

/** One table for encoding and decoding. */
const controls: readonly Readonly<{
  name: string
  message: Message
  type: number
  wire: string
  value: number
}>[] = [
  {
    name: 'Set Chunk Size',
    message: encodeSetChunkSize(60_000),
    type: MessageType.setChunkSize,
    wire: '0000ea60',
    value: 60_000,
  },
  {
    name: 'Acknowledgement',
    message: encodeAcknowledgement(0xfedcba98),
    type: MessageType.acknowledgement,
    wire: 'fedcba98',
    value: 0xfedcba98,
  },
  {
    name: 'Acknowledgement past 2^32',
    message: encodeAcknowledgement(2 ** 32 + 5),
    type: MessageType.acknowledgement,
    wire: '00000005',
    value: 5,
  },
  {
    name: 'Window Acknowledgement Size',
    message: encodeWindowAcknowledgementSize(2_500_000),
    type: MessageType.windowAcknowledgementSize,
    wire: '002625a0',
    value: 2_500_000,
  },
  {
    name: 'Set Peer Bandwidth',
    message: encodeSetPeerBandwidth(2_500_000),
    type: MessageType.setPeerBandwidth,
    wire: '002625a0 02',
    value: 2_500_000,
  },
]

describe.each(controls)('$name', ({ message, type, wire, value }) => {
  it('is encoded for chunk stream 2 and message stream 0', () => {
    const { payload, ...header } = message
    expect(header).toEqual({ type, streamId: 0, timestamp: 0, chunkStreamId: 2 })
    expect(toHex(payload)).toBe(wire.replace(' ', ''))
  })

  it('is decoded to its value', () => {
    expect(decodeControlValue(message.payload)).toBe(value)
  })
})

describe('decodeControlValue', () => {
  it.each([0, 1, 2, 3])('refuses %i bytes', (length) => {
    expect(() => decodeControlValue(new Uint8Array(length))).toThrow(
      new ProtocolError(`a control message has ${length} bytes, needs 4`),
    )
  })
})

describe('user control messages', () => {
  it.each(Object.entries(UserControlEvent))('are encoded and decoded: %s', (_, event) => {
    const message = encodeUserControl(event, 0xfedcba98)
    expect(message).toMatchObject({ type: MessageType.userControl, streamId: 0, chunkStreamId: 2 })
    expect(toHex(message.payload)).toBe(`000${event}fedcba98`)
    expect(decodeUserControl(message.payload)).toEqual({ event, value: 0xfedcba98 })
  })

  it('tell a buffer length: a message stream and milliseconds', () => {
    expect(toHex(encodeSetBufferLength(1, 3000).payload)).toBe('00030000000100000bb8')
  })

  it('are decoded with eight bytes of data, with less than four, and with none', () => {
    expect(decodeUserControl(hex('0003 00000001 00000bb8'))).toEqual({
      event: 3,
      value: 1,
      bufferLengthMs: 3000,
    })
    expect(decodeUserControl(hex('0003 00000001'))).toEqual({ event: 3, value: 1 })
    expect(decodeUserControl(hex('0006 000102'))).toEqual({ event: 6, value: 0 })
    expect(decodeUserControl(hex('001f'))).toEqual({ event: 31, value: 0 })
  })

  it('are refused without an event type', () => {
    expect(() => decodeUserControl(hex('00'))).toThrow(ProtocolError)
  })

  it('of random bytes are decoded or refused with a ProtocolError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        if (bytes.length < 2) {
          expect(() => decodeUserControl(bytes)).toThrow(ProtocolError)
        } else {
          expect(decodeUserControl(bytes).event).toBe(Buffer.from(bytes).readUInt16BE())
        }
      }),
      { numRuns: 100 },
    )
  })
})
