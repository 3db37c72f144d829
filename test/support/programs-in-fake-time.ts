import { expect, vi } from 'vitest'
import type { Logger } from '../../src/base/index.ts'
import { ProgramsRig } from '../../src/ffmpeg/program/testing/programs-rig.ts'

/** Stops the time, which goes by from then on when a test says so; programs in it. To be ended by `endFakeTime`. */
export function beginFakeTime(logger: Logger): ProgramsRig {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
  })
  return new ProgramsRig(logger, (ms) => vi.advanceTimersByTimeAsync(ms))
}

/** Ends the programs, which leave nothing behind, and has time go on by itself. */
export async function endFakeTime({ programs, guarded }: ProgramsRig): Promise<void> {
  await programs.close()
  expect(programs.statuses).toEqual([])
  expect([...guarded]).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
}
