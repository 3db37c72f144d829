import { expect, it } from 'vitest'
import { type Clock, type Ms, ms } from '../../base/index.ts'
import { StallWatch } from './stall-watch.ts'
import type { FfmpegProgress } from './status.ts'

/** A clock that stands still until it is moved. */
class HandClock implements Clock {
  #now = 1000

  readonly now = (): Ms => ms(this.#now)

  readonly wallTime = this.now

  advance(byMs: number): void {
    this.#now += byMs
  }
}

const at = (frames: number, mediaTimeMs: number): FfmpegProgress => ({
  frames,
  mediaTimeMs: ms(mediaTimeMs),
  framesPerSecond: 0,
  bitrateKbps: null,
  speed: null,
  duplicatedFrames: 0,
  droppedFrames: 0,
  bytes: null,
})

it('Progress is what goes further than ever: frames or media time', () => {
  const watch = new StallWatch(new HandClock())
  const told = [at(0, 0), at(1, 0), at(1, 0), at(1, 40), at(0, 20), at(1, 40), at(2, 20)]
  expect(told.map((progress) => watch.advance(progress))).toEqual([
    false,
    true,
    false,
    true,
    false,
    false,
    true,
  ])
})

it('Standstill is counted while progress is expected, and begins anew with progress', () => {
  const clock = new HandClock()
  const watch = new StallWatch(clock)
  const look = (isExpected: boolean): number => {
    clock.advance(1000)
    return watch.look(isExpected)
  }
  expect([look(true), look(true), look(false), look(true)]).toEqual([1000, 2000, 0, 1000])
  watch.advance(at(1, 40))
  expect(look(true)).toBe(1000)
})

it('Time in which nobody looked is no standstill: what the program said meanwhile is not read yet', () => {
  const clock = new HandClock()
  const watch = new StallWatch(clock)
  clock.advance(60_000)
  expect(watch.look(true)).toBe(1000)
})
