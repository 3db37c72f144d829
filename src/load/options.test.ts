import { describe, expect, it } from 'vitest'
import { ServerError } from '../base/index.ts'
import { type LoadOptions, resolveLoadOptions, shareOf } from './options.ts'

const url = 'rtmp://127.0.0.1/live/demo'

describe('load options', () => {
  it('have defaults, and a thousand joins take a second', () => {
    expect(resolveLoadOptions({ url, players: 2000 })).toMatchObject({
      players: 2000,
      publishers: 0,
      streams: 1,
      bitrate: 500_000,
      playRampSeconds: 2,
      sampledPlayers: 10,
      processes: 1,
    })
  })

  it('spread players over what is published, and sample no more players than there are', () => {
    expect(resolveLoadOptions({ url, players: 3, publishers: 5 })).toMatchObject({
      streams: 5,
      sampledPlayers: 3,
    })
    expect(resolveLoadOptions({ url, players: 3, publishers: 5, streams: 1 }).streams).toBe(1)
  })

  it('let publishers go elsewhere', () => {
    const options = { url: 'http://127.0.0.1/live/demo.flv', publishUrl: url, publishers: 1 }
    expect(resolveLoadOptions(options)).toMatchObject({
      play: { protocol: 'http-flv' },
      publish: { protocol: 'rtmp' },
    })
  })

  it.each<[Partial<LoadOptions>, string]>([
    [{}, 'nothing to do'],
    [{ players: 1.5 }, 'players'],
    [{ players: -1 }, 'players'],
    [{ players: 1, streams: 0 }, 'streams'],
    [{ players: 1, sampledPlayers: -1 }, 'sampledPlayers'],
    [{ players: 1, processes: 0 }, 'processes'],
    [{ publishers: 1, gopFrames: 1 }, 'gopFrames'],
    [{ publishers: 1, bitrate: 0 }, 'bitrate'],
    [{ publishers: 1, bitrate: 70_000 }, 'too few'],
    [{ publishers: 1, framesPerSecond: Number.NaN }, 'framesPerSecond'],
    [{ players: 1, stallMs: 0 }, 'stallMs'],
    [{ players: 1, rampSeconds: Number.POSITIVE_INFINITY }, 'rampSeconds'],
    [{ players: 1, durationSeconds: -1 }, 'durationSeconds'],
    [{ publishers: 1, url: 'ws://127.0.0.1/live/demo.flv' }, 'rtmp://'],
    [{ publishers: 1, publishUrl: 'http://127.0.0.1/live/demo.flv' }, 'rtmp://'],
  ])('%j can not be used', (options, why) => {
    expect(() => resolveLoadOptions({ url, ...options })).toThrow(ServerError)
    expect(() => resolveLoadOptions({ url, ...options })).toThrow(why)
  })
})

it.each([
  [10, 1, [10]],
  [10, 3, [4, 3, 3]],
  [1, 2, [1, 0]],
])('%d shared by %d processes', (count, processes, shares) => {
  expect(shares.map((_, index) => shareOf(count, index, processes))).toEqual(shares)
})
