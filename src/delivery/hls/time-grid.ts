/**
 * The stream's own time, in slots of `fragmentMs`. Segments that end where a slot does are the same wherever they are made of the
 * same stream, whenever that was begun; and so are their numbers, which are those of their slots as long as each has a keyframe.
 */
export class TimeGrid {
  /** The slot in which the present run was met; it may have begun before. */
  #met: number | null = null

  /** The slot of a time. @param fragmentMs the length of all slots */
  slotOf(timestamp: number, fragmentMs: number): number {
    return Math.floor(timestamp / fragmentMs)
  }

  /** Whether a segment that begins there has all of its slot: one that was met in the middle is left to be. */
  isWhole(timestamp: number, fragmentMs: number): boolean {
    const slot = this.slotOf(timestamp, fragmentMs)
    this.#met ??= slot
    return slot !== this.#met
  }

  /** What comes does not follow what came. */
  restart(): void {
    this.#met = null
  }
}
