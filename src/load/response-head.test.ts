import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCuts, anyMutation, byteByByte, cutAt } from '../../test/support/chunks.ts'
import { LimitError, ProtocolError } from '../base/index.ts'
import { MAX_RESPONSE_HEAD_BYTES, ResponseHeadReader } from './response-head.ts'

type Read = { status: number; headers: Record<string, string>; rest: string } | null

/** The head, and all that is behind it, as text. */
function read(pieces: Iterable<Uint8Array>): Read {
  const reader = new ResponseHeadReader()
  let found: Read = null
  for (const piece of pieces) {
    if (found !== null) {
      found.rest += Buffer.from(piece).toString('latin1')
      continue
    }
    const head = reader.push(piece)
    if (head !== null) {
      const { status, headers, rest } = head
      found = { status, headers: Object.fromEntries(headers), rest: Buffer.from(rest).toString('latin1') }
    }
  }
  return found
}

const cases: { text: string; head: Read }[] = [
  { text: 'HTTP/1.1 200 OK\r\n\r\n', head: { status: 200, headers: {}, rest: '' } },
  {
    text: 'HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\nTransfer-Encoding:chunked\r\n\r\nFLV',
    head: {
      status: 200,
      headers: { 'content-type': 'video/x-flv', 'transfer-encoding': 'chunked' },
      rest: 'FLV',
    },
  },
  { text: 'HTTP/1.0 404\r\n\r\n\r\n\r\n', head: { status: 404, headers: {}, rest: '\r\n\r\n' } },
  {
    text: 'HTTP/1.1 101 Switching Protocols\r\nDate: 10:11:12\r\n\r\n',
    head: { status: 101, headers: { date: '10:11:12' }, rest: '' },
  },
  { text: 'HTTP/1.1 200 OK\r\nA: b\r\n', head: null },
]

describe.each(cases)('the head of $text', ({ text, head }) => {
  it('is read alike whole, byte by byte and cut anywhere', () => {
    const bytes = Buffer.from(text, 'latin1')
    expect(read([bytes])).toEqual(head)
    expect(read(byteByByte(bytes))).toEqual(head)
    fc.assert(
      fc.property(anyCuts(bytes.length), (cuts) => {
        expect(read(cutAt(bytes, cuts))).toEqual(head)
      }),
      { numRuns: 25 },
    )
  })
})

const anyMutated = fc.constantFrom(...cases).chain(({ text }) => anyMutation(Buffer.from(text)))

describe('what is no head of a response', () => {
  it.each(['ICY 200 OK\r\n\r\n', 'HTTP/2 200\r\n\r\n', 'HTTP/1.1 20 OK\r\n\r\n', '\r\n\r\n'])(
    '%j is refused',
    (text) => {
      expect(() => read([Buffer.from(text)])).toThrow(ProtocolError)
    },
  )

  it('may not go on for more than MAX_RESPONSE_HEAD_BYTES', () => {
    const line = 'HTTP/1.1 200 OK\r\nA: '
    const longest = `${line.padEnd(MAX_RESPONSE_HEAD_BYTES, 'a')}\r\n\r\n`
    expect(read([Buffer.from(longest)])?.status).toBe(200)
    expect(() => read([Buffer.from(longest.replace('\r\n\r\n', 'a\r\n\r\n'))])).toThrow(LimitError)
    expect(() => read([Buffer.alloc(MAX_RESPONSE_HEAD_BYTES + 1)])).toThrow(LimitError)
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
