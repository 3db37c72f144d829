import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCuts, anyMutation, byteByByte, cutAt } from '../../test/support/chunks.ts'
import { LimitError, ProtocolError } from '../base/index.ts'
import { ChunkedBodyReader, MAX_CHUNK_LINE_BYTES } from './chunked-body.ts'

function read(pieces: Iterable<Uint8Array>): { text: string; ended: boolean } {
  const reader = new ChunkedBodyReader()
  let text = ''
  for (const piece of pieces) {
    reader.push(piece, (bytes) => {
      text += Buffer.from(bytes).toString('latin1')
    })
  }
  return { text, ended: reader.ended }
}

const cases = [
  { wire: '3\r\nabc\r\n2\r\nde\r\n', text: 'abcde', ended: false },
  { wire: 'A\r\n0123456789\r\n1;name=value\r\n\n\r\n', text: '0123456789\n', ended: false },
  { wire: '1\r\na\r\n0\r\n\r\ndropped', text: 'a', ended: true },
  { wire: '00002 \r\n\r\n\r\n3\r\nab', text: '\r\nab', ended: false },
  { wire: '', text: '', ended: false },
]

describe.each(cases)('the chunked body $wire', ({ wire, text, ended }) => {
  it('is read alike whole, byte by byte and cut anywhere', () => {
    const bytes = Buffer.from(wire, 'latin1')
    expect(read([bytes])).toEqual({ text, ended })
    expect(read(byteByByte(bytes))).toEqual({ text, ended })
    fc.assert(
      fc.property(anyCuts(bytes.length), (cuts) => {
        expect(read(cutAt(bytes, cuts))).toEqual({ text, ended })
      }),
      { numRuns: 25 },
    )
  })
})

const anyMutated = fc.constantFrom(...cases).chain(({ wire }) => anyMutation(Buffer.from(wire)))

describe('what is no chunked body', () => {
  it.each(['FLV\r\n', '\r\n', '-1\r\n', '123456789\r\n', '1\r\naa\r\n', '1\r\na\r\n\r\n'])(
    '%j is refused',
    (wire) => {
      expect(() => read([Buffer.from(wire)])).toThrow(ProtocolError)
    },
  )

  it('may not have lines of more than MAX_CHUNK_LINE_BYTES', () => {
    const longest = '1;'.padEnd(MAX_CHUNK_LINE_BYTES, 'a')
    expect(read([Buffer.from(`${longest}\na`)]).text).toBe('a')
    expect(() => read([Buffer.from(`${longest}a\na`)])).toThrow(LimitError)
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
