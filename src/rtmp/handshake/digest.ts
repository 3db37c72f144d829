import { createHmac } from 'node:crypto'
import { HANDSHAKE_PACKET_BYTES, type HandshakeKind } from './packet.ts'

/*
 * The handshake with digests of Flash Player 9 and later. Adobe's document leaves it out; the layout is common knowledge
 * among RTMP implementations. C1 and S1 are time(4), version(4) and two blocks of 764 bytes, of which one holds the digest:
 *
 *   digest block: offset(4), random, digest(32), random     the digest is (sum of the 4 bytes mod 728) behind them
 *   key block:    random, key(128), random, offset(4)       a Diffie-Hellman value, used by RTMPE alone
 *
 * The key is never located here: without RTMPE nobody looks at it, and random bytes stand for it well.
 */

/** Which block of C1 or S1 holds the digest. */
export type DigestSchema = Exclude<HandshakeKind, 'simple'>

/** A valid digest found in C1 or S1. */
export type FoundDigest = Readonly<{
  /** Where it was. */
  schema: DigestSchema
  /** Its 32 bytes, a view into the packet. */
  digest: Uint8Array
}>

/** What one side signs with. */
export type SigningKeys = Readonly<{
  /** For the digest in its first packet. */
  packet: Uint8Array
  /** For its answer to the peer's digest. */
  answer: Uint8Array
}>

/** Bytes of a digest (SHA-256). */
export const DIGEST_BYTES = 32

const VERSION_START = 4
const BLOCK_START = 8
const BLOCK_BYTES = 764
const OFFSET_BYTES = 4
/** Digest positions within a block: what the offset field and the digest itself leave free. */
const DIGEST_POSITIONS = BLOCK_BYTES - OFFSET_BYTES - DIGEST_BYTES

const SHARED_TAIL = Buffer.from('f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae', 'hex')

/** What a client signs C1 and C2 with. */
export const CLIENT_KEYS: SigningKeys = signingKeys('Genuine Adobe Flash Player 001')

/** What a server signs S1 and S2 with. */
export const SERVER_KEYS: SigningKeys = signingKeys('Genuine Adobe Flash Media Server 001')

function signingKeys(name: string): SigningKeys {
  const packet = Buffer.from(name, 'ascii')
  return { packet, answer: Buffer.concat([packet, SHARED_TAIL]) }
}

/** Where the digest of `packet` is, in bytes from its start, if it has one in this schema. */
export function digestOffset(packet: Uint8Array, schema: DigestSchema): number {
  const block = schema === 'digest-first' ? BLOCK_START : BLOCK_START + BLOCK_BYTES
  const sum = packet.subarray(block, block + OFFSET_BYTES).reduce((total, byte) => total + byte, 0)
  return block + OFFSET_BYTES + (sum % DIGEST_POSITIONS)
}

/** Looks for the digest of a C1 or S1 in both places; null if it has none, so that the handshake is a simple one. */
export function findDigest(packet: Uint8Array, keys: SigningKeys): FoundDigest | null {
  if (packet.subarray(VERSION_START, BLOCK_START).every((byte) => byte === 0)) {
    // Zeros, as Adobe asks for: who signs names its version. To look all the same costs a tenth of a join.
    return null
  }
  for (const schema of ['key-first', 'digest-first'] as const) {
    const at = digestOffset(packet, schema)
    const digest = packet.subarray(at, at + DIGEST_BYTES)
    if (computeDigest(packet, at, keys).equals(digest)) {
      return { schema, digest }
    }
  }
  return null
}

/** Signs a C1 or S1 that is otherwise complete: puts the digest into it, at the place its random bytes tell. */
export function signPacket(packet: Uint8Array, schema: DigestSchema, keys: SigningKeys): void {
  const at = digestOffset(packet, schema)
  packet.set(computeDigest(packet, at, keys), at)
}

/** Signs a C2 or S2 filled with random bytes: its last 32 become the answer to the digest of the peer's packet. */
export function signAnswer(answer: Uint8Array, peerDigest: Uint8Array, keys: SigningKeys): void {
  const at = HANDSHAKE_PACKET_BYTES - DIGEST_BYTES
  const key = createHmac('sha256', keys.answer).update(peerDigest).digest()
  answer.set(createHmac('sha256', key).update(answer.subarray(0, at)).digest(), at)
}

/** Over the packet without the 32 bytes at `at`. */
function computeDigest(packet: Uint8Array, at: number, keys: SigningKeys): Buffer {
  return createHmac('sha256', keys.packet)
    .update(packet.subarray(0, at))
    .update(packet.subarray(at + DIGEST_BYTES))
    .digest()
}
