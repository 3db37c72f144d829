import { isIPv4, isIPv6 } from 'node:net'
import { LimitError, ProtocolError } from '../base/index.ts'

/** A PROXY header of version 2, or SRS's prefix, with all it carries, bytes. A header of version 1 has 107 at most. */
export const MAX_PROXY_HEADER_BYTES = 4096

/**
 * How a proxy says who its client is: `v1` and `v2` as in HAProxy's PROXY protocol (sections 2.1 and 2.2), `srs` as SRS's
 * RTMP proxies do, with the byte 0xF3 before C0.
 */
export const PROXY_HEADER_KINDS = ['v1', 'v2', 'srs'] as const

/** One of `PROXY_HEADER_KINDS`. */
export type ProxyHeaderKind = (typeof PROXY_HEADER_KINDS)[number]

/** An address and, where the header has one, a port. */
export type ProxiedPeer = Readonly<{
  /** IPv4 or IPv6 address. */
  address: string
  /** TCP port; 0 if the header has none. */
  port: number
}>

/** What stands in front of a proxied connection. */
export type ProxyHeader = Readonly<{
  /** How the proxy said it. */
  kind: ProxyHeaderKind
  /** The proxy's client. Null if the proxy speaks for itself (LOCAL) or does not know it (UNKNOWN, UNSPEC, a Unix socket). */
  source: ProxiedPeer | null
  /** Length of the header: what follows is the client's, bytes. */
  length: number
}>

/** Version 1, with its line end (section 2.1), bytes. */
const MAX_V1_HEADER_BYTES = 107

/** What a header of version 2 begins with (section 2.2). */
const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

const V2_FIXED_BYTES = 16

const SRS_PREFIX_MARK = 0xf3

/**
 * Reads the header at the start of a connection. Pure: called again with all that came so far until it is complete.
 * @param bytes all that came so far
 * @param accepted the kinds that are expected; any other is an error
 * @returns null if more bytes are needed
 * @throws ProtocolError if it can't become such a header any more, LimitError past `MAX_PROXY_HEADER_BYTES`
 */
export function readProxyHeader(bytes: Uint8Array, accepted: readonly ProxyHeaderKind[]): ProxyHeader | null {
  const first = bytes[0]
  if (first === undefined) {
    return null
  }
  if (first === 0x50 && accepted.includes('v1')) {
    return readVersion1(bytes)
  }
  if (first === V2_SIGNATURE[0] && accepted.includes('v2')) {
    return readVersion2(bytes)
  }
  if (first === SRS_PREFIX_MARK && accepted.includes('srs')) {
    return readSrsPrefix(bytes)
  }
  throw new ProtocolError(
    `a proxy's header (${accepted.join(', ')}) must come first, the connection begins with byte 0x${first.toString(16).padStart(2, '0')}`,
  )
}

/** `PROXY TCP4 192.0.2.1 198.51.100.1 40000 1935\r\n` */
function readVersion1(bytes: Uint8Array): ProxyHeader | null {
  const text = Buffer.from(bytes.subarray(0, MAX_V1_HEADER_BYTES)).toString('latin1')
  const start = 'PROXY '
  if (!text.startsWith(start.slice(0, text.length))) {
    throw new ProtocolError(`PROXY v1 begins with 'PROXY ', not with '${text.slice(0, start.length)}'`)
  }
  const end = text.indexOf('\r\n')
  if (end < 0) {
    if (bytes.length >= MAX_V1_HEADER_BYTES) {
      throw new ProtocolError(`PROXY v1 has no line end within ${MAX_V1_HEADER_BYTES} bytes`)
    }
    return null
  }
  const length = end + 2
  const [, family, source = '', destination = '', sourcePort = '', destinationPort = '', ...rest] = text
    .slice(0, end)
    .split(' ')
  if (family === 'UNKNOWN') {
    // Whatever stands behind it is to be ignored.
    return { kind: 'v1', source: null, length }
  }
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : null
  if (isAddress === null) {
    throw new ProtocolError(`PROXY v1 names the family '${family}', neither TCP4, TCP6 nor UNKNOWN`)
  }
  if (!isAddress(source) || !isAddress(destination)) {
    throw new ProtocolError(`PROXY v1 ${family} has the addresses '${source}' and '${destination}'`)
  }
  if (rest.length > 0) {
    throw new ProtocolError(`PROXY v1 has more than two addresses and two ports: '${rest.join(' ')}'`)
  }
  const port = readPort(sourcePort)
  readPort(destinationPort)
  return { kind: 'v1', source: { address: source, port }, length }
}

