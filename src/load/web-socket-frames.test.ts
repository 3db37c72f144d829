import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCuts, anyMutation, byteByByte, cutAt, hex, toHex } from '../../test/support/chunks.ts'
import { ProtocolError } from '../base/index.ts'
import { encodeClientControlFrame, WebSocketFrameReader, WebSocketOpcode } from './web-socket-frames.ts'

/** Payload of binary messages and control frames, in order: bytes as they are, control as `[opcode:payload]`. */
function read(pieces: Iterable<Uint8Array>): string {
  let seen = ''
  const reader = new WebSocketFrameReader({
    onBytes(bytes) {
      seen += toHex(bytes)
    },
    onControl(opcode, payload) {
      seen += `[${opcode}:${toHex(payload)}]`
    },
  })
  for (const piece of pieces) {
    reader.push(piece)
  }
  return seen
}

const long = 'ab'.repeat(300)
const longer = 'cd'.repeat(70_000)

const cases = [
  { name: 'a binary message', wire: '82 03 010203', seen: '010203' },
  { name: 'two messages', wire: '82 01 01 82 02 0203', seen: '010203' },
  { name: 'a message in fragments', wire: '02 01 01 00 01 02 80 01 03', seen: '010203' },
  { name: 'a ping between fragments', wire: '02 01 01 89 02 aabb 80 01 03', seen: '01[9:aabb]03' },
  { name: 'an empty ping', wire: '89 00 82 01 07', seen: '[9:]07' },
  { name: 'a close', wire: '88 04 03e8 6f6b', seen: '[8:03e86f6b]' },
  { name: 'a 16-bit length', wire: `82 7e 012c ${long}`, seen: long },
  { name: 'a 64-bit length', wire: `82 7f 0000000000011170 ${longer}`, seen: longer },
  { name: 'an empty message', wire: '82 00 82 01 01', seen: '01' },
  { name: 'a part of a header', wire: '82 7f 00', seen: '' },
]

describe.each(cases)('$name', ({ wire, seen }) => {
  it('is read alike whole, byte by byte and cut anywhere', () => {
    const bytes = hex(wire)
    expect(read([bytes])).toBe(seen)
    expect(read(byteByByte(bytes))).toBe(seen)
    fc.assert(
      fc.property(anyCuts(bytes.length), (cuts) => {
        expect(read(cutAt(bytes, cuts))).toBe(seen)
      }),
      { numRuns: 10 },
    )
  })
})

const anyMutated = fc.constantFrom(...cases.slice(0, 6)).chain(({ wire }) => anyMutation(hex(wire)))

describe('what a server may not send', () => {
  it.each([
    ['a masked frame', '82 81 00000000 01', 'masked'],
    ['text', '81 01 61', 'opcode 1'],
    ['an unknown opcode', '83 01 61', 'opcode 3'],
    ['a control frame of an unknown opcode', '8b 00', 'opcode 11'],
    ['a control frame that is too long', `89 7e 007e ${'00'.repeat(126)}`, '126 bytes, more than 125'],
  ])('%s', (_name, wire, why) => {
    expect(() => read([hex(wire)])).toThrow(ProtocolError)
    expect(() => read([hex(wire)])).toThrow(why)
  })

  it('makes nothing but a ProtocolError, whatever it is', () => {
    fc.assert(
      fc.property(anyMutated, (bytes) => {
        try {
          read([bytes])
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
    )
  })
})

it('control frames of a client are masked', () => {
  const frame = encodeClientControlFrame(WebSocketOpcode.pong, hex('aabb'))
  expect(toHex(frame)).toBe('8a8200000000aabb')
})
