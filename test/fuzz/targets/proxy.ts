import { isIP } from 'node:net'
import { ByteWriter } from '../../../src/bytes/index.ts'
import { PROXY_HEADER_KINDS, type ProxyHeader, readProxyHeader } from '../../../src/net/index.ts'
import type { Random } from '../lib/random.ts'
import { attempt, Finding, kindOf, type Target } from '../lib/target.ts'

/** The header that a proxy puts before a connection: HAProxy's PROXY protocol, versions 1 and 2, and SRS's prefix. */
export const proxyTarget: Target = {
  name: 'proxy',
  generate: proxyHeader,
  check(input): string {
    const { value, refusal } = attempt(() => readAsItComes(input))
    if (refusal !== null) {
      return kindOf(refusal)
    }
    if (value === null) {
      return 'more is needed'
    }
    const { kind, source, length } = value
    if (length > input.length || (source !== null && (isIP(source.address) === 0 || !isPort(source.port)))) {
      throw new Finding(`a header that can't be: ${JSON.stringify(value)}`)
    }
    return `${kind} ${source === null ? 'unknown' : isIP(source.address)}`
  },
}

/** Reads all that came after every byte, and then all at once: it must make no difference. */
function readAsItComes(input: Uint8Array): ProxyHeader | null {
  const whole = attempt(() => readProxyHeader(input, PROXY_HEADER_KINDS))
  for (let length = 1; length <= Math.min(input.length, 600); length++) {
    const { value, refusal } = attempt(() => readProxyHeader(input.subarray(0, length), PROXY_HEADER_KINDS))
    if (refusal !== null) {
      if (whole.refusal === null) {
        throw new Finding(`refused after ${length} bytes, taken with all of them: ${refusal.message}`)
      }
      throw refusal
    }
    if (value !== null) {
      if (JSON.stringify(value) !== JSON.stringify(whole.value)) {
        throw new Finding(
          `after ${length} bytes ${JSON.stringify(value)}, in the end ${JSON.stringify(whole.value)}`,
        )
      }
      return value
    }
  }
  if (whole.refusal !== null) {
    throw whole.refusal
  }
  return whole.value
}

const WORDS = [
  'PROXY',
  'TCP4',
  'TCP6',
  'UNKNOWN',
  '192.0.2.1',
  '2001:db8::1',
  '::ffff:1.2.3.4',
  '40000',
  '65536',
  '-1',
  '0',
  '',
] as const

function proxyHeader(random: Random): Uint8Array {
  const behind = random.bytes(random.small(30))
  switch (random.below(4)) {
    case 0:
      return Buffer.concat([Buffer.from(`${random.list(6, () => random.pick(WORDS)).join(' ')}\r\n`), behind])
    case 1: {
      const family = random.oneIn(2) ? 'TCP4 192.0.2.1 198.51.100.1' : 'TCP6 2001:db8::1 ::1'
      return Buffer.concat([Buffer.from(`PROXY ${family} ${random.interesting(70_000)} 1935\r\n`), behind])
    }
    case 2: {
      const addresses = random.bytes(random.pick([0, 11, 12, 36, 216, random.small(60)]))
      const writer = new ByteWriter().writeBytes(Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'))
      writer.writeUint8(random.oneIn(8) ? random.below(256) : 0x20 + random.below(2))
      writer.writeUint8(random.pick([0x11, 0x11, 0x21, 0x12, 0x31, 0, random.below(256)]))
      writer.writeUint16(random.oneIn(8) ? random.interesting(0xffff) : addresses.length)
      return Buffer.concat([writer.writeBytes(addresses).bytes(), behind])
    }
    default: {
      const length = random.oneIn(6) ? random.interesting(0xffff) : 4 + random.small(20)
      return Buffer.concat([
        Uint8Array.of(0xf3, length >> 8, length),
        random.bytes(4 + random.small(20)),
        behind,
      ])
    }
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 65_535
}
