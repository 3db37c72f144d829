import { describe, expect, it } from 'vitest'
import type { StreamInfo } from '../answers.ts'
import { expectTracks, misses, SETTLED_VIDEO_FRAMES } from './expected-tracks.ts'

const video = { codec: 'H264' } as StreamInfo['video']
const audio = { codec: 'AAC' } as StreamInfo['audio']
const NEW = { video: null, audio: null, frames: 0, health: { audio_kbps: null } } as StreamInfo
const SOUND_FIRST: StreamInfo = { ...NEW, audio }
const SOUND_ONLY: StreamInfo = { ...SOUND_FIRST, health: { audio_kbps: 96 } }
const PICTURE_FIRST: StreamInfo = { ...NEW, video, frames: SETTLED_VIDEO_FRAMES - 1 }
const PICTURE_ONLY: StreamInfo = { ...PICTURE_FIRST, frames: SETTLED_VIDEO_FRAMES }
const BOTH: StreamInfo = { ...SOUND_ONLY, video, frames: 1 }

describe('expectTracks', () => {
  it.each([undefined, NEW, SOUND_FIRST, PICTURE_FIRST, BOTH])(
    'leaves it to the player to look while more may come, and when all has: %o',
    (source) => {
      expect(expectTracks(source, false)).toEqual({})
    },
  )

  it('says what is missing once it would have come', () => {
    expect(expectTracks(SOUND_ONLY, false)).toEqual({ hasVideo: false })
    expect(expectTracks(PICTURE_ONLY, false)).toEqual({ hasAudio: false })
  })

  it.each([undefined, NEW, SOUND_FIRST, PICTURE_FIRST, PICTURE_ONLY, BOTH])(
    'leaves the sound alone if it is to: %o',
    (source) => {
      expect(expectTracks(source, true)).toEqual({ hasAudio: false })
    },
  )

  it('has the sound played of what is sound only', () => {
    expect(expectTracks(SOUND_ONLY, true)).toEqual({ hasVideo: false })
  })
})

describe('misses', () => {
  it('is told by a picture or a sound that comes later than it was waited for', () => {
    expect(misses({ hasVideo: false }, SOUND_ONLY, false)).toBe(false)
    expect(misses({ hasVideo: false }, BOTH, false)).toBe(true)
    expect(misses({ hasAudio: false }, PICTURE_ONLY, false)).toBe(false)
    expect(misses({ hasAudio: false }, BOTH, false)).toBe(true)
    expect(misses({}, BOTH, false)).toBe(false)
  })

  it('does not miss the sound that is left alone, until it turns out to be all there is', () => {
    expect(misses({ hasAudio: false }, BOTH, true)).toBe(false)
    expect(misses({ hasAudio: false }, SOUND_FIRST, true)).toBe(false)
    expect(misses({ hasAudio: false }, SOUND_ONLY, true)).toBe(true)
    expect(misses({ hasAudio: false }, undefined, true)).toBe(false)
  })

  it.each([NEW, SOUND_FIRST, SOUND_ONLY, PICTURE_FIRST, PICTURE_ONLY, BOTH])(
    'is content with a player made of what is known: %o',
    (source) => {
      expect(misses(expectTracks(source, true), source, true)).toBe(false)
      expect(misses(expectTracks(source, false), source, false)).toBe(false)
    },
  )
})
