import type { Segment } from './segment-log.ts'
import type { StreamState } from './stream-state.ts'
import type { WireFormat } from './wire-format.ts'

/** What players get before the segment that they enter at; made once for each segment, so that a thousand newcomers cost one. */
export class Preludes {
  readonly #format: WireFormat
  readonly #built = new WeakMap<Segment, { first?: Uint8Array; again?: Uint8Array }>()

  /** @param format makes them */
  constructor(format: WireFormat) {
    this.#format = format
  }

  /** The prelude of a segment; `first` for a player that gets its first bytes. Shared: not to be changed. */
  of(segment: Segment, first: boolean): Uint8Array {
    const built = this.#built.get(segment) ?? {}
    const kind = first ? 'first' : 'again'
    const bytes =
      built[kind] ??
      this.#format.prelude({ state: presentState(segment.state), timestamp: segment.firstTimestamp, first })
    built[kind] = bytes
    this.#built.set(segment, built)
    return bytes
  }
}

/** A sequence header that an earlier publisher left behind would have players wait for a track that never comes. */
function presentState(state: StreamState): StreamState {
  return {
    ...state,
    videoSequenceHeader: state.hasVideo ? state.videoSequenceHeader : null,
    audioSequenceHeader: state.hasAudio ? state.audioSequenceHeader : null,
  }
}
