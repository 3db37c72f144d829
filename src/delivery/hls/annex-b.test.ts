import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LimitError, ProtocolError } from '../../base/index.ts'
import { MAX_NAL_UNITS_PER_ACCESS_UNIT } from '../../media/index.ts'
import { type AnnexBSetup, toAnnexB } from './annex-b.ts'

const CONFIG: AnnexBSetup = {
  codec: 'avc',
  nalUnitLengthSize: 4,
  parameterSets: [Uint8Array.of(0x67, 1), Uint8Array.of(0x67, 2), Uint8Array.of(0x68, 3)],
}
const HEVC: AnnexBSetup = {
  codec: 'hevc',
  nalUnitLengthSize: 4,
  parameterSets: [Uint8Array.of(0x40, 1), Uint8Array.of(0x42, 1), Uint8Array.of(0x44, 1)],
}

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const joined = (pieces: Uint8Array[]) => Buffer.concat(pieces).toString('hex')
const SETS = '00000001 6701 00000001 6702 00000001 6803'

const HEVC_SETS = '00000001 4001 00000001 4201 00000001 4401'

const cases: { name: string; unit: string; config?: object; keyframe?: boolean; annexB: string }[] = [
  { name: 'a delimiter first', unit: '00000002 4111', annexB: '0000000109f0 00000001 4111' },
  {
    name: 'the parameter sets before an IDR picture, in front of what refers to them',
    unit: '00000002 0605 00000002 6511 00000002 6522',
    keyframe: true,
    annexB: `0000000109f0 ${SETS} 00000001 0605 00000001 6511 00000001 6522`,
  },
  {
    name: 'the parameter sets before an IDR picture that the tag does not call a keyframe',
    unit: '00000002 6511',
    annexB: `0000000109f0 ${SETS} 00000001 6511`,
  },
  {
    name: 'the parameter sets before a keyframe without an IDR picture',
    unit: '00000002 4111',
    keyframe: true,
    annexB: `0000000109f0 ${SETS} 00000001 4111`,
  },
  {
    name: 'the delimiter that is there',
    unit: '00000002 0910 00000002 6511',
    keyframe: true,
    annexB: `00000001 0910 ${SETS} 00000001 6511`,
  },
  {
    name: 'the parameter sets that are there',
    unit: '00000002 67aa 00000002 68bb 00000002 6511',
    keyframe: true,
    annexB: '0000000109f0 00000001 67aa 00000001 68bb 00000001 6511',
  },
  {
    name: 'the parameter sets as well where one kind is missing',
    unit: '00000002 67aa 00000002 6511',
    keyframe: true,
    annexB: `0000000109f0 ${SETS} 00000001 67aa 00000001 6511`,
  },
  {
    name: 'lengths of one byte',
    unit: '02 4111 02 4122',
    config: { nalUnitLengthSize: 1 },
    annexB: '0000000109f0 00000001 4111 00000001 4122',
  },
  {
    name: 'start codes for start codes',
    unit: '00000001 4111 000001 412200 00000001 4133 0000',
    annexB: '0000000109f0 00000001 4111 00000001 4122 00000001 4133',
  },
  {
    name: 'start codes of three bytes',
    unit: '000001 4111 000001 4122',
    annexB: '0000000109f0 00000001 4111 00000001 4122',
  },
  {
    name: 'of HEVC a delimiter of its own',
    unit: '00000003 020111',
    config: HEVC,
    annexB: '00000001460150 00000001 020111',
  },
  {
    name: 'of HEVC three parameter sets before a picture to begin with',
    unit: '00000003 4e0111 00000003 2a0111',
    config: HEVC,
    annexB: `00000001460150 ${HEVC_SETS} 00000001 4e0111 00000001 2a0111`,
  },
  {
    name: 'of HEVC the delimiter and the parameter sets that are there',
    unit: '00000003 460110 00000002 4002 00000002 4202 00000002 4402 00000003 260111',
    config: HEVC,
    keyframe: true,
    annexB: '00000001 460110 00000001 4002 00000001 4202 00000001 4402 00000001 260111',
  },
  { name: 'nothing for nothing', unit: '', keyframe: true, annexB: '' },
  { name: 'nothing for NAL units without content', unit: '00000000 00000000', annexB: '' },
  { name: 'nothing for start codes without content', unit: '00000001 00000001 00', annexB: '' },
]

describe('toAnnexB', () => {
  it.each(cases)('writes $name', ({ unit, config, keyframe, annexB }) => {
    const pieces = toAnnexB(bytes(unit), { ...CONFIG, ...config }, keyframe ?? false)
    expect(joined(pieces)).toBe(annexB.replaceAll(' ', ''))
  })

  it('takes a length that looks like a start code for a length', () => {
    const content = `41${'11'.repeat(0x1fe)}`
    expect(joined(toAnnexB(bytes(`000001ff${content}`), CONFIG, false))).toBe(
      `0000000109f000000001${content}`,
    )
  })

  it('refuses an HEVC NAL unit without a whole header', () => {
    expect(() => toAnnexB(bytes('00000001 02'), HEVC, false)).toThrow(ProtocolError)
  })

  it.each(['00000005 4111', '000000', 'ffffffff 41'])('refuses %s, which is cut short', (unit) => {
    expect(() => toAnnexB(bytes(unit), CONFIG, false)).toThrow(ProtocolError)
  })

  it.each([
    ['lengths', '00000001 41'],
    ['start codes', '000001 4141'],
  ])('refuses more than MAX_NAL_UNITS_PER_ACCESS_UNIT by %s', (_name, nalUnit) => {
    const most = bytes(nalUnit.repeat(MAX_NAL_UNITS_PER_ACCESS_UNIT))
    expect(toAnnexB(most, CONFIG, false)).toHaveLength(1 + 2 * MAX_NAL_UNITS_PER_ACCESS_UNIT)
    const more = bytes(nalUnit.repeat(MAX_NAL_UNITS_PER_ACCESS_UNIT + 1))
    expect(() => toAnnexB(more, CONFIG, false)).toThrow(LimitError)
  })

  it('throws nothing but ProtocolError, whatever it is given', () => {
    const unit = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .array(fc.constantFrom(0, 0, 0, 1, 3, 0x41, 0x65), { maxLength: 40 })
        .map((list) => Uint8Array.from(list)),
    )
    fc.assert(
      fc.property(
        unit,
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.constantFrom(CONFIG, HEVC),
        (accessUnit, nalUnitLengthSize, keyframe, setup) => {
          try {
            const pieces = toAnnexB(accessUnit, { ...setup, nalUnitLengthSize }, keyframe)
            expect(pieces.every(({ length }) => length > 0)).toBe(true)
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
