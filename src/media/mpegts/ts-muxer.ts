import { LimitError, type Ticks90k } from '../../base/index.ts'
import type { ByteWriter } from '../../bytes/index.ts'
import { Packetizer } from './packetizer.ts'
import { AUDIO_STREAM_ID, encodePesHeader, MAX_PES_PACKET_LENGTH_BYTES, VIDEO_STREAM_ID } from './pes.ts'
import {
  audioPid,
  PAT_PID,
  PMT_PID,
  pcrPid,
  TS_PACKET_BYTES,
  type TsAudioCodec,
  type TsProgram,
  VIDEO_PID,
} from './program.ts'
import { encodeProgramAssociation, encodeProgramMap } from './psi.ts'

/**
 * How far the stamped times run ahead of the clock: PTS and DTS are written this much later than given, the PCR as given.
 * A decoder so has 700 ms from a byte's arrival to its decoding, which lets audio come late by nearly that much and stays
 * within the one second that data may wait in a decoder's buffer (ISO/IEC 13818-1, 2.4.2.7). The time goes onto the
 * stamps, not off the clock, so that a stream that begins at 0 does not begin with a wrap of the clock.
 */
export const PCR_LEAD_TICKS: Ticks90k = 63_000 as Ticks90k

/** The longest time without a clock while units are written (ISO/IEC 13818-1, 2.7.2): 100 ms. */
const MAX_PCR_INTERVAL_TICKS = 9_000

/** Bytes of the tables at the start of a segment: one packet each for PAT and PMT. */
export const TABLES_BYTES: number = 2 * TS_PACKET_BYTES

/** The most bytes of one audio unit: what a PES packet with a PTS can hold (PES_packet_length has 16 bits). */
export const MAX_AUDIO_UNIT_BYTES: number = MAX_PES_PACKET_LENGTH_BYTES - 8

/** One access unit: a picture as Annex-B NAL units, or an audio frame (ADTS, MP3). */
export type TsAccessUnit = Readonly<{
  /** Decode time, not wrapped. Of audio it is not read: sound is presented as it is decoded. */
  dts: Ticks90k
  /** Presentation time, not wrapped; may be before `dts` and may be negative. */
  pts: Ticks90k
  /** Decoding can start here. */
  randomAccess: boolean
  /** The unit's bytes in order, read in place and not kept. */
  pieces: readonly Uint8Array[]
}>

/**
 * Writes an MPEG transport stream (ISO/IEC 13818-1) of one program into buffers that the caller owns. One muxer serves
 * all segments of a stream: continuity counters run on from one to the next.
 *
 * Each access unit is one PES packet. The clock (PCR) is on every picture, or on every audio frame when there is no video;
 * where pictures are rarer than 100 ms, audio brings packets with a clock of their own. It never goes back.
 */
export class TsMuxer {
  readonly #packetizer = new Packetizer()
  #program: TsProgram
  /** What the last tables said, and their version_number; null before the first. */
  #announced: TsProgram | null = null
  #version = 0
  #lastPcr: number | null = null
  /** How far the presentation of any unit so far went before its decode time; 0 or negative. */
  #dtsShift = 0
  #lastDts = Number.NEGATIVE_INFINITY

  /** @param program what the stream holds; see `changeProgram` */
  constructor(program: TsProgram) {
    this.#program = program
  }

  /** What the stream holds at present. */
  get program(): TsProgram {
    return this.#program
  }

  /** Another program, told by the next tables: call `writeTables` or `amendTables` before the segment goes out. */
  changeProgram(program: TsProgram): void {
    this.#program = program
  }

  /**
   * Writes PAT and PMT (`TABLES_BYTES`); the next unit brings a clock. Call it at the start of each segment. The map's
   * version changes when the program did.
   */
  writeTables(target: ByteWriter): void {
    if (this.#announced !== null && !sameProgram(this.#announced, this.#program)) {
      this.#version = (this.#version + 1) % 32
    }
    this.#announced = this.#program
    this.#packetizer.writeSection(target, PAT_PID, encodeProgramAssociation())
    this.#packetizer.writeSection(target, PMT_PID, encodeProgramMap(this.#program, this.#version))
    this.#lastPcr = null
  }

