import { describe, expect, it } from 'vitest'
import { describeAudioTrack, describeVideoTrack, emptyStreamState } from '../../live/index.ts'
import { unsupportedByHls } from './hls-codecs.ts'

const body = (fourCc: string) => Uint8Array.from([0x91, ...Buffer.from(fourCc, 'latin1'), 0, 0, 0])
const video = (fourCc: string) => ({ video: describeVideoTrack(body(fourCc)), hasVideo: true })
const audio = (fourCc: string) => ({ audio: describeAudioTrack(body(fourCc)), hasAudio: true })

describe('HLS', () => {
  it.each([
    ['nothing is known', {}],
    ['it is HEVC', video('hvc1')],
    ['it is H.264 with Opus, of which it gets the video', { ...video('avc1'), ...audio('Opus') }],
    ['it is Opus, and video was announced', { hasVideo: true, ...audio('Opus') }],
    ['it is MP3 alone', audio('.mp3')],
  ])('is for a stream if %s', (_, state) => {
    expect(unsupportedByHls('live/demo', { ...emptyStreamState, ...state })).toBeNull()
  })

  it.each([
    ['AV1 with AAC', { ...video('av01'), ...audio('mp4a') }, 'live/demo is av1 (av01), which'],
    ['Opus alone', audio('Opus'), 'live/demo is opus (Opus), which'],
  ])('is not for %s, and says why and what else to do', (_, state, message) => {
    const reason = unsupportedByHls('live/demo', { ...emptyStreamState, ...state })
    expect(reason).toContain(message)
    expect(reason).toContain('/live/demo.flv')
  })
})
