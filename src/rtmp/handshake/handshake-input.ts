import { checkVersion, HANDSHAKE_PACKET_BYTES } from './packet.ts'

/** What was found in the bytes handed in. */
export type HandshakeProgress = Readonly<{
  /** C1 or S1 when these bytes complete it, else null. */
  packet: Uint8Array | null
  /** Whether the peer has sent all of its handshake. */
  done: boolean
  /** What follows it: a view into the bytes handed in. */
  rest: Uint8Array
}>

const OPENING_BYTES = 1 + HANDSHAKE_PACKET_BYTES
const ALL_BYTES = OPENING_BYTES + HANDSHAKE_PACKET_BYTES
const NOTHING = new Uint8Array(0)

/**
 * Cuts what a peer sends into C0 C1 C2 (S0 S1 S2) and the rest. Keeps a copy of the first two; the third is only counted, as
 * clients fill it in too many ways to check.
 */
export class HandshakeInput {
  readonly #opening = new Uint8Array(OPENING_BYTES)
  #received = 0

  /**
   * Takes the next bytes, cut anywhere. Once done, all bytes are `rest`.
   *
   * @throws ProtocolError if the version byte is not that of plain RTMP, as soon as it is there and at every call after
   */
  push(bytes: Uint8Array): HandshakeProgress {
    let packet: Uint8Array | null = null
    let taken = 0
    if (this.#received < OPENING_BYTES) {
      taken = Math.min(bytes.length, OPENING_BYTES - this.#received)
      this.#opening.set(bytes.subarray(0, taken), this.#received)
      this.#received += taken
      this.#checkVersion()
      packet = this.#received === OPENING_BYTES ? this.#opening.subarray(1) : null
    }
    const counted = Math.min(bytes.length - taken, ALL_BYTES - this.#received)
    this.#received += counted
    const done = this.#received === ALL_BYTES
    return { packet, done, rest: done ? bytes.subarray(taken + counted) : NOTHING }
  }

  #checkVersion(): void {
    const [version] = this.#opening
    if (this.#received > 0 && version !== undefined) {
      checkVersion(version)
    }
  }
}
