import { type MediaKind, type OfEachKind, shortestStep } from '../../live/index.ts'
import { parseAudioTagBody, parseVideoTagBody } from '../../media/index.ts'
import type { MediaPacket } from '../../rtmp/index.ts'

/** How far back an origin may begin, ms: its cached GOP is older than what was seen of another. */
export const MAX_RESUMPTION_BACK_MS = 60_000

/** How far on it may begin, ms: what was missed meanwhile. */
export const MAX_RESUMPTION_GAP_MS = 60_000

const TWO_TO_32 = 0x100000000

/**
 * Whether what one origin sends goes on where another left off, where both have the time of one encoder: frames that were seen
 * already are told from new ones by it.
 */
export class ClockResumption {
  readonly #newest: OfEachKind<number | null>
  readonly #caughtUp: OfEachKind<boolean>
  #other = false

  /** @param newest timestamps of the last frames of each kind that were taken; null if there were none */
  constructor(newest: Readonly<OfEachKind<number | null>>) {
    this.#newest = { ...newest }
    this.#caughtUp = { audio: newest.audio === null, video: newest.video === null }
  }

  /** Both kinds have gone on: there is nothing more to tell. */
  get over(): boolean {
    return this.#other || (this.#caughtUp.audio && this.#caughtUp.video)
  }

  /**
   * What a packet is: seen already; new, to be taken; or of another clock, as is all that comes behind it.
   */
  judge(packet: MediaPacket): 'seen' | 'new' | 'other' {
    const kind = packet.kind as MediaKind
    const newest = this.#newest[kind]
    if (newest === null || this.#caughtUp[kind] || isHeader(packet)) {
      return 'new'
    }
    const step = shortestStep(newest, packet.timestamp, TWO_TO_32)
    if (step < -MAX_RESUMPTION_BACK_MS || step > MAX_RESUMPTION_GAP_MS) {
      this.#other = true
      return 'other'
    }
    if (step <= 0) {
      return 'seen'
    }
    this.#caughtUp[kind] = true
    return 'new'
  }
}

/** Headers carry no time; of those that say what is known nobody is told again. */
function isHeader({ kind, body }: MediaPacket): boolean {
  try {
    return (kind === 'video' ? parseVideoTagBody(body) : parseAudioTagBody(body)).sequenceHeader
  } catch {
    // What can't be read is left out where it is written, and counted there.
    return false
  }
}
