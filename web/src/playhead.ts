/** A playhead that has stood still for longer, in ms, no longer counts as playing. */
export const STANDSTILL_MS = 1_200

/** Watches whether the playhead moves. Times are in ms on any one clock. */
export class Playhead {
  #position = 0
  #movedAt = Number.NEGATIVE_INFINITY

  /** Takes a reading of the playhead in seconds; says whether it moved forward since the last. */
  read(position: number, now: number): boolean {
    const moved = position > this.#position
    this.#position = position
    if (moved) {
      this.#movedAt = now
    }
    return moved
  }

  /** Whether it has moved a moment ago. */
  isMoving(now: number): boolean {
    return now - this.#movedAt < STANDSTILL_MS
  }

  /** How long it has stood still; infinite if it never moved since the last reset. */
  standstill(now: number): number {
    return now - this.#movedAt
  }

  /** For a new player: what comes starts from a standstill. */
  reset(): void {
    this.#position = Number.POSITIVE_INFINITY
    this.#movedAt = Number.NEGATIVE_INFINITY
  }
}
