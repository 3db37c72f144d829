import { describe, expect, it } from 'vitest'
import { PeerBandwidth } from './peer-bandwidth.ts'

const [HARD, SOFT, DYNAMIC] = [0, 1, 2]

describe('PeerBandwidth', () => {
  it.each<[name: string, limits: [bytes: number, type: number][], answers: (number | null)[]]>([
    ['a hard limit counts', [[1000, HARD]], [1000]],
    ['a hard limit may be higher', [[9000, HARD]], [9000]],
    ['the same again is known', [[5000, HARD]], [null]],
    ['a soft limit counts if it is lower', [[1000, SOFT]], [1000]],
    ['a soft limit that is higher changes nothing', [[9000, SOFT]], [null]],
    ['a dynamic limit alone is ignored', [[1000, DYNAMIC]], [null]],
    [
      'a dynamic limit after a hard one is hard',
      [
        [1000, HARD],
        [2000, DYNAMIC],
      ],
      [1000, 2000],
    ],
    [
      'a dynamic limit after a soft one is ignored',
      [
        [1000, SOFT],
        [2000, DYNAMIC],
      ],
      [1000, null],
    ],
    ['0 is no bandwidth', [[0, HARD]], [null]],
    ['other types are ignored', [[1000, 3]], [null]],
  ])('knows that %s', (_name, limits, answers) => {
    const bandwidth = new PeerBandwidth()
    bandwidth.onAnnounced(5000)
    const given = limits.map(([bytes, type]) => {
      const answer = bandwidth.limit(bytes, type)
      if (answer !== null) {
        bandwidth.onAnnounced(answer)
      }
      return answer
    })
    expect(given).toEqual(answers)
  })

  it('answers before anything was announced', () => {
    expect(new PeerBandwidth().limit(1000, SOFT)).toBe(1000)
  })
})
