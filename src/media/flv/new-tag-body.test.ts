import { describe, expect, it } from 'vitest'
import {
  metadataAudioCodecId,
  metadataVideoCodecId,
  type NewAudioTag,
  type NewVideoTag,
  newAudioTagBody,
  newVideoTagBody,
  parseAudioTagBody,
  parseVideoTagBody,
} from './index.ts'

const video: NewVideoTag = { codec: 'avc', sequenceHeader: false, keyframe: true, compositionOffsetMs: 0 }
const audio: NewAudioTag = { codec: 'aac', sequenceHeader: false, sampleRate: 44_100, channelCount: 2 }

describe('newVideoTagBody', () => {
  it.each([
    [{}, '1701000000'],
    [{ keyframe: false, compositionOffsetMs: 80 }, '2701000050'],
    [{ compositionOffsetMs: -40 }, '1701ffffd8'],
    [{ sequenceHeader: true, keyframe: false, compositionOffsetMs: 80 }, '1700000000'],
    [{ codec: 'hevc' }, '9368766331'],
    [{ codec: 'hevc', keyframe: false, compositionOffsetMs: 80 }, 'a168766331000050'],
    [{ codec: 'hevc', sequenceHeader: true }, '9068766331'],
    [{ codec: 'av1', keyframe: false }, 'a161763031'],
    [{ codec: 'vp9', compositionOffsetMs: 80 }, '9176703039'],
    [{ codec: 'vp8', sequenceHeader: true }, '9076703038'],
    [{ compositionOffsetMs: 0x900000 }, '17017fffff'],
    [{ compositionOffsetMs: -0x900000 }, '1701800000'],
  ] as const)('writes the header of %j', (changes, header) => {
    const tag = { ...video, ...changes }
    const { body, payload } = newVideoTagBody(tag, 3)
    payload.set([7, 8, 9])
    expect(Buffer.from(body).toString('hex')).toBe(`${header}070809`)
    const info = parseVideoTagBody(body)
    expect(info).toMatchObject({
      codec: tag.codec,
      sequenceHeader: tag.sequenceHeader,
      keyframe: tag.keyframe && !tag.sequenceHeader,
      dataOffset: body.length - 3,
    })
  })
})

describe('newAudioTagBody', () => {
  it.each([
    [{}, 'af01'],
    [{ sequenceHeader: true, sampleRate: 8000, channelCount: 1 }, 'af00'],
    [{ codec: 'mp3' }, '2f'],
    [{ codec: 'mp3', sampleRate: 24_000, channelCount: 1 }, '2a'],
    [{ codec: 'mp3', sampleRate: 48_000 }, '2f'],
    [{ codec: 'mp3', sampleRate: 11_025 }, '27'],
    [{ codec: 'mp3', sampleRate: 8000 }, '23'],
    [{ codec: 'opus' }, '914f707573'],
    [{ codec: 'opus', sequenceHeader: true }, '904f707573'],
    [{ codec: 'flac' }, '91664c6143'],
    [{ codec: 'ac3' }, '9161632d33'],
    [{ codec: 'eac3' }, '9165632d33'],
  ] as const)('writes the header of %j', (changes, header) => {
    const tag = { ...audio, ...changes }
    const { body, payload } = newAudioTagBody(tag, 2)
    payload.set([7, 8])
    expect(Buffer.from(body).toString('hex')).toBe(`${header}0708`)
    expect(parseAudioTagBody(body)).toMatchObject({
      codec: tag.codec,
      sequenceHeader: tag.sequenceHeader,
      dataOffset: body.length - 2,
    })
  })
})

describe('what metadata says for a codec', () => {
  it('is the number of classic tags, or the FourCC', () => {
    expect([metadataVideoCodecId('avc'), metadataVideoCodecId('hevc')]).toEqual([7, 0x68766331])
    const audio = [metadataAudioCodecId('aac'), metadataAudioCodecId('mp3'), metadataAudioCodecId('opus')]
    expect(audio).toEqual([10, 2, 0x4f707573])
  })
})
