import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CLIENT_KEYS,
  type DigestSchema,
  digestOffset,
  findDigest,
  SERVER_KEYS,
  signAnswer,
  signPacket,
} from './digest.ts'
import { HANDSHAKE_PACKET_BYTES } from './packet.ts'

const schemas: readonly DigestSchema[] = ['digest-first', 'key-first']
/** Where each schema's digest block begins and ends. */
const blocks = { 'digest-first': [8, 772], 'key-first': [772, 1536] } as const

const anyPacket = fc.uint8Array({ minLength: HANDSHAKE_PACKET_BYTES, maxLength: HANDSHAKE_PACKET_BYTES })

function recorded(name: string): { first: Uint8Array; second: Uint8Array } {
  const bytes = readFileSync(new URL(`../../../test/fixtures/rtmp/${name}.bin`, import.meta.url))
  return { first: bytes.subarray(1, 1537), second: bytes.subarray(1537, 3073) }
}

describe('digestOffset', () => {
  it.each([
    { schema: 'digest-first', bytes: [0, 0, 0, 0], offset: 12 },
    { schema: 'digest-first', bytes: [1, 2, 3, 4], offset: 22 },
    { schema: 'digest-first', bytes: [255, 255, 217, 0], offset: 739 },
    { schema: 'digest-first', bytes: [255, 255, 218, 0], offset: 12 },
    { schema: 'digest-first', bytes: [255, 255, 255, 255], offset: 304 },
    { schema: 'key-first', bytes: [0, 0, 0, 0], offset: 776 },
    { schema: 'key-first', bytes: [255, 0, 217, 255], offset: 1503 },
    { schema: 'key-first', bytes: [255, 0, 218, 255], offset: 776 },
  ] as const)('is $offset for $bytes, $schema', ({ schema, bytes, offset }) => {
    const packet = new Uint8Array(HANDSHAKE_PACKET_BYTES).fill(0x77)
    packet.set(bytes, blocks[schema][0])
    expect(digestOffset(packet, schema)).toBe(offset)
  })

  it('keeps the digest between the offset field and the end of its block', () => {
    fc.assert(
      fc.property(anyPacket, fc.constantFrom(...schemas), (packet, schema) => {
        const [start, end] = blocks[schema]
        const offset = digestOffset(packet, schema)
        expect(offset).toBeGreaterThanOrEqual(start + 4)
        expect(offset).toBeLessThanOrEqual(end - 32)
      }),
      { numRuns: 100, endOnFailure: true },
    )
  })
})

describe('signing keys', () => {
  it('have the lengths their users agreed on', () => {
    const lengths = [CLIENT_KEYS.packet, CLIENT_KEYS.answer, SERVER_KEYS.packet, SERVER_KEYS.answer]
    expect(lengths.map((key) => key.length)).toEqual([30, 62, 36, 68])
  })
})

describe('findDigest', () => {
  it.each(['ffmpeg-5.1-play', 'ffmpeg-5.1-publish'])('finds those of FFmpeg and of SRS in %s', (name) => {
    expect(findDigest(recorded(`${name}.c2s`).first, CLIENT_KEYS)?.schema).toBe('digest-first')
    expect(findDigest(recorded(`${name}.s2c`).first, SERVER_KEYS)?.schema).toBe('digest-first')
  })

  it('finds none made with the keys of the other side', () => {
    expect(findDigest(recorded('ffmpeg-5.1-play.c2s').first, SERVER_KEYS)).toBeNull()
    expect(findDigest(recorded('ffmpeg-5.1-play.s2c').first, CLIENT_KEYS)).toBeNull()
  })

  it('finds none in a simple C1 or S1', () => {
    expect(findDigest(recorded('obs-29-publish.c2s').first, CLIENT_KEYS)).toBeNull()
    expect(findDigest(recorded('obs-29-publish.s2c').first, SERVER_KEYS)).toBeNull()
  })

  it('finds what signPacket put in, and none once any byte is changed', () => {
    const changed = fc.nat({ max: HANDSHAKE_PACKET_BYTES - 1 })
    fc.assert(
      fc.property(anyPacket, fc.constantFrom(...schemas), changed, (packet, schema, at) => {
        signPacket(packet, schema, CLIENT_KEYS)
        const offset = digestOffset(packet, schema)
        expect(findDigest(packet, CLIENT_KEYS)).toEqual({
          schema,
          digest: packet.subarray(offset, offset + 32),
        })
        packet.set([(packet[at] ?? 0) ^ 0x40], at)
        expect(findDigest(packet, CLIENT_KEYS)).toBeNull()
      }),
      { numRuns: 100, endOnFailure: true },
    )
  })
})

describe('signAnswer', () => {
  it.each(['ffmpeg-5.1-play', 'ffmpeg-5.1-publish'])('signs as SRS signed S2 in %s', (name) => {
    const found = findDigest(recorded(`${name}.c2s`).first, CLIENT_KEYS)
    const s2 = recorded(`${name}.s2c`).second
    const signed = Uint8Array.from(s2).fill(0, 1504)
    signAnswer(signed, found?.digest ?? new Uint8Array(0), SERVER_KEYS)
    expect(Buffer.from(signed)).toEqual(Buffer.from(s2))
  })
})
