import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hex, toHex } from '../../../test/support/chunks.ts'
import { ProtocolError } from '../../base/index.ts'
import { type Amf0Value, encodeAmf0 } from '../../media/index.ts'
import { type Message, MessageType } from '../chunk/index.ts'
import { type Command, decodeCommand, encodeCommand, encodeData } from './index.ts'

function message(type: number, payload: Uint8Array): Message {
  return { type, streamId: 1, timestamp: 0, chunkStreamId: 3, payload }
}

const NAME = '020004 706c6179' // 'play'
const NULL = '05'
const number = (text: string) => `00 ${text}`

/** One table for decoding, encoding and fuzzing; `again` where the encoder writes it so, too. */
const cases: readonly Readonly<{ name: string; wire: string; command: Command; again: boolean }>[] = [
  {
    name: 'a command without a command object',
    wire: `${NAME} ${number('4014000000000000')} ${NULL} 020003 737263 ${number('c09f400000000000')}`,
    command: { name: 'play', transactionId: 5, object: null, args: ['src', -2000], streamId: 1 },
    again: true,
  },
  {
    name: 'a command with a command object',
    wire: `${NAME} ${number('3ff0000000000000')} 03 0003 617070 020004 6c697665 000009`,
    command: { name: 'play', transactionId: 1, object: { app: 'live' }, args: [], streamId: 1 },
    again: true,
  },
  {
    name: 'null and undefined as arguments',
    wire: `${NAME} ${number('0000000000000000')} ${NULL} 05 06`,
    command: { name: 'play', transactionId: 0, object: null, args: [null, undefined], streamId: 1 },
    again: true,
  },
  {
    name: 'a name alone, as if its transaction id were 0',
    wire: NAME,
    command: { name: 'play', transactionId: 0, object: null, args: [], streamId: 1 },
    again: false,
  },
  {
    name: 'a transaction id that is no number, as 0',
    wire: `${NAME} 020001 31 ${NULL}`,
    command: { name: 'play', transactionId: 0, object: null, args: [], streamId: 1 },
    again: false,
  },
  {
    name: 'an ECMA array where the command object should be, as none',
    wire: `${NAME} ${number('3ff0000000000000')} 08 00000000 000009`,
    command: { name: 'play', transactionId: 1, object: null, args: [], streamId: 1 },
    again: false,
  },
]

describe.each(cases)('decodeCommand reads $name', ({ wire, command, again }) => {
  const payload = hex(wire)

  it('in an AMF0 message', () => {
    expect(decodeCommand(message(MessageType.commandAmf0, payload))).toEqual(command)
  })

  it('in an AMF3 message, behind a zero byte and without it', () => {
    const behindZero = Buffer.concat([Uint8Array.of(0), payload])
    expect(decodeCommand(message(MessageType.commandAmf3, behindZero))).toEqual(command)
    expect(decodeCommand(message(MessageType.commandAmf3, payload))).toEqual(command)
  })

  it(again ? 'and encodeCommand writes it' : 'and encodeCommand writes it in full', () => {
    const values: Amf0Value[] = [command.object, ...command.args]
    const encoded = encodeCommand(command.name, command.transactionId, values, command.streamId)
    expect(toHex(encoded.payload) === toHex(payload)).toBe(again)
    expect(decodeCommand(encoded)).toEqual(command)
  })

  it('and with bytes changed a command or a ProtocolError', () => {
    const changes = fc.array(fc.tuple(fc.nat({ max: payload.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(changes, fc.constantFrom(MessageType.commandAmf0, MessageType.commandAmf3), (all, type) => {
        const changed = payload.slice()
        for (const [at, value] of all) {
          changed[at] = value
        }
        expectCommandOrProtocolError(message(type, changed))
      }),
      { numRuns: 50 },
    )
  })
})

function expectCommandOrProtocolError(candidate: Message): void {
  try {
    expect(typeof decodeCommand(candidate).name).toBe('string')
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError)
  }
}

describe('decodeCommand', () => {
  it.each([
    ['nothing', ''],
    ['a number first', '00 3ff0000000000000'],
    ['null first', '05'],
    ['in AMF3 a zero byte and nothing', '00'],
  ])('refuses %s', (_, wire) => {
    const type = wire === '00' ? MessageType.commandAmf3 : MessageType.commandAmf0
    expect(() => decodeCommand(message(type, hex(wire)))).toThrow(
      new ProtocolError('a command message does not begin with the command name'),
    )
  })

  it('turns random bytes into a command or a ProtocolError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (random, amf3) => {
        expectCommandOrProtocolError(
          message(amf3 ? MessageType.commandAmf3 : MessageType.commandAmf0, random),
        )
      }),
      { numRuns: 300 },
    )
  })
})

describe('encodeCommand', () => {
  it('puts commands of the connection on chunk stream 3, of a message stream on 5, unless told', () => {
    const onConnection = encodeCommand('a', 1, [null])
    const onStream = encodeCommand('a', 1, [null], 7)
    const elsewhere = encodeCommand('a', 1, [null], 7, 8)
    expect([onConnection, onStream, elsewhere].map((each) => [each.streamId, each.chunkStreamId])).toEqual([
      [0, 3],
      [7, 5],
      [7, 8],
    ])
    expect(onStream).toMatchObject({ type: MessageType.commandAmf0, timestamp: 0 })
  })
})

describe('encodeData', () => {
  it('encodes a data message on chunk stream 5', () => {
    expect(encodeData(['|RtmpSampleAccess', true, true], 3)).toEqual({
      type: MessageType.dataAmf0,
      streamId: 3,
      timestamp: 0,
      chunkStreamId: 5,
      payload: encodeAmf0('|RtmpSampleAccess', true, true),
    })
  })
})
