import { describe, expect, it } from 'vitest'
import {
  type AudioTrackInfo,
  classicDialect,
  describeAudioTrack,
  describeVideoTrack,
  type VideoTrackInfo,
} from '../live/index.ts'
import type { Amf0Object } from '../media/index.ts'
import { decodeCapabilities } from '../rtmp/index.ts'
import { dialectOf, takesTrack, unsupportedDescription } from './rtmp-codecs.ts'

const body = (head: number, fourCc: string) =>
  Uint8Array.from([head, ...Buffer.from(fourCc, 'latin1'), 0, 0, 0])
const videoOf = (fourCc: string): VideoTrackInfo => describeVideoTrack(body(0x91, fourCc))
const audioOf = (fourCc: string): AudioTrackInfo => describeAudioTrack(body(0x91, fourCc))
const classicVideo = describeVideoTrack(Uint8Array.of(0x17, 1, 0, 0, 0))
const unknown = { video: null, audio: null }

describe('a player’s codecs', () => {
  it.each<[string, Amf0Object, VideoTrackInfo | null, boolean, boolean]>([
    ['nothing is known of the stream', {}, null, false, true],
    ['the stream is classic', {}, classicVideo, false, true],
    ['it can be made classic', {}, videoOf('avc1'), false, true],
    ['the player announced nothing', {}, videoOf('hvc1'), false, false],
    ['the player announced nothing, and unannounced codecs are sent', {}, videoOf('hvc1'), true, true],
    ['the player announced it', { fourCcList: ['hvc1'] }, videoOf('hvc1'), false, true],
    ['the player announced another', { fourCcList: ['hvc1'] }, videoOf('av01'), true, false],
    ['the player announced all', { videoFourCcInfoMap: { '*': 1 } }, videoOf('new1'), false, true],
  ])('take a track if it may be: %s', (_, properties, track, sendUnannounced, takes) => {
    expect(takesTrack('video', track, decodeCapabilities(properties), sendUnannounced)).toBe(takes)
  })

  const nothing = { ...classicDialect }
  const both = { ...classicDialect, enhancedVideo: true, enhancedAudio: true }
  it.each<
    [string, Amf0Object, { video: VideoTrackInfo | null; audio: AudioTrackInfo | null }, boolean, object]
  >([
    ['nothing announced', {}, unknown, false, nothing],
    ['nothing announced, but capsEx', { capsEx: 6 }, unknown, false, nothing],
    ['nothing announced, and unannounced codecs sent', {}, unknown, true, both],
    ['a codec announced, of a stream not known yet', { fourCcList: ['hvc1'] }, unknown, false, both],
    [
      'the video announced and not the audio',
      { fourCcList: ['hvc1'] },
      { video: videoOf('hvc1'), audio: audioOf('Opus') },
      false,
      { ...both, enhancedAudio: false },
    ],
    [
      'all announced, with capsEx',
      { fourCcList: ['*'], capsEx: 6 },
      { video: videoOf('hvc1'), audio: audioOf('Opus') },
      false,
      { ...both, classicCodecsByFourCc: true, multitrack: true, modEx: true },
    ],
  ])('make a dialect: %s', (_, properties, state, sendUnannounced, dialect) => {
    expect(dialectOf(decodeCapabilities(properties), state, sendUnannounced)).toEqual(dialect)
  })

  it('are told what the stream is and what to do', () => {
    expect(unsupportedDescription('live/demo', { video: videoOf('hvc1'), audio: audioOf('Opus') })).toBe(
      'live/demo is hevc (hvc1) with opus (Opus), which this player did not announce: play it by HTTP-FLV ' +
        '(/live/demo.flv), or announce the codec in fourCcList, as FFmpeg does with -rtmp_enhanced_codecs hvc1,Opus',
    )
    expect(unsupportedDescription('live/demo', { video: videoOf('av01'), audio: null })).toContain(
      'live/demo is av1 (av01), which',
    )
  })
})
