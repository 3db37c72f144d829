import type { ProgramInfo } from './api/answers.ts'
import { counted, duration } from './format.ts'
import type { Finding } from './health.ts'

/** From where on something is worth a word. */
export const PROGRAM_LIMITS = {
  /** Started for so long, ms, and nothing made yet. */
  silentStartMs: 10_000,
  /** It was started again no longer ago than that, ms. */
  recentMs: 60_000,
  /** Media for each second that goes by. */
  speed: 0.9,
  /** The speed is an average from the start on: before so much media, ms, it says little. */
  settledMs: 20_000,
} as const

/**
 * What is wrong with a program; null if nothing is.
 * @param now ms since the Unix epoch
 */
export function findProgramFault(program: ProgramInfo, now: number): Finding | null {
  const { state, failures, stalls, since_ms, progress } = program
  // What it wrote last is for the list of programs, and for its log.
  const [error = ''] = (program.last_error ?? '').split('\n', 1)
  const times = `${counted(failures, 'time')}${stalls === 0 ? '' : ` (stood still ${counted(stalls, 'time')})`}`
  const ago = duration((now - since_ms) / 1000)
  switch (state) {
    case 'failing':
      return {
        level: 'bad',
        short: 'is failing',
        long: `It failed ${times}, and is tried again and again: ${error}`,
      }
    case 'unavailable':
      return { level: 'bad', short: 'unavailable', long: `It can't be started: ${error}` }
    case 'waiting':
      if (failures > 0) {
        return { level: 'bad', short: 'failed', long: `It failed ${times}, and is started again: ${error}` }
      }
      return error === '' ? null : { level: 'warn', short: 'waits', long: `It is not started yet: ${error}` }
    case 'starting':
      if (failures > 0) {
        return { level: 'bad', short: 'starts again', long: `It failed ${times}, and starts again: ${error}` }
      }
      return now - since_ms < PROGRAM_LIMITS.silentStartMs
        ? null
        : {
            level: 'warn',
            short: 'makes nothing',
            long: `It was started ${ago} ago, and has made nothing yet.`,
          }
    case 'running':
      if (failures > 0 && now - since_ms < PROGRAM_LIMITS.recentMs) {
        return { level: 'warn', short: 'started again', long: `It was started again ${ago} ago: ${error}` }
      }
      return ofSpeed(progress)
    default:
      return null
  }
}

function ofSpeed(progress: ProgramInfo['progress']): Finding | null {
  if (
    progress === null ||
    progress.speed === null ||
    progress.speed >= PROGRAM_LIMITS.speed ||
    progress.time_ms < PROGRAM_LIMITS.settledMs
  ) {
    return null
  }
  return {
    level: 'warn',
    short: 'too slow',
    long: `It makes ${progress.speed.toFixed(2)} s of media a second, and falls behind: give it smaller pictures, a faster preset or a machine with room.`,
  }
}
