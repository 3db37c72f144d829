import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LimitError, ProtocolError } from '../base/index.ts'
import { MAX_PROXY_HEADER_BYTES, PROXY_HEADER_KINDS, type ProxyHeader, readProxyHeader } from './index.ts'

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n'

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

function version2(command: number, family: number, body: Uint8Array): Buffer {
  const fixed = Buffer.from([0x20 | command, family, body.length >> 8, body.length & 0xff])
  return Buffer.concat([latin1(SIGNATURE), fixed, body])
}

function ipv6(text: string): Buffer {
  return Buffer.from(text.replaceAll(':', ''), 'hex')
}

const PORTS = Buffer.from([0x9c, 0x40, 0x07, 0x8f])
const IPV4_BODY = Buffer.concat([Buffer.from([192, 0, 2, 1, 198, 51, 100, 1]), PORTS])
const IPV6_BODY = Buffer.concat([
  ipv6('2001:0db8:0000:0000:0000:0000:0000:0001'),
  ipv6('2001:0db8:0000:0000:0000:0000:0000:0002'),
  PORTS,
])
/** Type 0x04 (NOOP) with three bytes, a type that nobody knows with none, and one that is cut off. */
const TLVS = Buffer.from([0x04, 0x00, 0x03, 1, 2, 3, 0xe5, 0x00, 0x00, 0x05, 0xff])

/** What it is, the header, and whom it names; each is decoded, cut and mutated below. */
const CASES: readonly (readonly [string, Buffer, ProxyHeader['kind'], string | null])[] = [
  ['v1 of IPv4', latin1('PROXY TCP4 192.0.2.1 198.51.100.1 40000 1935\r\n'), 'v1', '192.0.2.1 40000'],
  ['v1 of IPv6', latin1('PROXY TCP6 2001:db8::1 2001:db8::2 40000 443\r\n'), 'v1', '2001:db8::1 40000'],
  ['v1 that does not know', latin1('PROXY UNKNOWN\r\n'), 'v1', null],
  [
    'v1 that does not know, as long as may be',
    latin1(`PROXY UNKNOWN ${`${'ffff:'.repeat(7)}ffff `.repeat(2)}65535 65535\r\n`),
    'v1',
    null,
  ],
  ['v2 of IPv4', version2(1, 0x11, IPV4_BODY), 'v2', '192.0.2.1 40000'],
  ['v2 of IPv6', version2(1, 0x21, IPV6_BODY), 'v2', '2001:db8::1 40000'],
  ['v2 with TLVs', version2(1, 0x11, Buffer.concat([IPV4_BODY, TLVS])), 'v2', '192.0.2.1 40000'],
  ['v2 that speaks for itself', version2(0, 0x00, Buffer.alloc(0)), 'v2', null],
  ['v2 that speaks for itself, with addresses', version2(0, 0x11, IPV4_BODY), 'v2', null],
  ['v2 without a family', version2(1, 0x00, TLVS), 'v2', null],
  ['v2 of a Unix socket', version2(1, 0x31, Buffer.alloc(216, 0x2f)), 'v2', null],
  ['v2 of datagrams', version2(1, 0x12, IPV4_BODY), 'v2', null],
  ['SRS’s prefix', Buffer.from([0xf3, 0, 4, 192, 0, 2, 1]), 'srs', '192.0.2.1 0'],
  ['SRS’s prefix with more', Buffer.from([0xf3, 0, 6, 192, 0, 2, 1, 9, 9]), 'srs', '192.0.2.1 0'],
]

function read(bytes: Uint8Array): ProxyHeader | null {
  return readProxyHeader(bytes, PROXY_HEADER_KINDS)
}

