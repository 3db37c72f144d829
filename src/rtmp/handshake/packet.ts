import { randomFillSync } from 'node:crypto'
import { ProtocolError } from '../../base/index.ts'

/** The one byte of C0 and S0: plain RTMP (Adobe RTMP 1.0, 5.2.2). */
export const HANDSHAKE_VERSION = 3

/** Bytes of each of C1, S1, C2 and S2 (Adobe RTMP 1.0, 5.2.3 and 5.2.4). */
export const HANDSHAKE_PACKET_BYTES = 1536

/**
 * How a handshake was made: `simple` as in Adobe RTMP 1.0, 5.2, or with digests, which the document leaves out, in the first
 * (`digest-first`) or second block of C1 and S1 (`key-first`). For the log; what follows the handshake is the same.
 */
export type HandshakeKind = 'simple' | 'digest-first' | 'key-first'

/** What came of handing bytes to a handshake. */
export type HandshakeStep = Readonly<{
  /** Bytes to write to the peer now, or null; the caller's to keep. */
  send: Uint8Array | null
  /** Whether the handshake is over. What is in `send` must be written all the same. */
  done: boolean
  /** What came after the peer's last handshake byte: a view into the bytes handed in, empty until `done`. */
  rest: Uint8Array
}>

/** One side's part in a handshake, the server's or the client's. */
export interface Handshake {
  /** How the peer does it; null until that can be told. */
  readonly kind: HandshakeKind | null
  /**
   * Takes the next bytes from the peer, cut anywhere.
   * @throws ProtocolError if it does not speak plain RTMP; the handshake has then failed for good
   */
  push(bytes: Uint8Array): HandshakeStep
}

/** Fills all of `bytes` with random values. */
export type FillRandom = (bytes: Uint8Array) => void

/** What either side of a handshake can be told. */
export type HandshakeOptions = Readonly<{
  /** The time field of our packet, modulo 2^32. Default: seconds since the Unix epoch, as SRS sends. */
  time?: number
  /** Source of the random parts. Default: that of `node:crypto`. */
  fillRandom?: FillRandom
}>

/** The default of `HandshakeOptions.fillRandom`. */
export function fillWithRandom(bytes: Uint8Array): void {
  randomFillSync(bytes)
}

/** The default of `HandshakeOptions.time`. */
export function secondsSinceEpoch(): number {
  return Math.floor(Date.now() / 1000)
}

/** Writes the first field of C1 and S1. */
export function writeTime(packet: Uint8Array, time: number): void {
  new DataView(packet.buffer, packet.byteOffset, 4).setUint32(0, time)
}

/**
 * Checks C0 or S0.
 *
 * @throws ProtocolError that names the byte and what the peer probably speaks
 */
export function checkVersion(version: number): void {
  if (version === HANDSHAKE_VERSION) {
    return
  }
  const guess = GUESSES.get(version)
  throw new ProtocolError(
    `RTMP version byte is 0x${version.toString(16).padStart(2, '0')}, must be 0x03${guess === undefined ? '' : `: ${guess}`}`,
  )
}

const HTTP = 'looks like HTTP'
const TLS = 'looks like TLS (RTMPS); plain RTMP is required'
const RTMPE = 'looks like encrypted RTMP (RTMPE); plain RTMP is required'

const GUESSES: ReadonlyMap<number, string> = new Map([
  [0x06, RTMPE],
  [0x08, RTMPE],
  [0x15, TLS], // an alert, as a server answers
  [0x16, TLS], // a handshake record, as a client begins
  [0x47, HTTP], // GET
  [0x48, HTTP], // HEAD, or the HTTP/1.1 of an answer
  [0x4f, HTTP], // OPTIONS
  [0x50, HTTP], // POST, PUT
  [0xf3, 'looks like the prefix of an RTMP proxy, which is not supported'],
])
