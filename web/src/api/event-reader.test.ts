import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventParser, readEvents, type ServerEvent } from './event-reader.ts'

const TEXT =
  ': hello\n\nevent: server\r\ndata: {"rtmp_port":1935}\r\n\r\ndata: größe\ndata:two\n\nevent: nothing\n\nretry: 10\rdata\r\rdata: cut'
const EVENTS: readonly ServerEvent[] = [
  { type: 'server', data: '{"rtmp_port":1935}' },
  { type: 'message', data: 'größe\ntwo' },
  { type: 'message', data: '' },
]

function parse(pieces: readonly Uint8Array[]): ServerEvent[] {
  const parser = new EventParser()
  return pieces.flatMap((piece) => parser.push(piece))
}

describe('EventParser', () => {
  const bytes = new TextEncoder().encode(TEXT)

  it('takes a text apart, fed whole', () => {
    expect(parse([bytes])).toEqual(EVENTS)
  })

  it('takes it apart the same, fed byte by byte', () => {
    expect(parse(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(EVENTS)
  })

  it('takes it apart the same, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
        const pieces = places.slice(1).map((end, index) => bytes.slice(places[index], end))
        expect(parse(pieces)).toEqual(EVENTS)
      }),
    )
  })

  it('takes any text without a fault', () => {
    fc.assert(fc.property(fc.uint8Array(), (piece) => void parse([piece])))
  })
})

it('readEvents gives events as they come, and lets go of the answer when nobody wants more', async () => {
  let isCancelled = false
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('data: x\n\n')),
    cancel: () => {
      isCancelled = true
    },
  })
  for await (const { data } of readEvents(body)) {
    expect(data).toBe('x')
    break
  }
  expect(isCancelled).toBe(true)
})
