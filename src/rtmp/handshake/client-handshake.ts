import { CLIENT_KEYS, findDigest, SERVER_KEYS, signAnswer, signPacket } from './digest.ts'
import { HandshakeInput } from './handshake-input.ts'
import {
  type FillRandom,
  fillWithRandom,
  HANDSHAKE_PACKET_BYTES,
  HANDSHAKE_VERSION,
  type Handshake,
  type HandshakeKind,
  type HandshakeOptions,
  type HandshakeStep,
  secondsSinceEpoch,
  writeTime,
} from './packet.ts'

/** The version SRS names in C1 when it acts as a client; zeros in a simple C1, as Adobe asks. */
const CLIENT_VERSION = Uint8Array.of(0x80, 0x00, 0x07, 0x02)

/** What a `ClientHandshake` can be told. */
export type ClientHandshakeOptions = HandshakeOptions &
  Readonly<{
    /** How to begin. Default `digest-first`, which every server takes: one that knows no digests sees random bytes. */
    kind?: HandshakeKind
  }>

/**
 * The client's side of the RTMP handshake (Adobe RTMP 1.0, 5.2, and the digests of Flash Player 9), for one connection.
 * Write `opening`, then hand in what the server sends. The server's digests are used if they are valid and not required.
 */
export class ClientHandshake implements Handshake {
  /** C0 and C1 (1537 bytes), to write first. */
  readonly opening: Uint8Array
  readonly #input = new HandshakeInput()
  readonly #fillRandom: FillRandom
  readonly #begunAs: HandshakeKind
  #kind: HandshakeKind | null = null

  /** @param options see `ClientHandshakeOptions` */
  constructor(options: ClientHandshakeOptions = {}) {
    this.#fillRandom = options.fillRandom ?? fillWithRandom
    this.#begunAs = options.kind ?? 'digest-first'
    this.opening = this.#open(this.#begunAs, options.time ?? secondsSinceEpoch())
  }

  /** What kind of handshake the server answered with; null until S1 is complete. */
  get kind(): HandshakeKind | null {
    return this.#kind
  }

  /**
   * Takes the next bytes from the server, cut anywhere. `send` is C2 (1536 bytes) when these bytes complete S1; `done` once
   * S2 is complete. Bytes handed in after that come back as `rest`.
   *
   * @throws ProtocolError if S0 is not the version byte of plain RTMP; the handshake has then failed for good
   */
  push(bytes: Uint8Array): HandshakeStep {
    const { packet, done, rest } = this.#input.push(bytes)
    return { send: packet === null ? null : this.#answer(packet), done, rest }
  }

  #open(kind: HandshakeKind, time: number): Uint8Array {
    const opening = new Uint8Array(1 + HANDSHAKE_PACKET_BYTES)
    this.#fillRandom(opening)
    opening[0] = HANDSHAKE_VERSION
    const c1 = opening.subarray(1)
    writeTime(c1, time)
    if (kind === 'simple') {
      c1.fill(0, 4, 8)
      return opening
    }
    c1.set(CLIENT_VERSION, 4)
    signPacket(c1, kind, CLIENT_KEYS)
    return opening
  }

  #answer(s1: Uint8Array): Uint8Array {
    const found = this.#begunAs === 'simple' ? null : findDigest(s1, SERVER_KEYS)
    if (found === null) {
      this.#kind = 'simple'
      return s1.slice()
    }
    this.#kind = found.schema
    const c2 = new Uint8Array(HANDSHAKE_PACKET_BYTES)
    this.#fillRandom(c2)
    signAnswer(c2, found.digest, CLIENT_KEYS)
    return c2
  }
}
