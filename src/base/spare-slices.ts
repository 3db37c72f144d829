/** Bytes of a slice of `SlicedText`, but for the last one and for one longer text: some 90 clients of the API's list. */
export const SLICE_BYTES = 32_768

/** Slices that are kept for texts to come: 2 MiB, what a console that lists thousands of clients gets at once. */
const MAX_SPARE_SLICES = 64

/** So long after the last one came they are kept, ms. */
const KEPT_SLICES_MS = 60_000

/** Memory of texts that were sent, for the next ones: to have it collected as garbage, and new memory from the system, costs more. */
class SpareSlices {
  readonly #spare: Buffer[] = []
  #forgetting: NodeJS.Timeout | null = null

  /** One of `SLICE_BYTES`; what is in it means nothing. */
  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(SLICE_BYTES)
  }

  /** Takes back what `take` gave, and nobody has any more. */
  give(slices: readonly Buffer[]): void {
    for (const slice of slices) {
      if (this.#spare.length < MAX_SPARE_SLICES) {
        this.#spare.push(slice)
      }
    }
    this.#forgetting ??= setTimeout(() => {
      this.#forgetting = null
      this.#spare.length = 0
    }, KEPT_SLICES_MS).unref()
    this.#forgetting.refresh()
  }
}

/** The spare slices of this process. */
export const spareSlices: SpareSlices = new SpareSlices()
