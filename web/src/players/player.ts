/** What a player reports about itself; what the `<video>` element knows is not repeated here. */
export type PlayerMeasurements = Readonly<{
  /** Seconds from the playhead to the newest media known, or `null` if that cannot be said. */
  latencySeconds: number | null
  /** Completes "seconds ..." for the reader: behind what the latency is measured. */
  latencyBasis: string
  /** Bits per second, or `null` before something was measured. */
  bitsPerSecond: number | null
  /** How the bit rate was measured. */
  bitRateBasis: string
  /** Frame rate the stream itself states, or `null`. */
  declaredFrameRate: number | null
}>

/**
 * Why a player stopped for good.
 * - `network`: the connection or a request failed, or the server ended it
 * - `media`: the media could not be read or decoded
 * - `unsupported`: this browser cannot play this kind of stream; trying again is of no use
 * - `outgrown`: the stream has got a picture or a sound beside what it had when the player was made; a new one plays both
 */
export type PlaybackFailure = Readonly<{
  kind: 'network' | 'media' | 'unsupported' | 'outgrown'
  /** What happened, for a person. */
  detail: string
  /** HTTP status, if it was an answer of the server. */
  status?: number
  /** The codec that is not supported, for people, if that is why. */
  codec?: string
}>

/** What a player is made from. */
export type PlayerOptions = Readonly<{
  /** Used by one player at a time. */
  video: HTMLVideoElement
  /** Absolute address of the stream. */
  url: string
  /** Whether the stream has audio and video; left out where it is not known. */
  hasAudio?: boolean
  hasVideo?: boolean
  /** Called once at most; media already buffered plays on until `destroy`. */
  onFailure: (failure: PlaybackFailure) => void
}>

/** Feeds one live stream to the `<video>` element from its making to `destroy`. */
export interface Player {
  /** A reading of the present moment. */
  measure(): PlayerMeasurements
  /** Moves the playhead as near to live as can be played without stalling. */
  goLive(): void
  /** Ends all loading and frees the element; idempotent, nothing is reported afterwards. */
  destroy(): void
}

/** Makes a player that starts to load at once. */
export type PlayerFactory = (options: PlayerOptions) => Player
