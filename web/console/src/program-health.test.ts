import { describe, expect, it } from 'vitest'
import { FakeApi } from '../testing/fake-api.ts'
import type { ProgramInfo } from './api/answers.ts'
import { findProgramFault, PROGRAM_LIMITS } from './program-health.ts'

const [works] = new FakeApi({ streams: 1 }).programs() as [ProgramInfo]
const NOW = 1_800_000_000_000
const FAILED = {
  failures: 3,
  stalls: 1,
  last_error: 'it made nothing for 15 s\nframe=100',
  since_ms: NOW - 2_000,
}

function withProgress(progress: Partial<NonNullable<ProgramInfo['progress']>>): ProgramInfo {
  return {
    ...works,
    progress: { fps: 25, kbps: 500, speed: 1, time_ms: 60_000, ...progress },
  }
}

describe('what is said of a program', () => {
  it.each([
    works,
    { ...works, progress: null },
    withProgress({ speed: null }),
    // An average says little at first.
    withProgress({ speed: 0.4, time_ms: 3_000 }),
    { ...works, state: 'starting', since_ms: NOW - 1_000 },
    { ...works, state: 'waiting' },
    // What was once is no fault for ever.
    { ...works, ...FAILED, since_ms: NOW - PROGRAM_LIMITS.recentMs },
    { ...works, state: 'ended' },
  ])('is nothing while it does well: %#', (program) => {
    expect(findProgramFault(program, NOW)).toBeNull()
  })

  it.each([
    [{ state: 'failing', ...FAILED }, 'bad', 'is failing', 'is tried again and again'],
    [{ state: 'unavailable', last_error: 'there is no ffmpeg' }, 'bad', 'unavailable', 'there is no ffmpeg'],
    [{ state: 'waiting', ...FAILED }, 'bad', 'failed', 'It failed 3 times (stood still 1 time)'],
    [{ state: 'waiting', last_error: 'there are 100 already' }, 'warn', 'waits', 'there are 100 already'],
    [{ state: 'starting', ...FAILED }, 'bad', 'starts again', 'it made nothing for 15 s'],
    [{ state: 'starting', since_ms: NOW - 12_000 }, 'warn', 'makes nothing', 'It was started 12 s ago'],
    [{ state: 'running', ...FAILED }, 'warn', 'started again', 'started again 2 s ago: it made nothing'],
    [withProgress({ speed: 0.69 }), 'warn', 'too slow', '0.69 s of media a second'],
  ] as const)('is a word and a sentence when it does not: %#', (faulty, level, short, long) => {
    const fault = findProgramFault({ ...works, ...faulty }, NOW)
    expect(fault).toMatchObject({ level, short })
    expect(fault?.long).toContain(long)
  })
})
