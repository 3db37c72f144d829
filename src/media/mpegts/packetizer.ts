import type { Ticks90k } from '../../base/index.ts'
import type { ByteWriter } from '../../bytes/index.ts'
import { wrapTicks } from './pes.ts'
import { TS_PACKET_BYTES } from './program.ts'

// Transport packets: ISO/IEC 13818-1, 2.4.3.2 to 2.4.3.5.

const SYNC_BYTE = 0x47
/** What a packet has after its header for an adaptation field and a payload. */
const BODY_BYTES: number = TS_PACKET_BYTES - 4

const ADAPTATION_FIELD_ONLY = 2
const PAYLOAD_ONLY = 1
const ADAPTATION_FIELD_AND_PAYLOAD = 3

/** What the adaptation field of a packet says. */
export type Adaptation = Readonly<{
  /** program_clock_reference_base, not wrapped; null for none. */
  pcr: Ticks90k | null
  /** random_access_indicator: decoding can start here. */
  randomAccess: boolean
}>

const NO_ADAPTATION: Adaptation = { pcr: null, randomAccess: false }

/**
 * Cuts sections and PES packets into transport packets and counts each PID's continuity_counter, which runs on for as
 * long as the packetizer lives.
 */
export class Packetizer {
  readonly #counters = new Map<number, number>()

  /**
   * One section in one packet, filled with 0xFF behind its CRC.
   * @param section at most 183 bytes
   */
  writeSection(target: ByteWriter, pid: number, section: Uint8Array): void {
    writeHeader(target, pid, true, PAYLOAD_ONLY, this.#nextCounter(pid))
    target.writeUint8(0) // pointer_field
    target.writeBytes(section)
    writeStuffing(target, BODY_BYTES - 1 - section.length)
  }

  /**
   * One PES packet, its last transport packet filled by an adaptation field.
   * @param pieces header and payload in order; read in place
   * @param adaptation of the first transport packet
   */
  writePes(target: ByteWriter, pid: number, pieces: readonly Uint8Array[], adaptation: Adaptation): void {
    const cursor = new PieceCursor(pieces)
    let present = adaptation
    let first = true
    while (cursor.remaining > 0) {
      const payloadBytes = Math.min(BODY_BYTES - adaptationFieldBytes(present), cursor.remaining)
      const fieldBytes = BODY_BYTES - payloadBytes
      const control = fieldBytes > 0 ? ADAPTATION_FIELD_AND_PAYLOAD : PAYLOAD_ONLY
      writeHeader(target, pid, first, control, this.#nextCounter(pid))
      writeAdaptationField(target, fieldBytes, present)
      cursor.writeTo(target, payloadBytes)
      present = NO_ADAPTATION
      first = false
    }
  }

  /** A packet with nothing but the clock. It has no payload, so the counter stays (2.4.3.3). */
  writeClock(target: ByteWriter, pid: number, pcr: Ticks90k): void {
    writeHeader(target, pid, false, ADAPTATION_FIELD_ONLY, this.#counters.get(pid) ?? 15)
    writeAdaptationField(target, BODY_BYTES, { pcr, randomAccess: false })
  }

  #nextCounter(pid: number): number {
    const next = ((this.#counters.get(pid) ?? 15) + 1) % 16
    this.#counters.set(pid, next)
    return next
  }
}

function writeHeader(
  target: ByteWriter,
  pid: number,
  start: boolean,
  control: number,
  counter: number,
): void {
  target.writeUint8(SYNC_BYTE)
  target.writeUint16((start ? 0x4000 : 0) + pid) // no error, payload_unit_start_indicator, no priority
  target.writeUint8(control * 16 + counter) // not scrambled
}

/** Bytes an adaptation field needs, its length byte included; 0 when it has nothing to say. */
function adaptationFieldBytes(adaptation: Adaptation): number {
  if (adaptation.pcr !== null) {
    return 8
  }
  return adaptation.randomAccess ? 2 : 0
}

/** @param bytes the whole field with its length byte; 0 writes nothing, and what is not needed is stuffing */
function writeAdaptationField(target: ByteWriter, bytes: number, adaptation: Adaptation): void {
  if (bytes === 0) {
    return
  }
  target.writeUint8(bytes - 1) // adaptation_field_length
  if (bytes === 1) {
    return
  }
  const { pcr, randomAccess } = adaptation
  target.writeUint8((randomAccess ? 0x40 : 0) + (pcr === null ? 0 : 0x10))
  if (pcr === null) {
    writeStuffing(target, bytes - 2)
    return
  }
  const base = wrapTicks(pcr)
  target.writeUint32(Math.floor(base / 2))
  target.writeUint16((base % 2) * 0x8000 + 0x7e00) // last bit of the base, reserved ones, extension 0
  writeStuffing(target, bytes - 8)
}

const STUFFING: Uint8Array = new Uint8Array(TS_PACKET_BYTES).fill(0xff)

function writeStuffing(target: ByteWriter, length: number): void {
  target.writeBytes(STUFFING.subarray(0, length))
}

/** Hands out the bytes of several pieces as if they were one. */
class PieceCursor {
  readonly #pieces: readonly Uint8Array[]
  #index = 0
  #offset = 0
  #remaining = 0

  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces
    for (const piece of pieces) {
      this.#remaining += piece.length
    }
  }

  get remaining(): number {
    return this.#remaining
  }

  /** Copies the next `length` bytes, of which there must be so many. */
  writeTo(target: ByteWriter, length: number): void {
    this.#remaining -= length
    let wanted = length
    while (wanted > 0) {
      const piece = this.#pieces[this.#index]!
      const taken = Math.min(wanted, piece.length - this.#offset)
      target.writeBytes(piece.subarray(this.#offset, this.#offset + taken))
      wanted -= taken
      this.#offset += taken
      if (this.#offset === piece.length) {
        this.#index++
        this.#offset = 0
      }
    }
  }
}
