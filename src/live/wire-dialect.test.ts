import { describe, expect, it } from 'vitest'
import { type Frame, isConfiguration } from './frame.ts'
import { frame } from './testing/frames.ts'
import { bodyInDialect, classicDialect, dialectKey, isReadable, plainDialect } from './wire-dialect.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const fourCc = (text: string) => Buffer.from(text, 'latin1').toString('hex')
const video = (wire: string, changes: Partial<Frame> = {}) => frame.inter(0, { ...changes, body: hex(wire) })
const audio = (wire: string, changes: Partial<Frame> = {}) => frame.audio(0, { ...changes, body: hex(wire) })

const [avc1, av01, opus] = [fourCc('avc1'), fourCc('av01'), fourCc('Opus')]
const everything = {
  enhancedVideo: true,
  enhancedAudio: true,
  classicCodecsByFourCc: true,
  multitrack: true,
  modEx: true,
}

const DIALECTS = { classic: classicDialect, plain: plainDialect, everything } as const

const cases: readonly {
  name: string
  frame: Frame
  wire: Partial<Record<keyof typeof DIALECTS, string>>
}[] = [
  {
    name: 'classic H.264',
    frame: video('17 01 000000 aa'),
    wire: { classic: '17 01 000000 aa', plain: '17 01 000000 aa', everything: '17 01 000000 aa' },
  },
  {
    name: 'H.264 by FourCC',
    frame: video(`91 ${avc1} 000028 aa`),
    wire: { classic: '17 01 000028 aa', plain: '17 01 000028 aa', everything: `91 ${avc1} 000028 aa` },
  },
  {
    name: 'colour metadata of H.264',
    frame: video(`94 ${avc1} 02`, { description: true }),
    wire: { everything: `94 ${avc1} 02` },
  },
  {
    name: 'AV1',
    frame: video(`91 ${av01} aa`),
    wire: { plain: `91 ${av01} aa`, everything: `91 ${av01} aa` },
  },
  {
    name: 'AV1 with nanoseconds',
    frame: video(`91 ${av01} aa`, { nanosecondOffset: 1 }),
    wire: { plain: `91 ${av01} aa`, everything: `97 02 000001 01 ${av01} aa` },
  },
  { name: 'a command', frame: video('d1 00'), wire: { plain: 'd1 00', everything: 'd1 00' } },
  {
    name: 'another track',
    frame: audio(`91 ${opus} aa`, { trackId: 3 }),
    wire: { everything: `95 01 ${opus} 03 aa` },
  },
  {
    name: 'another track of H.264, with nanoseconds',
    frame: video(`91 ${avc1} 000000 aa`, { trackId: 1, nanosecondOffset: 1 }),
    wire: { everything: `97 02 000001 06 01 ${avc1} 01 000000 aa` },
  },
  {
    name: 'script data',
    frame: frame.data(0, { body: hex('02') }),
    wire: { classic: '02', plain: '02', everything: '02' },
  },
]

describe('a dialect', () => {
  it.each(cases)('$name', ({ frame: given, wire }) => {
    for (const [name, dialect] of Object.entries(DIALECTS)) {
      const expected = wire[name as keyof typeof DIALECTS]
      expect(isReadable(given, dialect), name).toBe(expected !== undefined)
      if (expected !== undefined) {
        expect(bodyInDialect(given, dialect), name).toEqual(hex(expected))
      }
    }
  })

  it('has a name that no other has', () => {
    const names = Array.from({ length: 32 }, (_, bits) =>
      dialectKey({
        enhancedVideo: (bits & 1) !== 0,
        enhancedAudio: (bits & 2) !== 0,
        classicCodecsByFourCc: (bits & 4) !== 0,
        multitrack: (bits & 8) !== 0,
        modEx: (bits & 16) !== 0,
      }),
    )
    expect(new Set(names).size).toBe(32)
    expect(dialectKey(classicDialect)).toBe('')
  })

  it('does not copy what needs no change', () => {
    const given = video(`91 ${av01} aa`)
    expect(isConfiguration(given)).toBe(false)
    expect(bodyInDialect(given, everything)).toBe(given.body)
  })
})