  /**
   * Puts the present program into the tables that a segment begins with, for a stream that turned out to have audio
   * after its first picture was written. Nobody has seen the tables before, so their version stays.
   * @param segment begins with what `writeTables` last wrote; changed in place
   */
  amendTables(segment: Uint8Array): void {
    this.#announced = this.#program
    // Behind the map packet's header and pointer_field. The section can only have grown; stuffing is already there.
    segment.set(encodeProgramMap(this.#program, this.#version), TS_PACKET_BYTES + 5)
  }

  /** Writes one picture. The program must have video. */
  writeVideo(target: ByteWriter, unit: TsAccessUnit): void {
    // A decoder takes no DTS after the PTS (2.4.3.7), yet that is what a negative composition offset says. Decoding is
    // moved forward by the largest such offset; presentation stays, and with it the match of picture and sound.
    this.#dtsShift = Math.min(this.#dtsShift, unit.pts - unit.dts)
    const dts = Math.min(Math.max(unit.dts + this.#dtsShift, this.#lastDts + 1), unit.pts) as Ticks90k
    this.#lastDts = dts
    this.#writePes(target, VIDEO_PID, VIDEO_STREAM_ID, { ...unit, dts }, this.#clockAt(unit.dts))
  }

  /**
   * Writes one audio frame (or several that follow each other), of the program's codec.
   * @throws LimitError when it is larger than `MAX_AUDIO_UNIT_BYTES`; nothing was written then
   */
  writeAudio(target: ByteWriter, codec: TsAudioCodec, unit: TsAccessUnit): void {
    const bytes = byteLength(unit.pieces)
    if (bytes > MAX_AUDIO_UNIT_BYTES) {
      throw new LimitError('MAX_AUDIO_UNIT_BYTES', MAX_AUDIO_UNIT_BYTES, bytes)
    }
    const pid = audioPid(codec)
    const clockPid = pcrPid(this.#program)
    const frame = { ...unit, dts: unit.pts }
    if (clockPid === pid) {
      this.#writePes(target, pid, AUDIO_STREAM_ID, frame, this.#clockAt(frame.dts))
      return
    }
    if (this.#lastPcr === null || frame.dts - this.#lastPcr >= MAX_PCR_INTERVAL_TICKS) {
      this.#packetizer.writeClock(target, clockPid, frame.dts)
      this.#lastPcr = frame.dts
    }
    this.#writePes(target, pid, AUDIO_STREAM_ID, frame, null)
  }

  /** The clock at a unit's decode time; null if that has been told already. */
  #clockAt(dts: Ticks90k): Ticks90k | null {
    return this.#lastPcr === null || dts > this.#lastPcr ? dts : null
  }

  #writePes(
    target: ByteWriter,
    pid: number,
    streamId: number,
    unit: TsAccessUnit,
    pcr: Ticks90k | null,
  ): void {
    const pts = (unit.pts + PCR_LEAD_TICKS) as Ticks90k
    const dts = (unit.dts + PCR_LEAD_TICKS) as Ticks90k
    const header = encodePesHeader(streamId, pts, dts, byteLength(unit.pieces))
    this.#packetizer.writePes(target, pid, [header, ...unit.pieces], { pcr, randomAccess: unit.randomAccess })
    this.#lastPcr = pcr ?? this.#lastPcr
  }
}

function byteLength(pieces: readonly Uint8Array[]): number {
  let total = 0
  for (const piece of pieces) {
    total += piece.length
  }
  return total
}

function sameProgram(one: TsProgram, other: TsProgram): boolean {
  return one.video === other.video && one.audio === other.audio
}
