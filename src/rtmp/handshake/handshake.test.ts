import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../base/index.ts'
import { CLIENT_KEYS, findDigest, SERVER_KEYS } from './digest.ts'
import {
  ClientHandshake,
  HANDSHAKE_PACKET_BYTES,
  HANDSHAKE_VERSION,
  type HandshakeKind,
  type HandshakeStep,
  ServerHandshake,
} from './index.ts'

const PACKET = HANDSHAKE_PACKET_BYTES
const ALL = 1 + 2 * PACKET
const kinds: readonly HandshakeKind[] = ['simple', 'digest-first', 'key-first']
const fixtures = new URL('../../../test/fixtures/rtmp/', import.meta.url)

/** What every recorded client is known to do. */
const captures: Readonly<Record<string, HandshakeKind>> = {
  'ffmpeg-5.1-play': 'digest-first',
  'ffmpeg-5.1-publish': 'digest-first',
  'gst-1.22-rtmp2sink-publish': 'simple',
  'gst-1.22-rtmp2src-play': 'simple',
  'gst-1.22-rtmpsink-publish': 'simple',
  'gst-1.22-rtmpsrc-play': 'simple',
  'obs-29-publish': 'simple',
  'rtmpdump-2.4-play': 'simple',
}

function readFixture(name: string): Uint8Array {
  return readFileSync(new URL(`${name}.bin`, fixtures))
}

/** Equal options give equal bytes. */
function options(seed = 1): { time: number; fillRandom: (bytes: Uint8Array) => void } {
  let state = seed
  return {
    time: 0xfedcba98,
    fillRandom(bytes) {
      for (let i = 0; i < bytes.length; i++) {
        state = (state * 1103515245 + 12345) % 0x80000000
        bytes[i] = state >> 16
      }
    },
  }
}

type Handshake = { readonly kind: HandshakeKind | null; push(bytes: Uint8Array): HandshakeStep }

