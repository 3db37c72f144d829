import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  Amf0EcmaArray,
  type Amf0Object,
  type Amf0Value,
  decodeAmf0,
  encodeAmf0,
  isAmf0Object,
} from '../media/index.ts'
import {
  CapsEx,
  decodeCapabilities,
  encodeCapabilities,
  FourCcInfo,
  MAX_ANNOUNCED_FOURCCS,
  noRtmpCapabilities,
  serverCapabilities,
  takesFourCc,
} from './capabilities.ts'

/** `fourCcList` as clients send it. */
const lists: readonly { name: string; list: Amf0Value; fourCcs: readonly string[] }[] = [
  { name: 'a strict array of strings', list: ['av01', 'hvc1', 'Opus'], fourCcs: ['av01', 'hvc1', 'Opus'] },
  { name: 'all codecs', list: ['*'], fourCcs: ['*'] },
  { name: 'an ECMA array', list: new Amf0EcmaArray({ 0: 'av01', 1: 'vp09' }), fourCcs: ['av01', 'vp09'] },
  { name: 'an object', list: { 0: 'av01' }, fourCcs: ['av01'] },
  { name: 'one string', list: 'hvc1', fourCcs: ['hvc1'] },
  { name: 'one string with commas', list: 'hvc1, av01', fourCcs: ['hvc1', 'av01'] },
  { name: 'FourCCs as numbers', list: [0x61763031, 0x68766331], fourCcs: ['av01', 'hvc1'] },
  { name: 'one number', list: 0x61763031, fourCcs: ['av01'] },
  { name: 'the same twice', list: ['hvc1', 'hvc1'], fourCcs: ['hvc1'] },
  { name: 'nonsense beside sense', list: [null, 'hevc-main', 'hvc1', {}, -1, ['av01']], fourCcs: ['hvc1'] },
  { name: 'an empty list', list: [], fourCcs: [] },
  { name: 'a boolean', list: true, fourCcs: [] },
]

describe('decodeCapabilities', () => {
  it.each(lists)('reads fourCcList: $name', ({ list, fourCcs }) => {
    const decoded = decodeCapabilities(overTheWire({ fourCcList: list }))
    expect([...decoded.fourCcs]).toEqual(fourCcs)
    expect(decoded.announced).toBe(true)
  })

  it('reads the fields of version 2', () => {
    const decoded = decodeCapabilities(
      overTheWire({
        audioCodecs: 3575,
        videoCodecs: 252,
        videoFunction: 7,
        capsEx: 6,
        videoFourCcInfoMap: { hvc1: 1, '*': 4 },
        audioFourCcInfoMap: new Amf0EcmaArray({ Opus: 3, toolong: 1 }),
      }),
    )
    expect(decoded).toEqual({
      ...noRtmpCapabilities,
      announced: true,
      audioCodecs: 3575,
      videoCodecs: 252,
      videoFunction: 7,
      capsEx: CapsEx.multitrack | CapsEx.modEx,
      videoFourCcs: new Map([
        ['hvc1', 1],
        ['*', 4],
      ]),
      audioFourCcs: new Map([['Opus', 3]]),
    })
  })

  it.each<[string, Amf0Object | null]>([
    ['there is no object', null],
    [
      'the object has none of the fields',
      { app: 'live', audioCodecs: 3575, videoCodecs: 252, videoFunction: 1 },
    ],
    ['they are null', { fourCcList: null, capsEx: undefined }],
  ])('takes nothing for announced if %s', (_, properties) => {
    const decoded = decodeCapabilities(properties === null ? null : overTheWire(properties))
    expect(decoded.announced).toBe(false)
    expect(decoded.fourCcs.size).toBe(0)
  })

  it('reads MAX_ANNOUNCED_FOURCCS of a list and of a map', () => {
    const names = Array.from({ length: MAX_ANNOUNCED_FOURCCS + 1 }, (_, index) => `a${100 + index}`)
    const decoded = decodeCapabilities({
      fourCcList: names,
      videoFourCcInfoMap: Object.fromEntries(names.map((name) => [name, 1])),
    })
    expect([...decoded.fourCcs]).toEqual(names.slice(0, MAX_ANNOUNCED_FOURCCS))
    expect(decoded.videoFourCcs.size).toBe(MAX_ANNOUNCED_FOURCCS)
  })

  it('takes any values, and takes its own word for it the second time', () => {
    const value = fc.letrec<{ value: Amf0Value }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.double(),
        fc.string(),
        fc.constantFrom<Amf0Value>(null, undefined, true, 'av01', '*', 0x61763031),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ maxLength: 4 }), tie('value'), { maxKeys: 4 }),
      ),
    })).value
    const names = [
      'fourCcList',
      'videoFourCcInfoMap',
      'audioFourCcInfoMap',
      'capsEx',
      'videoFunction',
    ] as const
    fc.assert(
      fc.property(fc.tuple(...names.map(() => value)), (values) => {
        const properties = Object.fromEntries(names.map((name, index) => [name, values[index]]))
        const decoded = decodeCapabilities(overTheWire(properties))
        const again = decodeCapabilities(overTheWire(encodeCapabilities(decoded)))
        if (decoded.announced) {
          expect(again).toEqual(decoded)
        } else {
          expect(again).toEqual(noRtmpCapabilities)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('encodeCapabilities', () => {
  it('states what the server can do, as its own decoder understands it', () => {
    expect(encodeCapabilities(serverCapabilities)).toEqual({
      fourCcList: ['*'],
      videoFourCcInfoMap: { '*': 4 },
      audioFourCcInfoMap: { '*': 4 },
      capsEx: 15,
      videoFunction: 4,
    })
    expect(decodeCapabilities(overTheWire(encodeCapabilities(serverCapabilities)))).toEqual(
      serverCapabilities,
    )
  })

  it('states nothing for who announced nothing', () => {
    expect(encodeCapabilities(noRtmpCapabilities)).toEqual({})
  })
})

describe('takesFourCc', () => {
  it.each<[string, Amf0Object, 'audio' | 'video', string, boolean]>([
    ['it is listed', { fourCcList: ['hvc1'] }, 'video', 'hvc1', true],
    ['another is listed', { fourCcList: ['hvc1'] }, 'video', 'av01', false],
    ['all are listed', { fourCcList: ['*'] }, 'audio', 'Opus', true],
    ['the peer decodes it', { videoFourCcInfoMap: { hvc1: FourCcInfo.canDecode } }, 'video', 'hvc1', true],
    ['the peer passes it on', { audioFourCcInfoMap: { Opus: FourCcInfo.canForward } }, 'audio', 'Opus', true],
    [
      'the peer only encodes it',
      { videoFourCcInfoMap: { hvc1: FourCcInfo.canEncode } },
      'video',
      'hvc1',
      false,
    ],
    ['the map of the other kind has it', { audioFourCcInfoMap: { '*': 1 } }, 'video', 'hvc1', false],
    ['the map has all', { videoFourCcInfoMap: { '*': 4 } }, 'video', 'hvc1', true],
    ['it is excepted from all', { videoFourCcInfoMap: { '*': 4, hvc1: 2 } }, 'video', 'hvc1', false],
    ['nothing is said', {}, 'video', 'hvc1', false],
  ])('if %s', (_, properties, kind, fourCc, takes) => {
    expect(takesFourCc(decodeCapabilities(properties), kind, fourCc)).toBe(takes)
  })
})

/** What the peer sees of an object. */
function overTheWire(properties: Amf0Object): Amf0Object {
  const [decoded] = decodeAmf0(encodeAmf0(properties))
  return isAmf0Object(decoded) ? decoded : expect.fail('no object')
}
