import { describe, expect, it } from 'vitest'
import { avcCodecString, avcLevelName, avcProfileName } from './index.ts'

describe('names of AVC profiles and levels', () => {
  it.each([
    [66, 'Baseline'],
    [77, 'Main'],
    [88, 'Extended'],
    [100, 'High'],
    [110, 'High(10)'],
    [122, 'High(422)'],
    [144, 'High(444)'],
    [244, 'High(444+Predictive)'],
    [0, 'Other'],
    [255, 'Other'],
  ])('shows profile_idc %i as %s', (profileIdc, name) => {
    expect(avcProfileName(profileIdc)).toBe(name)
  })

  it.each([
    [9, '1b'],
    [10, '1'],
    [11, '1.1'],
    [30, '3'],
    [31, '3.1'],
    [42, '4.2'],
    [51, '5.1'],
    [62, '6.2'],
    [0, 'Other'],
    [33, 'Other'],
  ])('shows level_idc %i as %s', (levelIdc, name) => {
    expect(avcLevelName(levelIdc)).toBe(name)
  })
})

describe('avcCodecString', () => {
  it.each([
    [100, 0x00, 31, 'avc1.64001f'],
    [66, 0xc0, 30, 'avc1.42c01e'],
    [77, 0x40, 9, 'avc1.4d4009'],
  ])(
    'names profile %i, constraints %i, level %i as %s',
    (profileIdc, profileCompatibility, levelIdc, name) => {
      expect(avcCodecString({ profileIdc, profileCompatibility, levelIdc })).toBe(name)
    },
  )
})