describe('a proxy’s header', () => {
  it.each(CASES)('%s is read, and what follows is left', (_name, header, kind, source) => {
    const read = readProxyHeader(Buffer.concat([header, latin1('\x03rest')]), PROXY_HEADER_KINDS)
    const peer = read?.source === null ? null : `${read?.source.address} ${read?.source.port}`
    expect({ ...read, source: peer }).toEqual({ kind, source, length: header.length })
  })

  it.each(CASES)('%s gives the same wherever it is cut', (_name, header) => {
    const whole = read(Buffer.concat([header, latin1('rest')]))
    for (let length = 0; length < header.length; length++) {
      expect(read(header.subarray(0, length))).toBeNull()
    }
    expect(read(header)).toEqual(whole)
  })

  it.each<[string, Buffer, RegExp]>([
    ['none, but RTMP', Buffer.from([3, 0, 0]), /must come first, the connection begins with byte 0x03/],
    ['none, but HTTP', latin1('GET / HTTP/1.1\r\n'), /begins with byte 0x47/],
    ['none, but another method', latin1('POST / HTTP/1.1\r\n'), /begins with 'PROXY ', not with 'POST \/'/],
    ['v1 of another family', latin1('PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n'), /family 'UDP4'/],
    ['v1 with a name', latin1('PROXY TCP4 localhost 2.2.2.2 1 2\r\n'), /addresses 'localhost' and '2.2.2.2'/],
    ['v1 with IPv6 as IPv4', latin1('PROXY TCP4 ::1 2.2.2.2 1 2\r\n'), /addresses '::1'/],
    ['v1 without ports', latin1('PROXY TCP4 1.1.1.1 2.2.2.2\r\n'), /port ''/],
    ['v1 with a port too high', latin1('PROXY TCP4 1.1.1.1 2.2.2.2 65536 2\r\n'), /port '65536'/],
    ['v1 with a port that is padded', latin1('PROXY TCP4 1.1.1.1 2.2.2.2 1 02\r\n'), /port '02'/],
    ['v1 with more', latin1('PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n'), /more than two/],
    ['v1 without an end', latin1(`PROXY TCP4 ${'1'.repeat(200)}`), /no line end within 107 bytes/],
    ['v2 with a wrong signature', latin1('\r\n\r\n\0\r\nQUIZ'), /another signature/],
    ['version 3', Buffer.concat([latin1(SIGNATURE), Buffer.from([0x31, 0x11, 0, 0])]), /is version 3/],
    ['an unknown command', version2(2, 0x11, IPV4_BODY), /the command 2/],
    ['v2 with half an address', version2(1, 0x11, IPV4_BODY.subarray(1)), /11 bytes of addresses, 12 are/],
    ['v2 with half of IPv6', version2(1, 0x21, IPV6_BODY.subarray(1)), /35 bytes of addresses, 36 are/],
    ['SRS’s prefix without an address', Buffer.from([0xf3, 0, 3, 1, 2, 3]), /has 3 bytes/],
  ])('%s is refused as soon as it can’t become one', (_name, bytes, message) => {
    expect(() => read(bytes)).toThrow(ProtocolError)
    expect(() => read(bytes)).toThrow(message)
  })

  it('is refused when it says that it is longer than MAX_PROXY_HEADER_BYTES, before it comes', () => {
    const long = version2(1, 0x11, Buffer.alloc(MAX_PROXY_HEADER_BYTES - 15))
    expect(read(version2(1, 0x11, Buffer.alloc(MAX_PROXY_HEADER_BYTES - 16)))).not.toBeNull()
    expect(() => read(long.subarray(0, 16))).toThrow(
      new LimitError('MAX_PROXY_HEADER_BYTES', MAX_PROXY_HEADER_BYTES, MAX_PROXY_HEADER_BYTES + 1),
    )
    expect(() => read(Buffer.from([0xf3, 0xff, 0xff]))).toThrow(LimitError)
  })

  it('is refused if it is of a kind that is not expected', () => {
    for (const [, header, kind] of CASES) {
      const others = PROXY_HEADER_KINDS.filter((each) => each !== kind)
      expect(() => readProxyHeader(header, others)).toThrow(ProtocolError)
      expect(readProxyHeader(header, [kind])).not.toBeNull()
    }
  })

  it('made of any bytes is a header, needs more, or is refused with a ProtocolError', () => {
    const starts = CASES.map(([, header]) => fc.constant(header))
    const start = fc.oneof(...starts, fc.constant(Buffer.alloc(0)))
    const mutation = fc.array(fc.tuple(fc.nat(64), fc.nat(255)), { maxLength: 4 })
    fc.assert(
      fc.property(start, mutation, fc.uint8Array({ maxLength: 300 }), (header, changes, tail) => {
        const bytes = Buffer.concat([header, tail])
        for (const [index, value] of changes) {
          if (index < bytes.length) {
            bytes[index] = value
          }
        }
        const result = outcome(bytes)
        expect(result.length).toBeLessThanOrEqual(bytes.length)
        // What it says does not depend on what came with it.
        if (result.header !== null) {
          expect(read(bytes.subarray(0, result.length))).toEqual(result.header)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

function outcome(bytes: Uint8Array): { header: ProxyHeader | null; length: number } {
  try {
    const header = read(bytes)
    return { header, length: header?.length ?? 0 }
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError)
    return { header: null, length: 0 }
  }
}
