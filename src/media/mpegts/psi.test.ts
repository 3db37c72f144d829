import { describe, expect, it } from 'vitest'
import { crc32Mpeg } from '../../bytes/index.ts'
import type { TsProgram } from './program.ts'
import { encodeProgramAssociation, encodeProgramMap } from './psi.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('encodeProgramAssociation', () => {
  it('names program 1 and its map, with the CRC every SRS stream has', () => {
    expect(hex(encodeProgramAssociation())).toBe(`00b00d0001c10000${'0001f001'}2e701905`)
  })
})

const maps: { name: string; program: TsProgram; version: number; section: string }[] = [
  {
    name: 'H.264 and AAC',
    program: { video: 'avc', audio: 'aac' },
    version: 0,
    section: '02b0170001c10000e100f0001be100f0000fe101f0002f44b99b',
  },
  {
    name: 'H.264 alone',
    program: { video: 'avc', audio: null },
    version: 1,
    section: '02b0120001c30000e100f0001be100f000',
  },
  {
    name: 'H.264 and MP3',
    program: { video: 'avc', audio: 'mp3' },
    version: 31,
    section: '02b0170001ff0000e100f0001be100f00003e102f000',
  },
  {
    name: 'AAC alone, which then carries the clock',
    program: { video: null, audio: 'aac' },
    version: 0,
    section: '02b0120001c10000e101f0000fe101f000',
  },
  {
    name: 'MP3 alone',
    program: { video: null, audio: 'mp3' },
    version: 0,
    section: '02b0120001c10000e102f00003e102f000',
  },
  {
    name: 'nothing, without a clock',
    program: { video: null, audio: null },
    version: 0,
    section: '02b00d0001c10000fffff000',
  },
]

describe('encodeProgramMap', () => {
  it.each(maps)('maps $name', ({ program, version, section }) => {
    const encoded = encodeProgramMap(program, version)
    expect(hex(encoded).slice(0, section.length)).toBe(section)
    // A section with its CRC has the CRC 0 (ISO/IEC 13818-1, Annex A).
    expect(crc32Mpeg(encoded)).toBe(0)
  })
})
