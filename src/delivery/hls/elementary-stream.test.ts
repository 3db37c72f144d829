import { describe, expect, it } from 'vitest'
import { audioHeader, frame, mp3, picture, sound, videoHeader } from '../../../test/support/hls.ts'
import { LimitError, ProtocolError } from '../../base/index.ts'
import { MAX_AUDIO_UNIT_BYTES } from '../../media/index.ts'
import {
  audioFrameMs,
  audioPieces,
  MP3_SETUP,
  readAudioSetup,
  readVideoSetup,
  videoPieces,
} from './elementary-stream.ts'

const VIDEO = readVideoSetup(videoHeader(), null)
const AUDIO = readAudioSetup(audioHeader(), null)
const hex = (pieces: Uint8Array[]) => Buffer.concat(pieces).toString('hex')
const body = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const video = (text: string) => frame({ kind: 'video', codec: 'avc', body: body(text) })
const audio = (text: string) => frame({ kind: 'audio', codec: 'aac', body: body(text) })

const AVC1 = '61766331'
const MP4A = '6d703461'

const pictures = [
  { name: 'classic', text: '27 01 000028 00000002 4111', pieces: '0000000109f0000000014111' },
  { name: 'enhanced', text: `a1 ${AVC1} 000028 00000002 4111`, pieces: '0000000109f0000000014111' },
  {
    name: 'enhanced, without an offset',
    text: `a3 ${AVC1} 00000002 4111`,
    pieces: '0000000109f0000000014111',
  },
  { name: 'that ends the sequence', text: '17 02 000000', pieces: '' },
  { name: 'that is a command', text: '57 00', pieces: '' },
  { name: 'that is metadata', text: `a4 ${AVC1} 00000002 4111`, pieces: '' },
]

describe('videoPieces', () => {
  it.each(pictures)('takes a picture $name', ({ text, pieces }) => {
    expect(hex(videoPieces(video(text), VIDEO))).toBe(pieces)
  })

  it('puts the parameter sets of its header before a keyframe', () => {
    const level = '1e'
    const expected = `0000000109f0 00000001 67${level} 00000001 68ce 00000001 6533`.replaceAll(' ', '')
    expect(hex(videoPieces(picture(0, true, 2), VIDEO))).toBe(expected)
  })
})

const sounds = [
  { name: 'classic', text: 'af 01 1122', pieces: 'fff15080013ffc1122' },
  { name: 'enhanced', text: `91 ${MP4A} 1122`, pieces: 'fff15080013ffc1122' },
  { name: 'that is a header', text: 'af 00 1210', pieces: '' },
  { name: 'without content', text: 'af 01', pieces: '' },
]

describe('audioPieces', () => {
  it.each(sounds)('takes sound $name', ({ text, pieces }) => {
    expect(hex(audioPieces(audio(text), AUDIO))).toBe(pieces)
  })

  it('takes MP3 as it is, up to MAX_AUDIO_UNIT_BYTES', () => {
    expect(hex(audioPieces(mp3(0, 2), MP3_SETUP))).toBe('2f2f')
    expect(audioPieces(mp3(0, MAX_AUDIO_UNIT_BYTES), MP3_SETUP)).toHaveLength(1)
    expect(() => audioPieces(mp3(0, MAX_AUDIO_UNIT_BYTES + 1), MP3_SETUP)).toThrow(LimitError)
  })

  it('refuses what ADTS cannot state', () => {
    expect(() => audioPieces(sound(0, 8185), AUDIO)).toThrow(LimitError)
    const oddRate = readAudioSetup(audio('af 00 17 80 0b b9 10'), null)
    expect(() => audioPieces(sound(0), oddRate)).toThrow(ProtocolError)
  })
})

describe('setups', () => {
  it('stay the same object while the header says the same', () => {
    expect(readVideoSetup(videoHeader(), VIDEO)).toBe(VIDEO)
    expect(readVideoSetup(videoHeader(31), VIDEO)).not.toBe(VIDEO)
    expect(readAudioSetup(audioHeader(), AUDIO)).toBe(AUDIO)
    expect(readAudioSetup(audioHeader(1), AUDIO)).not.toBe(AUDIO)
    expect(readAudioSetup(audioHeader(), MP3_SETUP)).toEqual(AUDIO)
  })

  it('know how long a frame of AAC sounds', () => {
    expect(audioFrameMs(AUDIO)).toBeCloseTo(23.22, 2)
    expect(audioFrameMs(MP3_SETUP)).toBeNull()
  })
})