/** Hands `bytes` over in pieces that begin at `cuts`, through one reused buffer as a socket would. */
function run(handshake: Handshake, bytes: Uint8Array, cuts: Iterable<number>): object {
  const sent: Uint8Array[] = []
  const rest: Uint8Array[] = []
  const slab = new Uint8Array(bytes.length)
  let doneAt: number | null = null
  const ends = [...cuts, bytes.length]
  let start = 0
  for (const end of ends) {
    slab.fill(0xee)
    slab.set(bytes.subarray(start, end))
    const step = handshake.push(slab.subarray(0, end - start))
    if (step.send !== null) {
      sent.push(step.send)
    }
    expect(step.done).toBe(end >= ALL)
    doneAt ??= step.done ? end - step.rest.length : null
    rest.push(step.rest.slice())
    start = end
  }
  return { kind: handshake.kind, sent: sent.map(toHex), rest: toHex(Buffer.concat(rest)), doneAt }
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** What an answer to `peerDigest` must end with. */
function expectedSignature(answer: Uint8Array, key: Uint8Array, peerDigest: Uint8Array): string {
  const answerKey = createHmac('sha256', key).update(peerDigest).digest()
  return createHmac('sha256', answerKey).update(answer.subarray(0, 1504)).digest('hex')
}

/** Checks S0 S1 S2 the way a client can. */
function expectAnswerTo(c1: Uint8Array, answer: Uint8Array, kind: HandshakeKind): void {
  expect(answer).toHaveLength(ALL)
  expect(answer[0]).toBe(HANDSHAKE_VERSION)
  const s1 = answer.subarray(1, 1 + PACKET)
  const s2 = answer.subarray(1 + PACKET)
  expect(toHex(s1.subarray(0, 4))).toBe('fedcba98')
  const found = findDigest(s1, SERVER_KEYS)
  if (kind === 'simple') {
    expect(found).toBeNull()
    expect(toHex(s1.subarray(4, 8))).toBe(toHex(c1.subarray(0, 4)))
    expect(new Set(s1.subarray(8)).size).toBeGreaterThan(200)
    expect(toHex(s2)).toBe(toHex(c1))
    return
  }
  expect(found?.schema).toBe(kind)
  expect(toHex(s1.subarray(4, 8))).toBe('01000504')
  const clientDigest = findDigest(c1, CLIENT_KEYS)?.digest ?? new Uint8Array(0)
  expect(toHex(s2.subarray(1504))).toBe(expectedSignature(s2, SERVER_KEYS.answer, clientDigest))
}

const anyCuts = fc
  .array(fc.nat({ max: ALL + 300 }), { maxLength: 12 })
  .map((cuts) => cuts.sort((a, b) => a - b))

describe('ServerHandshake with recorded clients', () => {
  it('knows every recording there is', () => {
    const recorded = readdirSync(fixtures).filter((file) => file.endsWith('.c2s.bin'))
    expect(recorded.sort()).toEqual(Object.keys(captures).map((name) => `${name}.c2s.bin`))
  })

  it.each(Object.entries(captures))('answers %s (%s) as that client can verify', (name, kind) => {
    const bytes = readFixture(`${name}.c2s`)
    const handshake = new ServerHandshake(options())
    expect(handshake.kind).toBeNull()
    const { send, done, rest } = handshake.push(bytes)
    expect(handshake.kind).toBe(kind)
    expectAnswerTo(bytes.subarray(1, 1 + PACKET), send ?? new Uint8Array(0), kind)
    expect(done).toBe(true)
    expect(toHex(rest)).toBe(toHex(bytes.subarray(ALL)))
    expect(Buffer.from(rest).includes('connect')).toBe(true)
  })

  it.each(Object.keys(captures))(
    'gives equal results for %s whole, byte by byte and cut anywhere',
    (name) => {
      const bytes = readFixture(`${name}.c2s`)
      const whole = run(new ServerHandshake(options()), bytes, [])
      expect(whole).toMatchObject({ kind: captures[name], doneAt: ALL, rest: toHex(bytes.subarray(ALL)) })
      expect(run(new ServerHandshake(options()), bytes, bytes.keys())).toEqual(whole)
      fc.assert(
        fc.property(anyCuts, (cuts) => {
          expect(run(new ServerHandshake(options()), bytes, cuts)).toEqual(whole)
        }),
        { numRuns: 20, endOnFailure: true },
      )
    },
  )
})

describe('ServerHandshake', () => {
  it('answers as soon as C1 is complete and is done as soon as C2 is', () => {
    const handshake = new ServerHandshake()
    const opening = new Uint8Array(1 + PACKET).fill(HANDSHAKE_VERSION)
    expect(handshake.push(opening.subarray(1))).toMatchObject({ send: null, done: false })
    const answered = handshake.push(opening.subarray(0, 1))
    expect(answered.send).toHaveLength(ALL)
    expect(answered.done).toBe(false)
    expect(handshake.push(new Uint8Array(PACKET - 1))).toMatchObject({ send: null, done: false })
    expect(handshake.push(new Uint8Array(0))).toMatchObject({ send: null, done: false })
    const last = handshake.push(Uint8Array.of(7, 8, 9))
    expect(last).toEqual({ send: null, done: true, rest: Uint8Array.of(8, 9) })
    expect(handshake.push(Uint8Array.of(10))).toEqual({ send: null, done: true, rest: Uint8Array.of(10) })
  })

  it('never looks at C2', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: PACKET, maxLength: PACKET }), (c2) => {
        const handshake = new ServerHandshake(options())
        handshake.push(new ClientHandshake(options()).opening)
        expect(handshake.push(c2)).toMatchObject({ send: null, done: true })
      }),
      { numRuns: 20, endOnFailure: true },
    )
  })

  it.each([
    [0x16, 'RTMP version byte is 0x16, must be 0x03: looks like TLS (RTMPS); plain RTMP is required'],
    [0x47, 'RTMP version byte is 0x47, must be 0x03: looks like HTTP'],
    [0x50, 'RTMP version byte is 0x50, must be 0x03: looks like HTTP'],
    [
      0x06,
      'RTMP version byte is 0x06, must be 0x03: looks like encrypted RTMP (RTMPE); plain RTMP is required',
    ],
    [
      0xf3,
      'RTMP version byte is 0xf3, must be 0x03: looks like the prefix of an RTMP proxy, which is not supported',
    ],
    [0x00, 'RTMP version byte is 0x00, must be 0x03'],
  ])('refuses version %i at its first byte, and for good', (version, message) => {
    const handshake = new ServerHandshake()
    expect(handshake.push(new Uint8Array(0))).toMatchObject({ send: null, done: false })
    expect(() => handshake.push(Uint8Array.of(version))).toThrow(new ProtocolError(message))
    expect(() => handshake.push(new Uint8Array(ALL).fill(HANDSHAKE_VERSION))).toThrow(ProtocolError)
    expect(handshake.kind).toBeNull()
  })

  it('makes random bytes a simple handshake or throws a ProtocolError', () => {
    const anyFirst = fc.oneof(fc.constant(HANDSHAKE_VERSION), fc.nat({ max: 255 }))
    const anyRest = fc.uint8Array({ maxLength: ALL + 200, size: 'max' })
    const seen = new Set<string>()
    fc.assert(
      fc.property(anyFirst, anyRest, (first, others) => {
        const bytes = Uint8Array.of(first, ...others)
        const handshake = new ServerHandshake()
        try {
          const { done } = handshake.push(bytes)
          expect(done).toBe(bytes.length >= ALL)
          expect(handshake.kind).toBe(bytes.length > PACKET ? 'simple' : null)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
          expect(first).not.toBe(HANDSHAKE_VERSION)
        }
        seen.add(String(handshake.kind))
      }),
      { numRuns: 200, endOnFailure: true },
    )
    expect(seen).toEqual(new Set(['null', 'simple']))
  })

  it('tells the time in seconds and different random bytes every time, unless told otherwise', () => {
    const opening = new ClientHandshake({ kind: 'simple' }).opening
    const before = Math.floor(Date.now() / 1000)
    const [first, second] = [new ServerHandshake(), new ServerHandshake()].map((handshake) =>
      Buffer.from(handshake.push(opening).send ?? []),
    )
    const after = Math.floor(Date.now() / 1000)
    expect(first?.readUInt32BE(1)).toBeGreaterThanOrEqual(before)
    expect(first?.readUInt32BE(1)).toBeLessThanOrEqual(after)
    expect(first?.subarray(9, 1537)).not.toEqual(second?.subarray(9, 1537))
  })
})

