/** Limit types of Set Peer Bandwidth (Adobe RTMP 1.0, 5.4.5). */
const LimitType = { hard: 0, soft: 1, dynamic: 2 } as const

/**
 * The window that we have asked the peer to acknowledge after, and what its Set Peer Bandwidth makes of it. What we send is
 * not held back by it: TCP does that.
 */
export class PeerBandwidth {
  #announcedBytes: number | null = null
  #effectiveBytes: number | null = null
  #wasHard = false

  /** We have announced this window. */
  onAnnounced(bytes: number): void {
    this.#announcedBytes = bytes
    this.#effectiveBytes = bytes
  }

  /**
   * The peer limits what we may have unacknowledged: hard, soft (no more than now), or dynamic (like the hard limit before
   * it, else nothing).
   * @returns the window to announce in answer; null if the peer knows it already
   */
  limit(bytes: number, type: number): number | null {
    const isHard = type === LimitType.hard || (type === LimitType.dynamic && this.#wasHard)
    if (bytes === 0 || (!isHard && type !== LimitType.soft)) {
      return null
    }
    this.#wasHard = isHard
    this.#effectiveBytes = isHard ? bytes : Math.min(bytes, this.#effectiveBytes ?? bytes)
    return this.#effectiveBytes === this.#announcedBytes ? null : this.#effectiveBytes
  }
}
