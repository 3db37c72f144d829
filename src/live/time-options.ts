import { ServerError } from '../base/index.ts'

const TIME_JITTERS = ['full', 'zero', 'off'] as const

/**
 * How the publisher's clock becomes the stream's; for players, HLS and files alike. A change counts for publications that begin
 * from then on.
 */
export type TimeOptions = Readonly<{
  /**
   * What is done about a publisher's clock that jumps or goes back. SRS: time_jitter. Default 'full'.
   *
   * - `full`: one clock that continues. Jumps are closed up, also where a publisher returns; a clean clock passes unchanged.
   * - `zero`: each jump is kept, but the stream begins at 0 and a publisher that returns continues it.
   * - `off`: the publisher's clock as it is. A step back is the rest of the way round 2^32 ms, where RTMP and FLV wrap, so
   *   that what they carry is the publisher's time, and nothing inside goes back.
   */
  timeJitter: (typeof TIME_JITTERS)[number]
  /**
   * Puts audio and video in the order of their times, for players that need it; holds up to `MAX_MIXED_FRAMES` frames back
   * where one of the two stays out. SRS: mix_correct. Default false.
   */
  mixCorrect: boolean
  /**
   * Keeps the publisher's absolute time, as 'off' does, whatever `timeJitter` says: so that several servers that one encoder
   * feeds give a frame the same time, and a player may change between them. SRS: atc. Default false.
   */
  atc: boolean
  /** Turns `atc` on for publishers whose metadata has `bravo_atc` = "true". SRS: atc_auto. Default false. */
  atcAuto: boolean
}>

/** The defaults of `TimeOptions`. */
export const defaultTimeOptions: TimeOptions = {
  timeJitter: 'full',
  mixCorrect: false,
  atc: false,
  atcAuto: false,
}

/**
 * Looks at what a program gave that is not type-checked.
 * @throws ServerError ERR_CONFIGURATION if an option has no usable value
 */
export function checkTimeOptions({ timeJitter, ...switches }: TimeOptions): void {
  if (!TIME_JITTERS.includes(timeJitter)) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `timeJitter is ${JSON.stringify(timeJitter)}: must be one of ${TIME_JITTERS.join(', ')}`,
    )
  }
  for (const name of ['mixCorrect', 'atc', 'atcAuto'] as const) {
    if (typeof switches[name] !== 'boolean') {
      throw new ServerError(
        'ERR_CONFIGURATION',
        `${name} is ${JSON.stringify(switches[name])}: must be true or false`,
      )
    }
  }
}