describe('ClientHandshake', () => {
  it('begins with time, version and a digest where one is asked for', () => {
    const openings = kinds.map((kind) => new ClientHandshake({ ...options(), kind }).opening)
    expect(openings.map((opening) => toHex(opening.subarray(0, 9)))).toEqual([
      '03fedcba9800000000',
      '03fedcba9880000702',
      '03fedcba9880000702',
    ])
    expect(openings.map((opening) => opening.length)).toEqual([1537, 1537, 1537])
    const found = openings.map((opening) => findDigest(opening.subarray(1), CLIENT_KEYS)?.schema ?? 'simple')
    expect(found).toEqual(kinds)
    expect(toHex(new ClientHandshake(options()).opening)).toBe(toHex(openings[1] ?? new Uint8Array(0)))
  })

  it.each(kinds)('and our server finish a handshake in the same kind: %s', (kind) => {
    const client = new ClientHandshake({ ...options(2), kind })
    const server = new ServerHandshake(options(3))
    const answer = server.push(client.opening).send ?? new Uint8Array(0)
    expectAnswerTo(client.opening.subarray(1), answer, kind)
    const step = client.push(Buffer.concat([answer, Uint8Array.of(2)]))
    expect(step).toMatchObject({ done: true, rest: Buffer.of(2) })
    expect(client.kind).toBe(kind)
    expect(server.kind).toBe(kind)
    const c2 = step.send ?? new Uint8Array(0)
    const s1 = answer.subarray(1, 1 + PACKET)
    if (kind === 'simple') {
      expect(toHex(c2)).toBe(toHex(s1))
    } else {
      const serverDigest = findDigest(s1, SERVER_KEYS)?.digest ?? new Uint8Array(0)
      expect(toHex(c2.subarray(1504))).toBe(expectedSignature(c2, CLIENT_KEYS.answer, serverDigest))
    }
    const last = server.push(Buffer.concat([c2, Uint8Array.of(3)]))
    expect(last).toEqual({ send: null, done: true, rest: Buffer.of(3) })
  })

  it.each([
    ['ffmpeg-5.1-play', 'digest-first', 'digest-first'],
    ['ffmpeg-5.1-play', 'key-first', 'digest-first'],
    ['ffmpeg-5.1-play', 'simple', 'simple'],
    ['obs-29-publish', 'digest-first', 'simple'],
    ['obs-29-publish', 'simple', 'simple'],
  ] as const)('takes what SRS answered to %s, begun as %s, for %s, cut anywhere', (name, begun, found) => {
    const bytes = Buffer.concat([readFixture(`${name}.s2c`), Buffer.from('after')])
    const begin = (): ClientHandshake => new ClientHandshake({ ...options(), kind: begun })
    const whole = run(begin(), bytes, [])
    expect(whole).toMatchObject({ kind: found, doneAt: ALL, rest: Buffer.from('after').toString('hex') })
    expect(run(begin(), bytes, bytes.keys())).toEqual(whole)
    fc.assert(
      fc.property(anyCuts, (cuts) => {
        const within = cuts.filter((cut) => cut <= bytes.length)
        expect(run(begin(), bytes, within)).toEqual(whole)
      }),
      { numRuns: 20, endOnFailure: true },
    )
  })

  it('repeats an S1 without a valid digest as C2', () => {
    const answer = Uint8Array.from(readFixture('ffmpeg-5.1-play.s2c'))
    answer[1000] = (answer[1000] ?? 0) ^ 1
    const client = new ClientHandshake()
    const { send, done } = client.push(answer)
    expect(done).toBe(true)
    expect(client.kind).toBe('simple')
    expect(toHex(send ?? new Uint8Array(0))).toBe(toHex(answer.subarray(1, 1 + PACKET)))
  })

  it('refuses a server that does not speak RTMP', () => {
    expect(() => new ClientHandshake().push(Buffer.from('HTTP/1.1 400 Bad Request'))).toThrow(
      new ProtocolError('RTMP version byte is 0x48, must be 0x03: looks like HTTP'),
    )
  })

  it('takes any bytes from the server or throws a ProtocolError', () => {
    const anyFirst = fc.oneof(fc.constant(HANDSHAKE_VERSION), fc.nat({ max: 255 }))
    fc.assert(
      fc.property(anyFirst, fc.uint8Array({ maxLength: ALL + 200, size: 'max' }), (first, others) => {
        const client = new ClientHandshake()
        if (first === HANDSHAKE_VERSION) {
          expect(client.push(Uint8Array.of(first, ...others)).done).toBe(others.length >= 2 * PACKET)
        } else {
          expect(() => client.push(Uint8Array.of(first, ...others))).toThrow(ProtocolError)
        }
      }),
      { numRuns: 100, endOnFailure: true },
    )
  })
})
