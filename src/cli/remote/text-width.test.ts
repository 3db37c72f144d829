import { describe, expect, it } from 'vitest'
import { cutToWidth, widthOf } from './text-width.ts'

const FAMILY = '\u{1f469}\u200d\u{1f469}\u200d\u{1f467}'

describe('the width of a text on a terminal', () => {
  it.each([
    ['', 0],
    ['live/demo', 9],
    ['Grüße', 5],
    ['Gru\u0308ße', 5],
    ['قناة', 4],
    ['世界', 4],
    ['スタジオ', 8],
    ['방송', 4],
    ['ＡＢ', 4],
    ['📺', 2],
    [`${FAMILY}!`, 3],
    ['a\u200bb', 2],
    ['…–', 2],
  ])('%j takes %d columns', (text, width) => {
    expect(widthOf(text)).toBe(width)
  })
})

describe('a text that is cut', () => {
  it.each([
    ['live/demo', 9, 'live/demo'],
    ['live/demo', 8, 'live/de…'],
    ['世界世界', 8, '世界世界'],
    ['世界世界', 7, '世界世…'],
    // Half of a letter has no place.
    ['世界世界', 6, '世界…'],
    [`${FAMILY}${FAMILY}`, 3, `${FAMILY}…`],
    ['😀😀', 2, '…'],
    ['ab', 1, '…'],
  ])('%j to %d columns is %j', (text, width, cut) => {
    expect(cutToWidth(text, width)).toBe(cut)
    expect(widthOf(cut)).toBeLessThanOrEqual(width)
  })
})
