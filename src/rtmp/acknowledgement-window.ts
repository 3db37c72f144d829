/** Window after which the peer is told how much was received, until it names another, bytes. SRS: 2 500 000. */
export const DEFAULT_ACKNOWLEDGEMENT_WINDOW_BYTES = 2_500_000

/** A smaller window would have us send more acknowledgements than the peer sends media. */
export const MIN_ACKNOWLEDGEMENT_WINDOW_BYTES = 10_000

const TWO_TO_32 = 0x100000000

/** Says when the peer is to be told how many bytes have come from it (Adobe RTMP 1.0, 5.4.3 and 5.4.4). */
export class AcknowledgementWindow {
  #windowBytes = DEFAULT_ACKNOWLEDGEMENT_WINDOW_BYTES
  #ownBytes = Number.POSITIVE_INFINITY
  #acknowledged = 0

  /** The peer names its window; one under `MIN_ACKNOWLEDGEMENT_WINDOW_BYTES` counts as that. */
  set windowBytes(bytes: number) {
    this.#windowBytes = Math.max(bytes, MIN_ACKNOWLEDGEMENT_WINDOW_BYTES)
  }

  /** A window of our own, which holds where the peer's is larger, bytes; 0 for none. */
  set ownBytes(bytes: number) {
    this.#ownBytes =
      bytes === 0 ? Number.POSITIVE_INFINITY : Math.max(bytes, MIN_ACKNOWLEDGEMENT_WINDOW_BYTES)
  }

  /**
   * Takes the count of bytes received since the first.
   * @returns the sequence number to send, which wraps at 32 bits; null while half a window has not come
   */
  due(bytesReceived: number): number | null {
    if (bytesReceived - this.#acknowledged < Math.min(this.#windowBytes, this.#ownBytes) / 2) {
      return null
    }
    this.#acknowledged = bytesReceived
    return bytesReceived % TWO_TO_32
  }
}
