import { describe, expect, it } from 'vitest'
import { aacCodecString, aacProfileName } from './index.ts'

describe('names of AAC object types', () => {
  it.each([
    [1, 'Main', 'mp4a.40.1'],
    [2, 'LC', 'mp4a.40.2'],
    [3, 'SSR', 'mp4a.40.3'],
    [5, 'HE', 'mp4a.40.5'],
    [29, 'HEv2', 'mp4a.40.29'],
    [42, 'Other', 'mp4a.40.42'],
  ])('shows object type %i as %s and %s', (audioObjectType, profileName, codecString) => {
    expect(aacProfileName(audioObjectType)).toBe(profileName)
    expect(aacCodecString({ audioObjectType })).toBe(codecString)
  })
})
