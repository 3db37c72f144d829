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

/** The version SRS names in S1. FFmpeg as a player checks our digests only if the first byte is 3 or more. */
const SERVER_VERSION = Uint8Array.of(0x01, 0x00, 0x05, 0x04)

/**
 * The server's side of the RTMP handshake (Adobe RTMP 1.0, 5.2, and the digests of Flash Player 9), for one connection.
 * Answers in the kind the client began, as SRS does: with digests if C1 holds a valid one, otherwise simply. C2 is counted
 * and not looked at.
 */
export class ServerHandshake implements Handshake {
  readonly #input = new HandshakeInput()
  readonly #time: number
  readonly #fillRandom: FillRandom
  #kind: HandshakeKind | null = null

  /** @param options see `HandshakeOptions` */
  constructor(options: HandshakeOptions = {}) {
    this.#time = options.time ?? secondsSinceEpoch()
    this.#fillRandom = options.fillRandom ?? fillWithRandom
  }

  /** What kind of handshake the client began; null until C1 is complete. */
  get kind(): HandshakeKind | null {
    return this.#kind
  }

  /**
   * Takes the next bytes from the client, cut anywhere. `send` is S0, S1 and S2 in one (3073 bytes) when these bytes
   * complete C1; `done` once C2 is complete. Bytes handed in after that come back as `rest`.
   *
   * @throws ProtocolError if C0 is not the version byte of plain RTMP; the handshake has then failed for good
   */
  push(bytes: Uint8Array): HandshakeStep {
    const { packet, done, rest } = this.#input.push(bytes)
    return { send: packet === null ? null : this.#answer(packet), done, rest }
  }

  #answer(c1: Uint8Array): Uint8Array {
    const answer = new Uint8Array(1 + 2 * HANDSHAKE_PACKET_BYTES)
    answer[0] = HANDSHAKE_VERSION
    const s1 = answer.subarray(1, 1 + HANDSHAKE_PACKET_BYTES)
    const s2 = answer.subarray(1 + HANDSHAKE_PACKET_BYTES)
    this.#fillRandom(s1)
    writeTime(s1, this.#time)

    const found = findDigest(c1, CLIENT_KEYS)
    if (found === null) {
      this.#kind = 'simple'
      s1.set(c1.subarray(0, 4), 4) // Adobe asks for zeros here; SRS repeats the client's time and clients live with it
      s2.set(c1)
      return answer
    }
    this.#kind = found.schema
    s1.set(SERVER_VERSION, 4)
    signPacket(s1, found.schema, SERVER_KEYS)
    this.#fillRandom(s2)
    signAnswer(s2, found.digest, SERVER_KEYS)
    return answer
  }
}
