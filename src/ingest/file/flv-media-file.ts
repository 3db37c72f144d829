import { ProtocolError, toError } from '../../base/index.ts'
import { MAX_FORWARD_STEP_MS, MAX_INTERLEAVING_MS, shortestStep } from '../../live/index.ts'
import {
  type FlvTag,
  FlvTagReader,
  FlvTagType,
  parseAudioTagBody,
  parseVideoTagBody,
} from '../../media/index.ts'
import { BLOCK_BYTES, type BlockFile } from './block-file.ts'
import type { FileTag, MediaFile } from './media-file.ts'

/** An FLV file. It may be cut short anywhere, or be written still: it is played as far as it goes. */
export class FlvMediaFile implements MediaFile {
  readonly warnings: readonly string[] = []
  readonly #file: BlockFile

  /** @param file closed by `close` */
  constructor(file: BlockFile) {
    this.#file = file
  }

  async *tags(): AsyncGenerator<FileTag, void, undefined> {
    const reader = new FlvTagReader()
    const times = new FlvTimes()
    for (let number = 0; number * BLOCK_BYTES < this.#file.size; number++) {
      const block = await this.#file.readBlock(number)
      const tags: FlvTag[] = []
      let failure: Error | null = null
      try {
        reader.push(block, (tag) => tags.push(tag))
      } catch (error) {
        const { message } = toError(error)
        const offset = number * BLOCK_BYTES
        failure = new ProtocolError(`between bytes ${offset} and ${offset + block.length}: ${message}`, {
          cause: error,
        })
      }
      for (const tag of tags) {
        const { type, body } = tag
        const sequenceHeader = isSequenceHeader(tag)
        yield { type, body, sequenceHeader, positionMs: times.place(tag), durationMs: null }
      }
      if (failure !== null) {
        throw failure
      }
    }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

function isSequenceHeader({ type, body }: FlvTag): boolean {
  if (type === FlvTagType.script) {
    return false
  }
  try {
    return (type === FlvTagType.audio ? parseAudioTagBody(body) : parseVideoTagBody(body)).sequenceHeader
  } catch (error) {
    if (error instanceof ProtocolError) {
      // What can't be understood is for the stream to judge.
      return false
    }
    throw error
  }
}

/**
 * Where the tags of a file are in time, counted from its first audio or video: recordings of live streams begin anywhere, and
 * their clock, of 32 bits or of 31 (FFmpeg, SRS), may wrap.
 */
class FlvTimes {
  /** The last tag's time as the file says it, and where that is; null before the first audio or video. */
  #last: { timestampMs: number; positionMs: number } | null = null
  #newestMs = 0

  /** The position of the file's next tag, ms; metadata has that of the tag before it. */
  place({ type, timestampMs }: FlvTag): number {
    if (type === FlvTagType.script) {
      return this.#newestMs
    }
    this.#last ??= { timestampMs, positionMs: 0 }
    const sinceFirstMs = this.#last.positionMs + stepBetween(this.#last.timestampMs, timestampMs)
    this.#last = { timestampMs, positionMs: sinceFirstMs }
    this.#newestMs = Math.max(sinceFirstMs, 0)
    return this.#newestMs
  }
}

/** From one tag's time to that of the next: over the end of the clock if that is near, else as it stands there. */
function stepBetween(fromMs: number, toMs: number): number {
  // A step that is short on a clock of 31 bits is so on one of 32, too.
  const stepMs = shortestStep(fromMs, toMs, 0x80000000)
  return stepMs >= -MAX_INTERLEAVING_MS && stepMs <= MAX_FORWARD_STEP_MS ? stepMs : toMs - fromMs
}