function readPort(text: string): number {
  const port = /^(0|[1-9]\d{0,4})$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) {
    throw new ProtocolError(`PROXY v1 has the port '${text}'`)
  }
  return port
}

/** Signature, version and command, family and protocol, length, addresses, TLVs (which are left alone). */
function readVersion2(bytes: Uint8Array): ProxyHeader | null {
  const known = Math.min(bytes.length, V2_SIGNATURE.length)
  if (V2_SIGNATURE.compare(bytes, 0, known, 0, known) !== 0) {
    throw new ProtocolError('PROXY v2 begins with another signature')
  }
  if (bytes.length < V2_FIXED_BYTES) {
    return null
  }
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const versionAndCommand = header.readUInt8(12)
  const familyAndProtocol = header.readUInt8(13)
  const length = V2_FIXED_BYTES + header.readUInt16BE(14)
  if (versionAndCommand >> 4 !== 2) {
    throw new ProtocolError(`PROXY v2 says that it is version ${versionAndCommand >> 4}`)
  }
  if (length > MAX_PROXY_HEADER_BYTES) {
    throw new LimitError('MAX_PROXY_HEADER_BYTES', MAX_PROXY_HEADER_BYTES, length)
  }
  const command = versionAndCommand & 0x0f
  if (command > 1) {
    throw new ProtocolError(`PROXY v2 has the command ${command}, neither LOCAL (0) nor PROXY (1)`)
  }
  if (header.length < length) {
    return null
  }
  const addresses = header.subarray(V2_FIXED_BYTES, length)
  return { kind: 'v2', source: command === 0 ? null : readV2Source(familyAndProtocol, addresses), length }
}

/** Family in the upper four bits: IPv4, IPv6, Unix; protocol in the lower: only connections (STREAM) come here. */
function readV2Source(familyAndProtocol: number, addresses: Buffer): ProxiedPeer | null {
  switch (familyAndProtocol) {
    case 0x11:
      requireAddresses(addresses, 12)
      return { address: addresses.subarray(0, 4).join('.'), port: addresses.readUInt16BE(8) }
    case 0x21:
      requireAddresses(addresses, 36)
      return { address: formatIpv6(addresses), port: addresses.readUInt16BE(32) }
    default:
      // Unspecified, a Unix socket, datagrams or what will be: to be taken for the proxy's own (section 2.2).
      return null
  }
}

function requireAddresses(addresses: Buffer, wanted: number): void {
  if (addresses.length < wanted) {
    throw new ProtocolError(`PROXY v2 has ${addresses.length} bytes of addresses, ${wanted} are needed`)
  }
}

/** RFC 5952: groups without leading zeros, the longest run of zeros as `::`. */
function formatIpv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

/** 0xF3, length of what follows (two bytes), the client's IPv4 address, and what will be. */
function readSrsPrefix(bytes: Uint8Array): ProxyHeader | null {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (header.length < 3) {
    return null
  }
  const rest = header.readUInt16BE(1)
  if (rest < 4) {
    throw new ProtocolError(`SRS's proxy prefix has ${rest} bytes, 4 of an address are needed`)
  }
  if (rest > MAX_PROXY_HEADER_BYTES) {
    throw new LimitError('MAX_PROXY_HEADER_BYTES', MAX_PROXY_HEADER_BYTES, rest)
  }
  const length = 3 + rest
  if (header.length < length) {
    return null
  }
  return { kind: 'srs', source: { address: header.subarray(3, 7).join('.'), port: 0 }, length }
}
