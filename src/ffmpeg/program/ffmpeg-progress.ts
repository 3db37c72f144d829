import { ms } from '../../base/index.ts'
import type { FfmpegProgress } from './status.ts'

/** A line of FFmpeg's progress that is longer is left out, bytes; its own have less than 40. */
export const MAX_PROGRESS_LINE_BYTES = 256

const LINE_FEED = 0x0a

/**
 * Reads what FFmpeg tells with `-progress`: lines of `key=value`, of which `progress=continue` or `progress=end` closes a report. What it
 * can't read it leaves out: another FFmpeg may say more, or say it in another way.
 */
export class FfmpegProgressReader {
  readonly #onProgress: (progress: FfmpegProgress) => void
  readonly #line = Buffer.alloc(MAX_PROGRESS_LINE_BYTES)
  #lineBytes = 0
  readonly #values = new Map<string, string>()

  /** @param onProgress told of each report */
  constructor(onProgress: (progress: FfmpegProgress) => void) {
    this.#onProgress = onProgress
  }

  /** Takes what comes, in pieces of any size; they are not kept. */
  push(bytes: Uint8Array): void {
    let start = 0
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, start)
      this.#append(bytes.subarray(start, end === -1 ? undefined : end))
      if (end === -1) {
        return
      }
      this.#endLine()
      start = end + 1
    }
  }

  #append(part: Uint8Array): void {
    this.#line.set(part.subarray(0, MAX_PROGRESS_LINE_BYTES - this.#lineBytes), this.#lineBytes)
    this.#lineBytes += part.length
  }

  #endLine(): void {
    const isWhole = this.#lineBytes <= MAX_PROGRESS_LINE_BYTES
    const line = isWhole ? this.#line.toString('latin1', 0, this.#lineBytes) : ''
    this.#lineBytes = 0
    const [, key, value] = /^(\w+)=\s*(\S+)\s*$/.exec(line) ?? []
    if (key === undefined || value === undefined) {
      return
    }
    if (key === 'progress') {
      this.#onProgress(this.#report())
      this.#values.clear()
    } else if (KEYS.has(key)) {
      this.#values.set(key, value)
    }
  }

  #report(): FfmpegProgress {
    return {
      frames: this.#number('frame') ?? 0,
      framesPerSecond: this.#number('fps') ?? 0,
      bitrateKbps: this.#number('bitrate'),
      speed: this.#number('speed'),
      mediaTimeMs: ms(this.#mediaTimeMs()),
      duplicatedFrames: this.#number('dup_frames') ?? 0,
      droppedFrames: this.#number('drop_frames') ?? 0,
      bytes: this.#number('total_size'),
    }
  }

  /** Before the first frame FFmpeg says nothing, `N/A`, or the smallest number there is. FFmpeg 4.1 and older know `out_time_ms` only. */
  #mediaTimeMs(): number {
    // Microseconds, both of them: the name of the older one is wrong.
    const microseconds = this.#number('out_time_us') ?? this.#number('out_time_ms') ?? 0
    return Math.floor(microseconds / 1000)
  }

  /** A number that may have a unit behind it, e.g. `18.8kbits/s` or `61.3x`; null of `N/A`, and of what is no number or below 0. */
  #number(key: string): number | null {
    const [digits] = /^\d{1,16}(?:\.\d{1,16})?(?:e\+\d{1,2})?/.exec(this.#values.get(key) ?? '') ?? []
    return digits === undefined ? null : Number(digits)
  }
}

/** What is kept of a report: an FFmpeg with many outputs tells the quality of each. */
const KEYS: ReadonlySet<string> = new Set([
  'frame',
  'fps',
  'bitrate',
  'total_size',
  'out_time_us',
  'out_time_ms',
  'dup_frames',
  'drop_frames',
  'speed',
])
