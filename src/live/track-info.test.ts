import { describe, expect, it } from 'vitest'
import { StreamRig } from './testing/stream-rig.ts'
import { describeAudioTrack, describeVideoTrack } from './track-info.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const fourCc = (text: string) => Buffer.from(text, 'latin1').toString('hex')

// Headers and keyframes that FFmpeg and its encoders made, as in the tests of each codec: 322 x 182, 44.1 or 48 kHz.
const SPS = '6742c01eda0142ff97016a02020280000003008000001e478b1750'
const AVCC = `0142c01effe1001b${SPS}01000468ce3c80`
const HEVC_SPS = '42010101600000030090000003000003003ca00a880c1c44d965654a4c2f016808000003000800000300c840'
const HVCC = `0101600000009000000000003cf000fcfdf8f800000f01 210001 002c${HEVC_SPS}`
const AV1_SEQUENCE_HEADER = '0a0b0000 00043d06 d4daf900 40'
const VP9_KEYFRAME = '824983420014100b5606'

const unknown = { codecString: '', profile: '', level: '', width: 0, height: 0 }
const size = { width: 322, height: 182 }
const hevc = { codec: 'hevc', codecString: 'hvc1.1.6.L60.90', profile: 'Main', level: '2', ...size }

describe('a video track', () => {
  it.each([
    [
      'H.264',
      `17 00 000000 ${AVCC}`,
      { codec: 'avc', fourCc: null, codecString: 'avc1.42c01e', profile: 'Baseline', level: '3' },
    ],
    [
      'H.264 with a damaged SPS',
      '17 00 000000 0142c01effe100016701000468ce3c80',
      { codecString: 'avc1.42c01e', width: 0 },
    ],
    ['HEVC', `90 ${fourCc('hvc1')} ${HVCC}`, { ...hevc, fourCc: 'hvc1' }],
    ['HEVC by its id', `1c 00 000000 ${HVCC}`, { ...hevc, fourCc: null }],
    [
      'AV1',
      `90 ${fourCc('av01')} 81000c00 ${AV1_SEQUENCE_HEADER}`,
      { codec: 'av1', fourCc: 'av01', codecString: 'av01.0.00M.08', profile: 'Main', level: '2.0', ...size },
    ],
    ['AV1, a keyframe', `91 ${fourCc('av01')} ${AV1_SEQUENCE_HEADER} 3201aa`, { codec: 'av1', ...size }],
    [
      'VP9',
      `90 ${fourCc('vp09')} 01000000000b820202020000`,
      {
        codec: 'vp9',
        fourCc: 'vp09',
        codecString: 'vp09.00.11.08',
        profile: 'Profile 0',
        level: '1.1',
        width: 0,
      },
    ],
    ['VP9, a keyframe', `91 ${fourCc('vp09')} ${VP9_KEYFRAME}`, { codec: 'vp9', ...size }],
    ['VP9, an inter frame', `a1 ${fourCc('vp09')} 8600`, { codec: 'vp9', fourCc: 'vp09', ...unknown }],
    [
      'VP8, a keyframe',
      `91 ${fourCc('vp08')} 106700 9d012a 4201 b600`,
      { codec: 'vp8', codecString: 'vp8', ...size },
    ],
    ['a codec not known here', `91 ${fourCc('new1')} 00`, { codec: 'unknown', fourCc: 'new1', ...unknown }],
    ['a damaged header', `90 ${fourCc('hvc1')} 02`, { codec: 'hevc', fourCc: 'hvc1', ...unknown }],
  ])('of %s', (_, body, info) => {
    expect(describeVideoTrack(hex(body))).toMatchObject(info)
  })

  it('is known by its header, and its size by a keyframe where the header does not say it', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    publication.write('video', 0, hex(`90 ${fourCc('vp09')} 01000000000b820202020000`))
    publication.write('video', 0, hex(`a1 ${fourCc('vp09')} 8600`))
    expect(rig.stream.state.video).toMatchObject({ codecString: 'vp09.00.11.08', width: 0 })
    publication.write('video', 40, hex(`91 ${fourCc('vp09')} ${VP9_KEYFRAME}`))
    expect(rig.stream.state.video).toMatchObject({ codecString: 'vp09.00.11.08', level: '1.1', ...size })
  })
})

describe('an audio track', () => {
  it.each([
    [
      'AAC',
      'af 00 1210',
      { codec: 'aac', codecString: 'mp4a.40.2', profile: 'LC', sampleRate: 44_100, channelCount: 2 },
    ],
    [
      'Opus',
      `90 ${fourCc('Opus')} 4f70757348656164 01 02 3801 80bb0000 0000 00`,
      { codec: 'opus', fourCc: 'Opus', codecString: 'opus', sampleRate: 48_000, channelCount: 2 },
    ],
    [
      'FLAC',
      `90 ${fourCc('fLaC')} 664c6143 80000022 12001200002f020035f60ac44370000033ae7add9988c306256b9cbb09baf86c76ba`,
      { codec: 'flac', codecString: 'flac', sampleRate: 44_100, channelCount: 2 },
    ],
    [
      'AC-3',
      `91 ${fourCc('ac-3')} 0b77510f1e40ebf8`,
      { codecString: 'ac-3', sampleRate: 48_000, channelCount: 6 },
    ],
    [
      'E-AC-3',
      `91 ${fourCc('ec-3')} 0b77011fb287c000`,
      { codecString: 'ec-3', sampleRate: 32_000, channelCount: 1 },
    ],
    [
      'MP3',
      '2f fffb9464',
      { codec: 'mp3', fourCc: null, codecString: 'mp4a.40.34', sampleRate: 48_000, channelCount: 2 },
    ],
    [
      'MP3 by FourCC',
      `91 ${fourCc('.mp3')} fff340c4`,
      { fourCc: '.mp3', sampleRate: 22_050, channelCount: 1 },
    ],
    ['G.711', '7f 00', { codec: 'g711a', codecString: '', sampleRate: 0, channelCount: 0 }],
    ['a damaged header', 'af 00 00', { codec: 'aac', sampleRate: 0, channelCount: 0 }],
  ])('of %s', (_, body, info) => {
    expect(describeAudioTrack(hex(body))).toMatchObject(info)
  })
})
