import { expect, it } from 'vitest'
import { ms } from '../base/index.ts'
import { ElapsedMedia } from './elapsed-media.ts'

it.each([
  ['an even clock', [1000, 1040, 1080], [0, 40, 80]],
  [
    'audio and video that are a little out of order',
    [0, 40, 23, 46, 80, 69, 92],
    [0, 40, 40, 46, 80, 80, 92],
  ],
  ['a step as long as may be', [0, 500, 540], [0, 500, 540]],
  ['a jump', [0, 40, 3_600_040, 3_600_080], [0, 40, 540, 580]],
  ['a jump over the rest of the clock', [0, 4_294_967_296, 4_294_967_336], [0, 500, 540]],
])('media time is counted over %s', (_, timestamps, expected) => {
  const media = new ElapsedMedia(500)
  expect(timestamps.map((timestamp) => media.count(ms(timestamp)))).toEqual(expected)
})
