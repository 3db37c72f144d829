import { ByteWriter, crc32Mpeg } from '../../bytes/index.ts'
import { audioPid, PMT_PID, pcrPid, type TsProgram, VIDEO_PID } from './program.ts'

// Program specific information: ISO/IEC 13818-1, 2.4.4.

const TRANSPORT_STREAM_ID = 1
const PROGRAM_NUMBER = 1

/** stream_type values of ISO/IEC 13818-1, table 2-34. */
const STREAM_TYPES = { avc: 0x1b, hevc: 0x24, aac: 0x0f, mp3: 0x03 } as const

/** The program association section (2.4.4.3): program 1, its map at `PMT_PID`. From table_id to CRC_32. */
export function encodeProgramAssociation(): Uint8Array {
  const body = new ByteWriter(4)
  body.writeUint16(PROGRAM_NUMBER).writeUint16(0xe000 + PMT_PID)
  return encodeSection(0x00, TRANSPORT_STREAM_ID, 0, body.bytes())
}

/**
 * The program map section (2.4.4.8): video first, then audio. From table_id to CRC_32.
 * @param version version_number, 0 to 31; differs from the last one sent when the program does
 */
export function encodeProgramMap(program: TsProgram, version: number): Uint8Array {
  const body = new ByteWriter(16)
  body.writeUint16(0xe000 + pcrPid(program))
  body.writeUint16(0xf000) // program_info_length 0
  if (program.video !== null) {
    writeStream(body, STREAM_TYPES[program.video], VIDEO_PID)
  }
  if (program.audio !== null) {
    writeStream(body, STREAM_TYPES[program.audio], audioPid(program.audio))
  }
  return encodeSection(0x02, PROGRAM_NUMBER, version, body.bytes())
}

function writeStream(target: ByteWriter, streamType: number, pid: number): void {
  target.writeUint8(streamType)
  target.writeUint16(0xe000 + pid)
  target.writeUint16(0xf000) // ES_info_length 0
}

function encodeSection(tableId: number, idExtension: number, version: number, body: Uint8Array): Uint8Array {
  const section = new ByteWriter(12 + body.length)
  section.writeUint8(tableId)
  // section_syntax_indicator 1, '0', reserved '11', section_length: what follows, CRC_32 included.
  section.writeUint16(0xb000 + 5 + body.length + 4)
  section.writeUint16(idExtension)
  section.writeUint8(0xc0 + version * 2 + 1) // reserved '11', version_number, current_next_indicator 1
  section.writeUint8(0).writeUint8(0) // section_number, last_section_number
  section.writeBytes(body)
  section.writeUint32(crc32Mpeg(section.bytes()))
  return section.bytes()
}
